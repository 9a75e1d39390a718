import CCurl

/// Requests to addresses that other people gave us: webhooks, favicons, verification of an installation.
///
/// Only http and https, only to the public internet (checked in the moment of connecting, so that redirects and
/// changes of the DNS are covered), only so large and only so long. Nothing comes from the environment: no
/// proxy, no .netrc. Certificates are verified.
package struct HTTPClient: Sendable {
    package struct Options: Sendable {
        /// Addresses beyond the public internet that may be connected to.
        package var allowed: AddressGuard
        /// How many hops are followed. From https it never leads to http.
        package var redirects: Int
        /// Largest body of an answer, in bytes.
        package var responseLimit: Int
        /// From the call to the last byte of the answer.
        package var deadline: Duration

        package init(
            allowed: AddressGuard = AddressGuard(), redirects: Int = 3, responseLimit: Int = 1 << 20,
            deadline: Duration = .seconds(10)
        ) {
            self.allowed = allowed
            self.redirects = redirects
            self.responseLimit = responseLimit
            self.deadline = deadline
        }
    }

    package let options: Options

    package init(_ options: Options = Options()) {
        self.options = options
    }

    /// Throws an ``HTTPFailure``, or CancellationError within a second of the task's cancellation.
    package func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        let scheme = try Self.scheme(of: request.url)
        for header in request.headers {
            guard Self.isWellFormed(header) else { throw HTTPFailure.invalidHeader(header.name) }
        }
        return try await Curl.run(within: options.deadline) { [options] patience in
            let transfer = try Transfer(
                patience: patience, guarding: options.allowed, limit: options.responseLimit)
            do {
                try transfer.prepare(request, scheme: scheme, options)
                try transfer.perform()
            } catch let failure as CurlFailure {
                throw transfer.explain(failure)
            }
            return transfer.response
        }
    }

    private static func scheme(of url: String) throws -> String {
        let parts = curl_url()
        defer { curl_url_cleanup(parts) }
        var scheme: UnsafeMutablePointer<CChar>?
        guard !url.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }),
            curl_url_set(parts, CURLUPART_URL, url, UInt32(CURLU_DISALLOW_USER)) == CURLUE_OK,
            curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK, let scheme
        else { throw HTTPFailure.invalidURL }
        defer { curl_free(scheme) }
        let name = String(cString: scheme)
        guard name == "http" || name == "https" else { throw HTTPFailure.invalidURL }
        return name
    }

    private static func isWellFormed(_ header: (name: String, value: String)) -> Bool {
        let token = header.name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        return token && !header.name.isEmpty && header.value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    }
}

extension Transfer {
    fileprivate func prepare(_ request: HTTPRequest, scheme: String, _ options: HTTPClient.Options) throws {
        try set(CURLOPT_URL, request.url)
        try set(CURLOPT_PROTOCOLS_STR, "http,https")
        try set(CURLOPT_REDIR_PROTOCOLS_STR, scheme == "https" ? "https" : "http,https")
        try set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1)
        try set(CURLOPT_FOLLOWLOCATION, options.redirects > 0 ? 1 : 0)
        try set(CURLOPT_MAXREDIRS, options.redirects)
        try set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        try set(CURLOPT_USERAGENT, "Mochi")
        switch request.method {
        case .get: try set(CURLOPT_HTTPGET, 1)
        case .head: try set(CURLOPT_NOBODY, 1)
        case .delete: try set(CURLOPT_CUSTOMREQUEST, "DELETE")
        case .post(let body):
            try set(CURLOPT_POST, 1)
            try set(CURLOPT_POSTFIELDSIZE_LARGE, offset: body.count)
            try set(CURLOPT_COPYPOSTFIELDS, copying: body)
        }
        // "Name;" is curl's way to write a header without a value. It waits for no "100 Continue".
        var lines = request.headers.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
        lines.append("Expect:")
        try set(CURLOPT_HTTPHEADER, list: lines)
    }

    fileprivate func explain(_ failure: CurlFailure) -> HTTPFailure {
        switch failure.code {
        case _ where overflowed: .responseTooLarge
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_LOGIN_DENIED: .invalidURL
        case CURLE_COULDNT_RESOLVE_HOST: .unknownHost
        case CURLE_COULDNT_CONNECT: refused.map { .refusedAddress($0) } ?? .cannotConnect
        case CURLE_OPERATION_TIMEDOUT: .deadlineExceeded
        case CURLE_TOO_MANY_REDIRECTS: .tooManyRedirects
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM,
            CURLE_SSL_CACERT_BADFILE:
            .insecure(failure.description)
        default: .broken(failure.description)
        }
    }

    fileprivate var response: HTTPResponse {
        let lines = head.split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
        let headers = lines.dropFirst().compactMap { line -> (name: String, value: String)? in
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return nil }
            let blank = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
            var value = line[(colon + 1)...].drop(while: blank)
            while let last = value.last, blank(last) { value.removeLast() }
            return (String(decoding: line[..<colon], as: UTF8.self), String(decoding: value, as: UTF8.self))
        }
        return HTTPResponse(
            status: get(CURLINFO_RESPONSE_CODE), headers: headers, body: received,
            url: text(CURLINFO_EFFECTIVE_URL))
    }
}
