import CLibPQ

/// Cancels what a connection is doing, from another thread: libpq allows it for `PGcancel` alone.
final class Canceller: @unchecked Sendable {
    private let pointer: OpaquePointer?

    init(_ pointer: OpaquePointer?) {
        self.pointer = pointer
    }

    deinit {
        PQfreeCancel(pointer)
    }

    /// Blocks until the server has heard of it; the statement ends soon after, if it has not ended before.
    func cancel() {
        guard let pointer else { return }
        var reason = [CChar](repeating: 0, count: 256)
        _ = PQcancel(pointer, &reason, Int32(reason.count))
    }
}
