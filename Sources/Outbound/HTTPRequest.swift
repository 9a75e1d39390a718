/// A request to somebody else's server.
package struct HTTPRequest: Sendable {
    package enum Method: Sendable {
        case get, head, delete
        /// With its body.
        case post([UInt8])
    }

    package var method: Method
    package var url: String
    package var headers: [(name: String, value: String)]

    package init(_ method: Method, _ url: String, headers: [(name: String, value: String)] = []) {
        self.method = method
        self.url = url
        self.headers = headers
    }
}

/// What the last hop answered. Any status is an answer, not an error.
package struct HTTPResponse: Sendable {
    package let status: Int
    package let headers: [(name: String, value: String)]
    package let body: [UInt8]
    /// Where it came from, after redirects.
    package let url: String

    /// The first value of a header, whatever the case of its name.
    package func header(_ name: String) -> String? {
        let name = name.lowercased()
        return headers.first { $0.name.lowercased() == name }?.value
    }
}

/// Why there is no answer.
package enum HTTPFailure: Error, Equatable, CustomStringConvertible {
    /// Not an http or https URL, or one with a user name.
    case invalidURL
    /// A name that is not a token, or a value with a control character.
    case invalidHeader(String)
    /// The host is, or leads to, an address that requests may not go to.
    case refusedAddress(String)
    case unknownHost
    case cannotConnect
    /// The server's certificate or handshake is not in order.
    case insecure(String)
    case tooManyRedirects
    case responseTooLarge
    case deadlineExceeded
    case broken(String)

    package var description: String {
        switch self {
        case .invalidURL: "the URL is not an http or https address without a user name"
        case .invalidHeader(let name): "the header \(name) is not well-formed"
        case .refusedAddress(let address): "requests to \(address) are not allowed"
        case .unknownHost: "the host has no address"
        case .cannotConnect: "the host does not accept connections"
        case .insecure(let why): "no secure connection: \(why)"
        case .tooManyRedirects: "the server redirects too often"
        case .responseTooLarge: "the answer is too large"
        case .deadlineExceeded: "there was no complete answer in time"
        case .broken(let why): "the transfer broke: \(why)"
        }
    }
}
