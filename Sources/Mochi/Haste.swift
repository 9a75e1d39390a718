import Glibc
import Synchronization

/// The running children, for whoever cannot wait any longer.
final class Haste: Sendable {
    private let children = Mutex<[pid_t: Int32]>([:])

    /// `last` is the signal that ends it at once.
    func entered(_ id: pid_t, last: Int32) {
        children.withLock { $0[id] = last }
    }

    func left(_ id: pid_t) {
        children.withLock { _ = $0.removeValue(forKey: id) }
    }

    func endAll() {
        children.withLock { children in
            for (id, signal) in children { kill(id, signal) }
        }
    }
}
