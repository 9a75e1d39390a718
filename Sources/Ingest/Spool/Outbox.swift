import FoundationEssentials
import NIOCore

/// What one event loop has accepted and not yet answered: gathers the frames of one turn of the loop, hands them to
/// the spool together, and answers their senders together when they are on disk. Used on its loop alone.
final class Outbox {
    /// Who waits for the frames of a turn.
    struct Waiter {
        /// Called on the loop: whether they are on disk.
        var settle: (Bool) -> Void
    }

    private struct DropKey: Hashable {
        var site: UUID
        var reason: DropReason
        var detail: String
    }

    private let loop: any EventLoop
    private let spool: Spool
    private var frames: [UInt8] = []
    private var count = 0
    private var oldest = Int64.max
    private var drops: [DropKey: (count: Int, at: Int64)] = [:]
    private var waiters: [Waiter] = []
    private var handedOver = CircularBuffer<[Waiter]>()
    private var isScheduled = false
    private var shares = FairShares<UUID>()

    init(loop: any EventLoop, spool: Spool) {
        self.loop = loop
        self.spool = spool
    }

    /// Whether there is room for another event of a site; above half of the capacity only for those that do not take
    /// more than their share.
    func admits(_ site: UUID) -> Bool {
        shares.admits(site, filled: spool.waitingBytes + frames.count, of: spool.options.capacity)
    }

    func add(_ event: borrowing Event) {
        if frames.capacity == 0 { frames.reserveCapacity(1 << 15) }
        Record.append(event, to: &frames)
        count += 1
        oldest = min(oldest, event.receivedAt)
        schedule()
    }

    /// Counts a refusal. Those of one turn become one frame for each kind.
    func add(_ drop: Drop, site: UUID, at now: Int64) {
        let key = DropKey(site: site, reason: drop.reason, detail: drop.detail)
        drops[key, default: (0, now)].count += 1
        schedule()
    }

    /// Calls `settle` when everything that was added before is on disk, or refused.
    func whenSettled(_ settle: @escaping (Bool) -> Void) {
        waiters.append(Waiter(settle: settle))
        schedule()
    }

    /// At the end of the loop's turn, after all connections that had something to read.
    private func schedule() {
        guard !isScheduled else { return }
        isScheduled = true
        let bound = NIOLoopBound(self, eventLoop: loop)
        loop.execute { bound.value.handOver() }
    }

    private func handOver() {
        isScheduled = false
        for (key, drop) in drops {
            Record.append(
                Drop(key.reason, detail: key.detail), site: key.site, at: drop.at, count: drop.count,
                to: &frames)
            count += 1
            oldest = min(oldest, drop.at)
        }
        drops.removeAll(keepingCapacity: true)
        guard count > 0 else {
            // Somebody waits for nothing.
            let idle = waiters
            waiters = []
            for waiter in idle { waiter.settle(true) }
            return
        }
        handedOver.append(waiters)
        waiters = []
        let bound = NIOLoopBound(self, eventLoop: loop)
        let batch = Spool.Batch(frames: frames, count: count, oldest: oldest) { [loop] isStored in
            loop.execute { bound.value.settle(isStored) }
        }
        frames = []
        count = 0
        oldest = .max
        spool.append(batch)
    }

    /// Batches come back in the order in which they went.
    private func settle(_ isStored: Bool) {
        for waiter in handedOver.removeFirst() { waiter.settle(isStored) }
    }
}

/// Decides who is refused while more arrives than can be stored: first those who take more than half as much again as an equal share.
struct FairShares<Sender: Hashable> {
    private var counts: [Sender: Int] = [:]
    private var total = 0

    mutating func admits(_ sender: Sender, filled: Int, of capacity: Int) -> Bool {
        if filled < capacity / 2 {
            if total > 0 {
                counts.removeAll(keepingCapacity: true)
                total = 0
            }
            return true
        }
        guard filled < capacity else { return false }
        let count = counts[sender, default: 0] + 1
        guard count <= max(16, 3 * total / (2 * max(counts.count, 1))) else { return false }
        counts[sender] = count
        total += 1
        return true
    }
}
