import CLibPQ
import Glibc

/// One connection to PostgreSQL, used by one thread at a time: every call blocks until the server has answered.
///
/// ``Database`` lends it to a closure; it must not leave that closure.
package final class Connection {
    let pointer: OpaquePointer
    /// What it takes to cancel the running statement from another thread.
    let canceller: Canceller
    /// The names of prepared statements, by their texts.
    private var prepared: [String: String] = [:]
    private var preparations = 0

    /// Connects. `settings` is SQL that is run first.
    init(url: String, applicationName: String, connectTimeout: Int, settings: String) throws {
        let parameters: [(String, String)] = [
            ("dbname", url), ("application_name", applicationName), ("client_encoding", "UTF8"),
            ("connect_timeout", String(connectTimeout)), ("keepalives_idle", "30"),
            ("keepalives_interval", "10"),
            ("keepalives_count", "3"), ("tcp_user_timeout", "60000"),
        ]
        let opened = Connection.connect(parameters)
        guard let opened, PQstatus(opened) == CONNECTION_OK else {
            let reason = opened.map { Connection.firstLine(PQerrorMessage($0)) } ?? "out of memory"
            PQfinish(opened)
            throw DatabaseError.unavailable(reason)
        }
        PQsetNoticeReceiver(opened, { _, _ in }, nil)
        pointer = opened
        canceller = Canceller(PQgetCancel(opened))
        try runScript(settings)
    }

    deinit {
        PQfinish(pointer)
    }

    private static func connect(_ parameters: [(String, String)]) -> OpaquePointer? {
        var keys: [UnsafeMutablePointer<CChar>?] = parameters.map { strdup($0.0) } + [nil]
        var values: [UnsafeMutablePointer<CChar>?] = parameters.map { strdup($0.1) } + [nil]
        defer {
            for key in keys { free(key) }
            for value in values { free(value) }
        }
        return keys.withUnsafeMutableBufferPointer { keys in
            values.withUnsafeMutableBufferPointer { values in
                keys.withMemoryRebound(to: UnsafePointer<CChar>?.self) { keys in
                    values.withMemoryRebound(to: UnsafePointer<CChar>?.self) { values in
                        // 1: the first "dbname" may be a whole URL; what follows it overrides its parts.
                        PQconnectdbParams(keys.baseAddress!, values.baseAddress!, 1)
                    }
                }
            }
        }
    }

    // MARK: Asking

    /// The rows as tuples: `let sites: [(UUID, String)] = try connection.rows("SELECT id, name FROM sites")`.
    package func rows<each T: PostgresValue>(_ sql: SQL) throws -> [(repeat each T)] {
        let result = try run(sql)
        return try (0..<result.rowCount).map { try result.tuple($0, repeat (each T).self) }
    }

    /// The first row, if there is one.
    package func first<each T: PostgresValue>(_ sql: SQL) throws -> (repeat each T)? {
        let result = try run(sql)
        guard result.rowCount > 0 else { return nil }
        let row: (repeat each T) = try result.tuple(0, repeat (each T).self)
        return row
    }

    /// The only row; none or several is an ``UnexpectedResult``.
    package func one<each T: PostgresValue>(_ sql: SQL) throws -> (repeat each T) {
        let result = try run(sql)
        guard result.rowCount == 1 else {
            throw UnexpectedResult(description: "expected one row, got \(result.rowCount)")
        }
        return try result.tuple(0, repeat (each T).self)
    }

    /// The rows, each made into a value by its column names.
    package func rows<R>(_ sql: SQL, _ make: (Row) throws -> R) throws -> [R] {
        let result = try run(sql)
        return try (0..<result.rowCount).map { try make(Row(result: result, index: $0)) }
    }

    /// Runs a statement for its effect; answers the number of rows that it touched.
    @discardableResult
    package func execute(_ sql: SQL) throws -> Int {
        try run(sql).affected
    }

    /// Hands over row by row what would be too much to hold at once; parsed anew each time.
    package func stream(_ sql: SQL, _ each: (Row) throws -> Void) throws {
        let (text, parameters) = sql.statement()
        try send(parameters) { count, types, values, lengths, formats in
            PQsendQueryParams(pointer, text, count, types, values, lengths, formats, 1)
        }
        PQsetSingleRowMode(pointer)
        var failure: (any Error)?
        while let next = PQgetResult(pointer) {
            let result = QueryResult(next)
            switch PQresultStatus(next) {
            case PGRES_SINGLE_TUPLE where failure == nil:
                do {
                    try each(Row(result: result, index: 0))
                } catch {
                    // The rest must be read off before the connection can be used again.
                    canceller.cancel()
                    failure = error
                }
            case PGRES_SINGLE_TUPLE, PGRES_TUPLES_OK, PGRES_COMMAND_OK:
                break
            default:
                failure = failure ?? error(of: next)
            }
        }
        if let failure { throw failure }
    }

    // MARK: Underneath

    private func run(_ sql: SQL) throws -> QueryResult {
        let (text, parameters) = sql.statement()
        let name = sql.isPrepared ? try prepare(text, parameters) : nil
        var answer: OpaquePointer?
        try send(parameters) { count, types, values, lengths, formats in
            answer =
                if let name {
                    PQexecPrepared(pointer, name, count, values, lengths, formats, 1)
                } else {
                    PQexecParams(pointer, text, count, types, values, lengths, formats, 1)
                }
            return answer == nil ? 0 : 1
        }
        return try checked(answer)
    }

    /// The statement's name on this connection.
    private func prepare(_ text: String, _ parameters: [SQL.Parameter]) throws -> String {
        if let known = prepared[text] { return known }
        preparations += 1
        let name = "p\(preparations)"
        _ = try checked(PQprepare(pointer, name, text, Int32(parameters.count), parameters.map(\.type)))
        prepared[text] = name
        return name
    }

    /// Runs text that was not built as ``SQL``: migrations and the pool's own BEGIN and COMMIT.
    func runScript(_ text: String) throws {
        _ = try script(text)
    }

    func script(_ text: String) throws -> QueryResult {
        try checked(PQexec(pointer, text))
    }

    func checked(_ answer: OpaquePointer?) throws -> QueryResult {
        guard let answer else { throw lost() }
        let result = QueryResult(answer)
        switch PQresultStatus(answer) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: return result
        default: throw error(of: answer)
        }
    }

    private func send(
        _ parameters: [SQL.Parameter],
        _ call: (
            Int32, UnsafePointer<Oid>?, UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?,
            UnsafePointer<Int32>?
        ) -> Int32
    ) throws {
        // All values in one buffer, so that one pointer keeps them all alive. NULL is a nil pointer.
        var buffer: [UInt8] = []
        let starts = parameters.map { parameter -> Int? in
            guard let bytes = parameter.bytes else { return nil }
            defer { buffer += bytes }
            return buffer.count
        }
        buffer.append(0)
        let sent = buffer.withUnsafeBytes { bytes in
            let base = bytes.baseAddress!.assumingMemoryBound(to: CChar.self)
            return call(
                Int32(parameters.count), parameters.map(\.type), starts.map { $0.map { base + $0 } },
                parameters.map { Int32($0.bytes?.count ?? 0) }, parameters.map { _ in 1 })
        }
        guard sent == 1 else { throw lost() }
    }

    /// What a failed result says; a connection that is gone is ``DatabaseError/unavailable(_:)``.
    func error(of result: OpaquePointer) -> any Error {
        func field(_ code: Unicode.Scalar) -> String {
            PQresultErrorField(result, Int32(code.value)).map { String(cString: $0) } ?? ""
        }
        let state = field("C")
        if state.isEmpty || isBroken { return lost() }
        let error = PostgresError(
            sqlState: state, message: field("M"), detail: field("D"), constraint: field("n"))
        // A migration has changed the type of a column, or somebody has thrown the statements away: next time anew.
        if [.featureNotSupported, .noSuchStatement].contains(error.kind) { prepared = [:] }
        return error
    }

    func lost() -> DatabaseError {
        .unavailable(Connection.firstLine(PQerrorMessage(pointer)))
    }

    /// libpq's messages may run over several lines.
    private static func firstLine(_ message: UnsafePointer<CChar>?) -> String {
        let text = message.map { String(cString: $0) } ?? ""
        return String(text.split(separator: "\n").first ?? "the connection was lost")
    }

    var isBroken: Bool { PQstatus(pointer) != CONNECTION_OK }

    /// In no transaction and nothing under way.
    var isIdle: Bool { PQtransactionStatus(pointer) == PQTRANS_IDLE }

    /// Whether the server closed it while it lay in the pool. Something to read then is its farewell; the rare
    /// notice that is not costs no more than a new connection.
    var wasClosedWhileIdle: Bool {
        var descriptor = pollfd(fd: PQsocket(pointer), events: Int16(POLLIN), revents: 0)
        return isBroken || poll(&descriptor, 1, 0) != 0
    }
}
