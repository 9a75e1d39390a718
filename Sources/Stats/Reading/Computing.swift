import NIOCore
import NIOPosix

/// Threads for what keeps a processor busy: decoding, folding, scanning. On the cooperative pool it would delay every
/// request by as much.
package struct Computing: Sendable {
    private let threads: NIOThreadPool
    package let width: Int

    package static let shared = Computing(width: System.coreCount)

    package init(width: Int) {
        self.width = max(width, 1)
        threads = NIOThreadPool(numberOfThreads: self.width)
        threads.start()
    }

    package func run<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws -> R {
        try await threads.runIfActive(body)
    }

    /// Runs `body` for pieces of 0..<count, as many at a time as there are threads, and answers what they made, in order.
    ///
    /// A piece that has not begun when the task is cancelled is not begun.
    package func map<R: Sendable>(
        pieces: Int, _ body: @escaping @Sendable (Int) throws -> R
    ) async throws -> [R] {
        if pieces == 1 { return [try await run { try body(0) }] }
        return try await withThrowingTaskGroup(of: (Int, R).self) { group in
            for piece in 0..<pieces {
                group.addTask {
                    try Task.checkCancellation()
                    return (piece, try await run { try body(piece) })
                }
            }
            var made: [(Int, R)] = []
            for try await one in group { made.append(one) }
            return made.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }
}
