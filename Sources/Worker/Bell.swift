import Synchronization

/// Wakes everybody who waits for work. A ring that nobody waits for is not lost: whoever comes next goes on at
/// once.
package final class Bell: Sendable {
    private let ears = Mutex<[AsyncStream<Void>.Continuation]>([])

    package init() {}

    /// Rings for one listener, several of them taken together as one. Make it before the first ring that counts.
    package func listen() -> AsyncStream<Void> {
        let (rings, ear) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        ears.withLock { $0.append(ear) }
        return rings
    }

    package func ring() {
        for ear in ears.withLock({ $0 }) { ear.yield() }
    }
}
