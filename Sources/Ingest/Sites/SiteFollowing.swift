import FoundationEssentials
import Logging
import Postgres
import ServiceLifecycle

/// Keeps the directory what the database says: reads everything when it begins to listen, then each site of which it
/// hears that something changed.
struct SiteFollowing: Service {
    let directory: SiteDirectory
    let salts: Salts
    let file: SiteFile
    let database: Database
    let logger: Logger

    /// Fills the directory before the first request comes: from the database, or else from the last start's file.
    func fill() async {
        if (try? await loadAll()) == nil, let sites = file.load(salts: salts) {
            directory.replaceAll(sites)
            logger.info("the site directory was read from disk", metadata: ["sites": "\(sites.count)"])
        }
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await follow() }
                group.addTask { await keepOnDisk() }
            }
        }
    }

    private func follow() async {
        for await event in database.notifications(on: ["site_changed"]) {
            switch event {
            case .listening: await retrying { try await loadAll() }
            case .message(_, let payload):
                guard let id = UUID(uuidString: payload) else { continue }
                await retrying { try await reload([id]) }
            }
        }
    }

    func loadAll() async throws {
        let sites = try await database.transaction(readOnly: true) { [salts] connection in
            try SiteEntry.load(nil, connection, salts: salts)
        }
        directory.replaceAll(sites)
    }

    func reload(_ ids: Set<UUID>) async throws {
        let sites = try await database.transaction(readOnly: true) { [salts] connection in
            try SiteEntry.load(ids, connection, salts: salts)
        }
        directory.replace(ids, with: sites)
    }

    /// What was heard must not be forgotten because the database went away a moment later.
    private func retrying(_ load: () async throws -> Void) async {
        while !Task.isCancelled {
            do {
                try await load()
                return
            } catch {
                logger.debug("the site directory could not be read", metadata: ["reason": "\(error)"])
                try? await Task.sleep(for: .milliseconds(250))
            }
        }
    }

    /// Writes the file at most every ten seconds.
    private func keepOnDisk() async {
        var saved = directory.version
        while !Task.isCancelled {
            let version = directory.version
            if version != saved {
                do {
                    try file.save(directory.all())
                    saved = version
                } catch {
                    logger.warning("the site directory could not be saved", metadata: ["reason": "\(error)"])
                }
            }
            try? await Task.sleep(for: .seconds(10))
        }
    }
}
