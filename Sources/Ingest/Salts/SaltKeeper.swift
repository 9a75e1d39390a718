import Days
package import Postgres

/// Makes and destroys the shared salts, in the table `salts`. The worker does both by the clock; a collector makes
/// what it needs and does not find.
package enum SaltKeeper {
    /// How long after a day's end its salt goes: collectors whose clocks are behind may still need it.
    static let afterlife: Int64 = 3_600

    /// Makes the salts of the days that are now, or begin within two hours, in the zones of all sites.
    package static func createAhead(_ database: Database, now: Int64) async throws {
        try await database.transaction { connection in
            let names: [String] = try connection.rows("SELECT DISTINCT zone FROM site_zones")
            let zones = names.compactMap { Zone.named($0) }
            let days = Set(
                zones.flatMap { zone in
                    [now, now + 7_200].map { LocalDay(day: zone.day(at: $0), zone: zone) }
                })
            _ = try share(Dictionary(uniqueKeysWithValues: days.map { ($0, Salt.random()) }), connection)
        }
    }

    /// Destroys the salts of days that ended more than an hour ago, for good: the living are copied out, the table's
    /// file is replaced, and they are put back. DELETE would leave the bytes in the file. The table is not logged,
    /// so they are in no WAL either. Answers how many are gone.
    @discardableResult
    package static func destroyExpired(_ database: Database, now: Int64) async throws -> Int {
        try await database.transaction { connection in
            let all: [(Day, String)] = try connection.rows("SELECT day, zone FROM salts")
            guard all.contains(where: { isExpired($0.0, $0.1, now) }) else { return 0 }
            try connection.execute("LOCK TABLE salts IN ACCESS EXCLUSIVE MODE")
            let locked: [(Day, String, [UInt8])] = try connection.rows("SELECT day, zone, salt FROM salts")
            let living = locked.filter { !isExpired($0.0, $0.1, now) }
            try connection.execute("TRUNCATE salts")
            for (day, zone, salt) in living {
                try connection.execute(
                    "INSERT INTO salts (day, zone, salt) VALUES (\(day), \(zone), \(salt))")
            }
            return locked.count - living.count
        }
    }

    private static func isExpired(_ day: Day, _ zone: String, _ now: Int64) -> Bool {
        // A zone that tzdata no longer has: no zone is further than 26 hours from UTC.
        let end = Zone.named(zone)?.end(of: day) ?? Zone.utc.end(of: day) + 26 * 3_600
        return end + afterlife <= now
    }

    /// Puts candidates into the table where there is no salt yet; answers the shared ones.
    static func share(_ candidates: [LocalDay: Salt], _ connection: Connection) throws -> [LocalDay: Salt] {
        var shared: [LocalDay: Salt] = [:]
        // One order for everybody, so that two who insert at once cannot wait for each other.
        let ordered = candidates.sorted { ($0.key.day, $0.key.zone.name) < ($1.key.day, $1.key.zone.name) }
        for (day, candidate) in ordered {
            try connection.execute(
                """
                INSERT INTO salts (day, zone, salt) VALUES (\(day.day), \(day.zone.name), \(candidate.bytes))
                ON CONFLICT DO NOTHING
                """)
            let bytes: [UInt8] = try connection.one(
                "SELECT salt FROM salts WHERE day = \(day.day) AND zone = \(day.zone.name)")
            shared[day] = Salt(bytes: bytes)
        }
        return shared
    }
}
