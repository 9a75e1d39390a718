import Synchronization

/// One piece of work between its caller, who waits in a task, and the thread that runs it.
///
/// Whoever comes first settles it: the thread that begins it, the deadline for beginning, or cancellation. Once
/// begun only the thread ends it; cancelling then stops the statement on the server.
final class Lease<Result: Sendable>: Sendable {
    private enum State: Sendable {
        case new
        case waiting(CheckedContinuation<Result, any Error>)
        case running(CheckedContinuation<Result, any Error>, Canceller?, cancelled: Bool)
        case settled(cancelledEarly: Bool)
    }

    private let state = Mutex(State.new)

    /// False if it was cancelled before; then the continuation has been resumed.
    func wait(_ continuation: CheckedContinuation<Result, any Error>) -> Bool {
        let settled = state.withLock { state -> Bool in
            if case .settled = state { return true }
            state = .waiting(continuation)
            return false
        }
        if settled { continuation.resume(throwing: CancellationError()) }
        return !settled
    }

    /// False if nobody waits any more.
    func begin() -> Bool {
        state.withLock { state in
            guard case .waiting(let continuation) = state else { return false }
            state = .running(continuation, nil, cancelled: false)
            return true
        }
    }

    /// Names the connection on which a cancellation has to act from now on. False if it was cancelled already.
    func hold(_ canceller: Canceller) -> Bool {
        state.withLock { state in
            guard case .running(let continuation, _, let cancelled) = state else { return false }
            state = .running(continuation, canceller, cancelled: cancelled)
            return !cancelled
        }
    }

    /// From now on a cancellation touches no connection. True if one was on its way: then the connection may still
    /// be hit by it and must not be used again.
    func letGo() -> Bool {
        state.withLock { state in
            guard case .running(let continuation, _, let cancelled) = state else { return true }
            state = .running(continuation, nil, cancelled: cancelled)
            return cancelled
        }
    }

    func end(_ result: Swift.Result<Result, any Error>) {
        let (continuation, cancelled) = state.withLock { state in
            guard case .running(let continuation, _, let cancelled) = state else {
                return (nil as CheckedContinuation<Result, any Error>?, false)
            }
            state = .settled(cancelledEarly: false)
            return (continuation, cancelled)
        }
        if cancelled, case .failure = result {
            continuation?.resume(throwing: CancellationError())
        } else {
            continuation?.resume(with: result)
        }
    }

    /// Gives up waiting. No effect once it runs.
    ///
    /// - Parameter before: done before the one who waits is told, if it is.
    func giveUp(_ error: any Error, _ before: () -> Void) -> Bool {
        let continuation = state.withLock { state -> CheckedContinuation<Result, any Error>? in
            switch state {
            case .waiting(let continuation):
                state = .settled(cancelledEarly: true)
                return continuation
            case .new:
                state = .settled(cancelledEarly: true)
                return nil
            case .running, .settled:
                return nil
            }
        }
        guard let continuation else { return false }
        before()
        continuation.resume(throwing: error)
        return true
    }

    /// Marks it cancelled; answers the connection to cancel, if it is on one.
    func cancelRunning() -> Bool {
        state.withLock { state in
            guard case .running(let continuation, let canceller, _) = state else { return false }
            state = .running(continuation, canceller, cancelled: true)
            return canceller != nil
        }
    }

    /// Cancels the statement on the server. Blocks; holds the lock, so that the connection cannot go to somebody
    /// else in between.
    func cancelStatement() {
        state.withLock { state in
            if case .running(_, let canceller?, cancelled: true) = state { canceller.cancel() }
        }
    }
}
