import CLibPQ

/// The rows that came back. Owns libpq's result; lives and dies on the thread of its connection.
final class QueryResult {
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) {
        self.pointer = pointer
    }

    deinit {
        PQclear(pointer)
    }

    var rowCount: Int { Int(PQntuples(pointer)) }
    var columnCount: Int { Int(PQnfields(pointer)) }

    /// Rows touched by INSERT, UPDATE, DELETE, COPY; rows answered by SELECT.
    var affected: Int { Int(String(cString: PQcmdTuples(pointer))) ?? 0 }

    /// The command that ran: "COMMIT", "INSERT 0 1".
    var command: String { String(cString: PQcmdStatus(pointer)) }

    func columnName(_ column: Int) -> String {
        PQfname(pointer, Int32(column)).map { String(cString: $0) } ?? "column \(column + 1)"
    }

    func value<Value: PostgresValue>(_ row: Int, _ column: Int) throws -> Value {
        guard column < columnCount else {
            throw UnexpectedResult(description: "asked for column \(column + 1) of \(columnCount)")
        }
        let (row32, column32) = (Int32(row), Int32(column))
        let type = PQftype(pointer, column32)
        guard Value.reads(type) else {
            throw UnexpectedResult(
                description: "column \(columnName(column)): type \(type) is not read as \(Value.self)")
        }
        let isNull = PQgetisnull(pointer, row32, column32) == 1
        let bytes =
            isNull
            ? nil
            : UnsafeRawBufferPointer(
                start: PQgetvalue(pointer, row32, column32), count: Int(PQgetlength(pointer, row32, column32))
            )
        do {
            return try Value.decode(bytes, type: type)
        } catch {
            let why = error == .isNull ? "is NULL" : "holds no \(Value.self)"
            throw UnexpectedResult(description: "column \(columnName(column)) \(why)")
        }
    }

    func tuple<each T: PostgresValue>(_ row: Int, _: repeat (each T).Type) throws -> (repeat each T) {
        var column = -1
        func next<Value: PostgresValue>(_: Value.Type) throws -> Value {
            column += 1
            return try value(row, column)
        }
        return (repeat try next((each T).self))
    }
}

/// One row, read by column name: `let domain: String = try row["domain"]`.
///
/// It must not leave the closure that it was given to.
package struct Row {
    let result: QueryResult
    let index: Int

    package subscript<Value: PostgresValue>(_ name: String) -> Value {
        get throws {
            let column = PQfnumber(result.pointer, name)
            guard column >= 0 else { throw UnexpectedResult(description: "there is no column \(name)") }
            return try result.value(index, Int(column))
        }
    }

    package subscript<Value: PostgresValue>(_ column: Int) -> Value {
        get throws { try result.value(index, column) }
    }

    /// The column's bytes as they came, without a copy; nil for NULL. Valid only inside `body`.
    package func withBytes<R>(_ column: Int, _ body: (UnsafeRawBufferPointer?) throws -> R) rethrows -> R {
        let (row32, column32) = (Int32(index), Int32(column))
        guard PQgetisnull(result.pointer, row32, column32) == 0 else { return try body(nil) }
        return try body(
            UnsafeRawBufferPointer(
                start: PQgetvalue(result.pointer, row32, column32),
                count: Int(PQgetlength(result.pointer, row32, column32))))
    }
}
