import CCurl
import NIOPosix
import Synchronization

/// libcurl, whose calls block: on threads of their own, with one deadline, ended early by cancellation.
enum Curl {
    /// Started on first use, and there until the process ends.
    private static let threads: NIOThreadPool = {
        _ = curl_start()
        let threads = NIOThreadPool(numberOfThreads: 8)
        threads.start()
        return threads
    }()

    /// Runs a blocking body. Waiting for a thread counts in the deadline.
    static func run<R: Sendable>(
        within limit: Duration, _ body: @escaping @Sendable (Patience) throws -> R
    ) async throws -> R {
        let patience = Patience(until: .now + limit)
        return try await withTaskCancellationHandler {
            try await threads.runIfActive { try body(patience) }
        } onCancel: {
            patience.cancel()
        }
    }
}

/// How long a blocking call may go on.
final class Patience: Sendable {
    private let end: ContinuousClock.Instant
    private let cancelled = Atomic(false)

    init(until end: ContinuousClock.Instant) {
        self.end = end
    }

    func cancel() {
        cancelled.store(true, ordering: .relaxed)
    }

    var isCancelled: Bool { cancelled.load(ordering: .relaxed) }

    /// Not positive when the time is over.
    var milliseconds: Int {
        let left = ContinuousClock.now.duration(to: end)
        return Int(left.components.seconds) * 1000 + Int(left.components.attoseconds / 1_000_000_000_000_000)
    }
}

/// One easy handle with what every transfer of ours has in common, and what its callbacks write to.
///
/// Lives on one thread for the length of one transfer.
final class Transfer {
    let handle: UnsafeMutableRawPointer
    let patience: Patience

    /// The addresses that may be connected to; nil for a server that the operator chose.
    let guarding: AddressGuard?
    /// The address that was refused, if one was.
    var refused: String?

    /// What is sent, and how far it is.
    let upload: [UInt8]
    var sent = 0

    /// What has come, and how much may come.
    let limit: Int
    var received: [UInt8] = []
    var head: [UInt8] = []
    var overflowed = false

    private var lists: [UnsafeMutablePointer<curl_slist>] = []

    static let headLimit = 64 * 1024

    init(patience: Patience, guarding: AddressGuard?, upload: [UInt8] = [], limit: Int = 0) throws {
        guard let handle = curl_easy_init() else { throw CurlFailure(code: CURLE_FAILED_INIT) }
        self.handle = handle
        self.patience = patience
        self.guarding = guarding
        self.upload = upload
        self.limit = limit
    }

    deinit {
        curl_easy_cleanup(handle)
        for list in lists { curl_slist_free_all(list) }
    }

    func set(_ option: CURLoption, _ value: Int) throws { try check(curl_set_long(handle, option, value)) }
    func set(_ option: CURLoption, _ value: String) throws { try check(curl_set_text(handle, option, value)) }
    func set(_ option: CURLoption, offset value: Int) throws {
        try check(curl_set_offset(handle, option, value))
    }

    /// Takes the bytes along; their number must have been set before.
    func set(_ option: CURLoption, copying bytes: [UInt8]) throws {
        let code = bytes.withUnsafeBytes { bytes in
            // No pointer at all would mean: ask the read callback.
            curl_set_pointer(handle, option, UnsafeMutableRawPointer(mutating: bytes.baseAddress) ?? handle)
        }
        try check(code)
    }

    /// curl keeps a pointer to the list, so the list lives as long as the handle.
    func set(_ option: CURLoption, list values: [String]) throws {
        var list: UnsafeMutablePointer<curl_slist>?
        for value in values {
            guard let longer = curl_slist_append(list, value) else {
                curl_slist_free_all(list)
                throw CurlFailure(code: CURLE_OUT_OF_MEMORY)
            }
            list = longer
        }
        if let list { lists.append(list) }
        try check(curl_set_list(handle, option, list))
    }

    func get(_ info: CURLINFO) -> Int {
        var value = 0
        return curl_get_long(handle, info, &value) == CURLE_OK ? value : 0
    }

    func text(_ info: CURLINFO) -> String {
        var value: UnsafeMutablePointer<CChar>?
        guard curl_get_text(handle, info, &value) == CURLE_OK, let value else { return "" }
        return String(cString: value)
    }

    /// Runs the transfer to its end.
    ///
    /// Throws CancellationError, or a ``CurlFailure``.
    func perform() throws {
        try prepare()
        let code = curl_easy_perform(handle)
        if patience.isCancelled { throw CancellationError() }
        try check(code)
    }

    private func prepare() throws {
        if patience.isCancelled { throw CancellationError() }
        let milliseconds = patience.milliseconds
        guard milliseconds > 0 else { throw CurlFailure(code: CURLE_OPERATION_TIMEDOUT) }
        try set(CURLOPT_TIMEOUT_MS, milliseconds)
        try set(CURLOPT_CONNECTTIMEOUT_MS, min(milliseconds, 10_000))
        // Signals and threads do not go together; curl resolves names on a thread of its own instead.
        try set(CURLOPT_NOSIGNAL, 1)
        // Nothing from the environment or the home directory of whoever runs this.
        try set(CURLOPT_PROXY, "")
        try set(CURLOPT_NETRC, 0)
        try set(CURLOPT_SSL_VERIFYPEER, 1)
        try set(CURLOPT_SSL_VERIFYHOST, 2)

        // self outlives the handle, and the handle the callbacks.
        let me = Unmanaged.passUnretained(self).toOpaque()
        try check(curl_set_pointer(handle, CURLOPT_WRITEDATA, me))
        try check(curl_set_pointer(handle, CURLOPT_HEADERDATA, me))
        try check(curl_set_pointer(handle, CURLOPT_READDATA, me))
        try check(curl_set_pointer(handle, CURLOPT_XFERINFODATA, me))
        try check(curl_set_pointer(handle, CURLOPT_OPENSOCKETDATA, me))
        try check(curl_set_write(handle, Self.write))
        try check(curl_set_header(handle, Self.header))
        try check(curl_set_read(handle, Self.read))
        try check(curl_set_progress(handle, Self.progress))
        try check(curl_set_open_socket(handle, Self.openSocket))
        try set(CURLOPT_NOPROGRESS, 0)
    }

    private func check(_ code: CURLcode) throws {
        if code != CURLE_OK { throw CurlFailure(code: code) }
    }
}

/// What libcurl said when it did not work out.
struct CurlFailure: Error, CustomStringConvertible {
    let code: CURLcode

    var description: String { String(cString: curl_easy_strerror(code)) }
}
