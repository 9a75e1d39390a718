import Auth
import Crypto
import FoundationEssentials
import Postgres
import Synchronization

/// How often somebody may try: counted in the database, for all processes together.
///
/// Who it was is kept as a keyed hash under the day's salt, which is destroyed when the day is over: no address, and none
/// can be found from what is kept. The instance's secret is part of the key, so that the database alone is not enough to
/// try guesses either.
final class Throttle: Sendable {
    struct Limit: Sendable, Equatable {
        let name: String
        let attempts: Int
        /// Seconds.
        let window: Int

        // Of one address, or of a browser that has been here before.
        static let signUp = Limit(name: "sign-up", attempts: 20, window: 3_600)
        static let logIn = Limit(name: "login", attempts: 20, window: 300)
        static let forgot = Limit(name: "forgot", attempts: 20, window: 3_600)
        static let mailLink = Limit(name: "mail link", attempts: 60, window: 3_600)
        static let sharePassword = Limit(name: "share password", attempts: 20, window: 300)

        // Of one person, whoever tries.
        static let logInOfPerson = Limit(name: "login of person", attempts: 10, window: 900)
        static let mailToAddress = Limit(name: "mail to address", attempts: 5, window: 3_600)
        static let password = Limit(name: "password of person", attempts: 10, window: 900)

        static let code = Limit(name: "code of person", attempts: 10, window: 900)

        // Of one account, whoever of it.
        static let invitations = Limit(name: "invitations", attempts: 50, window: 86_400)

        static let takeout = Limit(name: "takeout", attempts: 10, window: 3_600)

        /// One password against many people. Counted only where it was wrong.
        static let guess = Limit(name: "guess", attempts: 100, window: 3_600)
    }

    private struct DaysKey {
        let day: Int64
        let key: SymmetricKey
    }

    private struct State {
        var key: DaysKey?
        /// Who has been refused, until when: they cost the database nothing.
        var refused: [[UInt8]: Date] = [:]
    }

    private static let mostRefused = 10_000

    private let system: Database
    private let secret: SymmetricKey
    private let state = Mutex(State())

    init(system: Database, secret: [UInt8]) {
        self.system = system
        let purpose = HMAC<SHA256>.authenticationCode(
            for: Array("throttle".utf8), using: SymmetricKey(data: secret))
        self.secret = SymmetricKey(data: Array(purpose))
    }

    /// Counts an attempt. Nil if it is allowed, else after how many seconds the next one is.
    func take(_ limit: Limit, by subject: [UInt8], now: Date) async throws -> Int? {
        let who = identifier(limit, subject, try await key(now))
        if let wait = refused(who, now) { return wait }
        let ends = now.addingTimeInterval(Double(limit.window))
        let counted: (Int32, Date) = try await system.transaction { connection in
            try connection.one(
                """
                INSERT INTO throttles (who, attempts, ends_at) VALUES (\(who), 1, \(ends))
                ON CONFLICT (who) DO UPDATE SET
                    attempts = CASE WHEN throttles.ends_at <= \(now) THEN 1 ELSE least(throttles.attempts, 1000000) + 1 END,
                    ends_at = CASE WHEN throttles.ends_at <= \(now) THEN excluded.ends_at ELSE throttles.ends_at END
                RETURNING attempts, ends_at
                """)
        }
        guard Int(counted.0) > limit.attempts else { return nil }
        state.withLock { state in
            if state.refused.count >= Throttle.mostRefused { state.refused = [:] }
            state.refused[who] = counted.1
        }
        return Throttle.seconds(until: counted.1, now)
    }

    func take(_ limit: Limit, by subject: String, now: Date) async throws -> Int? {
        try await take(limit, by: Array(subject.utf8), now: now)
    }

    /// Whether the limit is used up, without counting.
    func isUsedUp(_ limit: Limit, by subject: String, now: Date) async throws -> Int? {
        let who = identifier(limit, Array(subject.utf8), try await key(now))
        if let wait = refused(who, now) { return wait }
        let end: Date? = try await system.transaction(readOnly: true) { connection in
            try connection.first(
                """
                SELECT ends_at FROM throttles
                WHERE who = \(who) AND ends_at > \(now) AND attempts >= \(Int32(limit.attempts))
                """)
        }
        return end.map { Throttle.seconds(until: $0, now) }
    }

    private func refused(_ who: [UInt8], _ now: Date) -> Int? {
        state.withLock { state in
            guard let end = state.refused[who] else { return nil }
            if end > now { return Throttle.seconds(until: end, now) }
            state.refused[who] = nil
            return nil
        }
    }

    private static func seconds(until end: Date, _ now: Date) -> Int {
        max(1, Int(end.timeIntervalSince(now).rounded(.up)))
    }

    // MARK: Who it was

    /// The day's salt is the one of visitors, of days in UTC: shared between processes, in no backup, gone tomorrow.
    private func key(_ now: Date) async throws -> SymmetricKey {
        let number = Int64((now.timeIntervalSince1970 / 86_400).rounded(.down))
        if let found = state.withLock({ $0.key }), found.day == number { return found.key }
        let start = Date(timeIntervalSince1970: Double(number) * 86_400)
        let candidate = Token.randomBytes(16)
        let salt: [UInt8] = try await system.transaction { connection in
            try connection.execute(
                """
                INSERT INTO salts (day, zone, salt)
                VALUES ((\(start) AT TIME ZONE 'UTC')::date, 'UTC', \(candidate)) ON CONFLICT DO NOTHING
                """)
            return try connection.one(
                "SELECT salt FROM salts WHERE day = (\(start) AT TIME ZONE 'UTC')::date AND zone = 'UTC'")
        }
        let key = SymmetricKey(data: Array(HMAC<SHA256>.authenticationCode(for: salt, using: secret)))
        state.withLock { state in
            state.key = DaysKey(day: number, key: key)
            state.refused = [:]
        }
        return key
    }

    private func identifier(_ limit: Limit, _ subject: [UInt8], _ key: SymmetricKey) -> [UInt8] {
        let code = HMAC<SHA256>.authenticationCode(
            for: Array(limit.name.utf8) + [0] + subject, using: key)
        return Array(code.prefix(16))
    }

    /// One household or server is one IPv4 address, or one /64 of IPv6.
    static func network(_ address: [UInt8]) -> [UInt8] {
        address.count == 16 ? Array(address[..<8]) : address
    }

    /// So little of a password that it can be one of very many, and still enough to see that one is tried everywhere.
    static func trace(_ password: String) -> String {
        "\(SHA256.hash(data: Array(password.utf8)).prefix(3).reduce(0) { $0 << 8 | UInt32($1) })"
    }
}
