import Days
import Glibc
import Logging
import Postgres
import ServiceLifecycle

/// Keeps a collector's salts those that all collectors share: looks every second whether one is missing, an hour
/// ahead of its day.
struct SaltSharing: Service {
    let salts: Salts
    let mirror: SaltMirror?
    let database: Database
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var lastMirrored: Set<LocalDay> = []
            while !Task.isCancelled {
                let now = Int64(time(nil))
                salts.expire(at: now)
                await shareMissing(now)
                let entries = salts.entries()
                let days = Set(entries.keys)
                if days != lastMirrored {
                    mirrorToMemory(entries)
                    lastMirrored = days
                }
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }

    /// Asks the table for what is not known to be shared yet.
    func shareMissing(_ now: Int64) async {
        // Made before it is offered: an event that came in between would make another.
        for day in salts.needed(at: now) { _ = salts.hash(of: day) }
        let candidates = salts.entries().filter { !$0.value.isShared }.mapValues(\.salt)
        guard !candidates.isEmpty else { return }
        do {
            let shared = try await database.transaction { connection in
                try SaltKeeper.share(candidates, connection)
            }
            if salts.set(shared, isShared: true) {
                logger.warning(
                    "a provisional salt was replaced by the shared one; visitors of today may count twice")
                mirrorToMemory(salts.entries())
            }
        } catch {
            // Provisional ones serve meanwhile; the pool says that the database is away.
            logger.debug("salts could not be shared", metadata: ["reason": "\(error)"])
        }
    }

    private func mirrorToMemory(_ entries: [LocalDay: Salts.Entry]) {
        guard let mirror else { return }
        do {
            try mirror.save(entries.mapValues(\.salt))
        } catch {
            logger.warning("the salts could not be mirrored in memory", metadata: ["reason": "\(error)"])
        }
    }
}
