import CLibPQ
import Glibc
import Logging
import NIOPosix
import Synchronization

extension Database {
    /// What NOTIFY sends on some channels, for as long as somebody iterates.
    package func notifications(on channels: [String]) -> Notifications {
        Notifications(database: self, channels: channels)
    }
}

/// An endless sequence over LISTEN that reconnects by itself.
///
/// PostgreSQL keeps nothing for those who are away, so each time that it begins to listen (again) there is a
/// ``Event/listening``: whatever was read before may be out of date and is to be read anew.
package struct Notifications: AsyncSequence, Sendable {
    package enum Event: Sendable, Equatable {
        case listening
        case message(channel: String, payload: String)
    }

    package typealias Element = Event

    let database: Database
    let channels: [String]

    package func makeAsyncIterator() -> AsyncStream<Event>.Iterator {
        let (events, continuation) = AsyncStream.makeStream(of: Event.self, bufferingPolicy: .unbounded)
        let wake = WakePipe()
        let thread = NIOThreadPool(numberOfThreads: 1)
        thread.start()
        continuation.onTermination = { _ in
            wake.signal()
            thread.shutdownGracefully { _ in }
        }
        let listener = Listener(
            database: database, channels: channels, wake: wake, continuation: continuation)
        thread.submit { state in
            if state == .active { listener.listen() }
            continuation.finish()
        }
        return events.makeAsyncIterator()
    }
}

/// Wakes a thread that sits in `poll`.
private final class WakePipe: Sendable {
    let readEnd: Int32
    private let writeEnd: Int32
    private let signalled = Mutex(false)

    init() {
        var ends: [Int32] = [-1, -1]
        precondition(pipe(&ends) == 0, "no file descriptor left for a pipe")
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        (readEnd, writeEnd) = (ends[0], ends[1])
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    var isSignalled: Bool { signalled.withLock { $0 } }

    func signal() {
        signalled.withLock { $0 = true }
        var byte: UInt8 = 1
        _ = write(writeEnd, &byte, 1)
    }
}

private struct Listener: Sendable {
    let database: Database
    let channels: [String]
    let wake: WakePipe
    let continuation: AsyncStream<Notifications.Event>.Continuation

    /// Listens until it is woken; after a lost connection tries again, ever more slowly.
    func listen() {
        var pause: Int32 = 100
        while !wake.isSignalled {
            do {
                try listenOnce { pause = 100 }
            } catch {
                database.logger.debug("LISTEN was interrupted", metadata: ["reason": "\(error)"])
            }
            if wake.isSignalled { return }
            _ = waitReadable(nil, milliseconds: pause)
            pause = min(pause * 2, 2_000)
        }
    }

    private func listenOnce(_ connected: () -> Void) throws {
        let connection = try database.dedicatedConnection()
        for channel in channels { try connection.execute("LISTEN \(identifier: channel)") }
        connected()
        guard yield(.listening) else { return }
        while !wake.isSignalled {
            while let next = PQnotifies(connection.pointer) {
                defer { PQfreemem(next) }
                let event = Notifications.Event.message(
                    channel: String(cString: next.pointee.relname),
                    payload: String(cString: next.pointee.extra))
                guard yield(event) else { return }
            }
            // A look at the connection every ten seconds finds one that vanished without a word.
            if !waitReadable(PQsocket(connection.pointer), milliseconds: 10_000) {
                try connection.execute("SELECT 1")
            }
            if PQconsumeInput(connection.pointer) == 0 { throw connection.lost() }
        }
    }

    private func yield(_ event: Notifications.Event) -> Bool {
        if case .terminated = continuation.yield(event) { return false }
        return true
    }

    /// True when `socket` has something to read, false when the time is over or the listener is woken.
    private func waitReadable(_ socket: Int32?, milliseconds: Int32) -> Bool {
        var descriptors = [
            pollfd(fd: wake.readEnd, events: Int16(POLLIN), revents: 0),
            pollfd(fd: socket ?? -1, events: Int16(POLLIN), revents: 0),
        ]
        return poll(&descriptors, 2, milliseconds) > 0 && descriptors[1].revents != 0
    }
}
