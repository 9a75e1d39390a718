import Auth
import FoundationEssentials
package import Logging
import Metrics
import NIOPosix
package import Operations
import Postgres
package import ServiceLifecycle

/// The process that receives events: `mochi ingest`.
package enum Collector {
    /// Its parts, in the order in which they start; they end in the reverse order, so that what was received last is
    /// still written and loaded.
    package static func services(
        configuration: Configuration, health: Health, logger: Logger
    ) async throws -> [any Service] {
        let folder = configuration.data + "/collector"
        try Files.makeDirectory(folder)
        let spool = try Spool(
            Spool.Options(directory: configuration.data + "/spool"), disk: RealDisk(), logger: logger)
        let collector = try CollectorID.load(folder + "/id")

        let database = Database(
            configuration, as: .system, size: 2, applicationName: "mochi ingest", logger: logger)
        // A connection of its own: its session keeps the temporary table.
        let loading = Database(
            configuration, as: .system, size: 1, statementTimeout: .seconds(60),
            applicationName: "mochi loader",
            logger: logger)

        let salts = Salts()
        let mirror = SaltMirror(data: configuration.data)
        if let mirror { salts.set(mirror.load(), isShared: false) }
        let directory = SiteDirectory()
        let loader = Loader(spool: spool, database: loading, collector: collector, logger: logger)

        let following = SiteFollowing(
            directory: directory, salts: salts, file: SiteFile(path: folder + "/sites"), database: database,
            logger: logger)
        let sharing = SaltSharing(salts: salts, mirror: mirror, database: database, logger: logger)
        // So that the first visitors get the day's salt, and not one that is replaced a moment later.
        await following.fill()
        salts.expire(at: wallClock() / 1_000_000)
        await sharing.shareMissing(wallClock() / 1_000_000)

        let locations = configuration.geoIPDatabase.map { Locations(path: $0) }
        UserAgent.prepare()
        Source.prepare()

        health.register("sites") { directory.isFilled ? .ok : .failing("the sites have not been read yet") }
        health.register("spool") { spool.isFull ? .failing("the disk is full or cannot be written") : .ok }

        let apiKeys = ApiKeys(app: database, system: database)
        let keys = KeyCheck { try await apiKeys.authenticate($0, scope: $1)?.account.rawValue }
        let context = ServerContext(
            intake: Intake(directory: directory, locations: locations), spool: spool, health: health,
            proxies: TrustedProxies(ranges: configuration.trustedProxies.map { AddressRange($0) }),
            pathPrefix: configuration.pathPrefix, limits: ConnectionLimits(),
            scripts: Scripts(directory: configuration.resources + "/public/js"), keys: keys)
        let server = Server(
            context: context, host: configuration.bind, port: configuration.ingestPort,
            group: MultiThreadedEventLoopGroup.singleton, logger: logger)
        let places: [any Service] = locations.map { [LocationFollowing(locations: $0, logger: logger)] } ?? []
        return places + [database, loading, spool, loader, sharing, following, server]
    }
}

/// Which collector this is: one for each data directory, through all its starts.
enum CollectorID {
    static func load(_ path: String) throws -> UUID {
        if let bytes = try? Files.read(path),
            let id = UUID(uuidString: String(decoding: bytes.prefix(36), as: UTF8.self))
        {
            return id
        }
        let id = UUID()
        try Files.write(Array("\(id.uuidString)\n".utf8), to: path)
        return id
    }
}
