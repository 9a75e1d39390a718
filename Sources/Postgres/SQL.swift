/// A statement, or a piece of one: text that stands in the source, and values that are bound.
///
/// The text can only be a literal: `SQL` has no initializer that takes a `String`, and an interpolated `String`
/// becomes a parameter. Pieces nest, and their parameters are numbered when the statement is sent.
///
/// ```swift
/// let recent: SQL = "created_at > \(since)"
/// try connection.rows("SELECT id, name FROM sites WHERE account_id = \(account) AND \(recent)")
/// ```
package struct SQL: ExpressibleByStringInterpolation, Sendable {
    enum Piece: Sendable {
        case text(String)
        case value(Parameter)
    }

    /// A bound value in PostgreSQL's binary format; `bytes` is nil for NULL.
    struct Parameter: Sendable {
        let type: UInt32
        let bytes: [UInt8]?
    }

    private(set) var pieces: [Piece]
    /// Whether a connection keeps the parsed statement.
    private(set) var isPrepared = false

    package init(stringLiteral text: StaticString) {
        pieces = [.text(text.description)]
    }

    package init(stringInterpolation: StringInterpolation) {
        pieces = stringInterpolation.pieces
    }

    private init(pieces: [Piece]) {
        self.pieces = pieces
    }

    /// A statement that is asked again and again, and of which PostgreSQL may keep one plan for all values: each connection
    /// prepares it once. For statements whose text is always the same and whose values say nothing of the best plan. Not on
    /// partitioned tables, where a plan for all values is one for all partitions, nor on one that grows faster than its
    /// statistics.
    package static func prepared(_ sql: SQL) -> SQL {
        var sql = sql
        sql.isPrepared = true
        return sql
    }

    /// Pieces in a row, with a separator that is a literal too.
    package static func joined(_ pieces: [SQL], separator: SQL) -> SQL {
        var all: [Piece] = []
        for (index, piece) in pieces.enumerated() {
            if index > 0 { all += separator.pieces }
            all += piece.pieces
        }
        return SQL(pieces: all)
    }

    /// The statement as libpq wants it: `$1`, `$2` … and their values in order.
    func statement() -> (text: String, parameters: [Parameter]) {
        var text = ""
        var parameters: [Parameter] = []
        for piece in pieces {
            switch piece {
            case .text(let literal):
                text += literal
            case .value(let parameter):
                parameters.append(parameter)
                text += "$\(parameters.count)"
            }
        }
        return (text, parameters)
    }

    package struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var pieces: [Piece] = []

        package init(literalCapacity: Int, interpolationCount: Int) {
            pieces.reserveCapacity(2 * interpolationCount + 1)
        }

        package mutating func appendLiteral(_ literal: StaticString) {
            if literal.utf8CodeUnitCount > 0 { pieces.append(.text(literal.description)) }
        }

        /// Binds a value.
        package mutating func appendInterpolation<Value: PostgresValue>(_ value: Value) {
            pieces.append(.value(Parameter(type: Value.postgresType, bytes: value.encoded())))
        }

        /// Binds a value or NULL.
        package mutating func appendInterpolation<Value: PostgresValue>(_ value: Value?) {
            pieces.append(.value(Parameter(type: Value.postgresType, bytes: value?.encoded())))
        }

        /// Inserts a piece of SQL with its own values.
        package mutating func appendInterpolation(_ sql: SQL) {
            pieces += sql.pieces
        }

        /// Inserts the quoted name of a table or column, for names that are made at run time.
        package mutating func appendInterpolation(identifier: String) {
            let quoted = identifier.split(separator: "\"", omittingEmptySubsequences: false).joined(
                separator: "\"\"")
            precondition(!identifier.isEmpty && !identifier.utf8.contains(0), "not a PostgreSQL identifier")
            pieces.append(.text("\"\(quoted)\""))
        }

        /// Inserts a number where PostgreSQL takes no parameter (SET LOCAL, partition bounds).
        package mutating func appendInterpolation(literal: Int64) {
            pieces.append(.text(String(literal)))
        }
    }
}
