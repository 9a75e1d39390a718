/// A value that goes to and comes from PostgreSQL in its binary format.
///
/// NOT NULL in the schema is a plain type here; a column that may be NULL is an `Optional`. Formats:
/// each type's `…send` and `…recv` function in PostgreSQL's `src/backend/utils/adt`.
package protocol PostgresValue: Sendable {
    /// The object id of the type that a parameter of this type declares.
    static var postgresType: UInt32 { get }

    /// The object id of the array of that type.
    static var postgresArrayType: UInt32 { get }

    /// Whether a column of this type can be read.
    static func reads(_ type: UInt32) -> Bool

    /// The value's bytes; nil is NULL.
    func encoded() -> [UInt8]?

    /// Reads a column; `bytes` is nil for NULL.
    static func decode(_ bytes: UnsafeRawBufferPointer?, type: UInt32) throws(UnreadableValue) -> Self

    /// How an array of these is written; bytes are not an array to PostgreSQL, so they have their own way.
    static func encodeArray(_ values: [Self]) -> [UInt8]
    static func decodeArray(_ bytes: UnsafeRawBufferPointer, type: UInt32) throws(UnreadableValue) -> [Self]
    static func readsArray(_ type: UInt32) -> Bool
}

/// Why a value could not be read. ``Row`` adds the column's name.
package enum UnreadableValue: Error {
    case isNull
    case malformed
}

/// Object ids of built-in types, from PostgreSQL's `pg_type.dat`; they never change.
enum TypeID {
    static let bool: UInt32 = 16
    static let bytea: UInt32 = 17
    static let char: UInt32 = 18
    static let name: UInt32 = 19
    static let int8: UInt32 = 20
    static let int2: UInt32 = 21
    static let int4: UInt32 = 23
    static let text: UInt32 = 25
    static let oid: UInt32 = 26
    static let json: UInt32 = 114
    static let float4: UInt32 = 700
    static let float8: UInt32 = 701
    static let bpchar: UInt32 = 1042
    static let varchar: UInt32 = 1043
    static let date: UInt32 = 1082
    static let timestamptz: UInt32 = 1184
    static let uuid: UInt32 = 2950
    static let jsonb: UInt32 = 3802
    static let unknown: UInt32 = 705
}

extension PostgresValue {
    package static func reads(_ type: UInt32) -> Bool { type == postgresType }
    package static func readsArray(_ type: UInt32) -> Bool { type == postgresArrayType }

    /// `array_recv`: dimensions, whether there are NULLs, the element's type; a size and a lower bound for each
    /// dimension; then each element behind its length.
    package static func encodeArray(_ values: [Self]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: Int32(values.isEmpty ? 0 : 1))
        let elements = values.map { $0.encoded() }
        bytes.append(bigEndian: Int32(elements.contains { $0 == nil } ? 1 : 0))
        bytes.append(bigEndian: postgresType)
        guard !values.isEmpty else { return bytes }
        bytes.append(bigEndian: Int32(values.count))
        bytes.append(bigEndian: Int32(1))
        for element in elements {
            bytes.append(bigEndian: Int32(element?.count ?? -1))
            bytes += element ?? []
        }
        return bytes
    }

    package static func decodeArray(
        _ bytes: UnsafeRawBufferPointer, type: UInt32
    ) throws(UnreadableValue) -> [Self] {
        var reader = BigEndianReader(bytes)
        let dimensions: Int32 = try reader.next()
        let _: Int32 = try reader.next()
        let elementType: UInt32 = try reader.next()
        guard dimensions > 0 else { return [] }
        guard dimensions == 1, reads(elementType) else { throw .malformed }
        let count: Int32 = try reader.next()
        let _: Int32 = try reader.next()
        var values: [Self] = []
        values.reserveCapacity(Int(count))
        for _ in 0..<count {
            let length: Int32 = try reader.next()
            values.append(try decode(length < 0 ? nil : try reader.take(Int(length)), type: elementType))
        }
        return values
    }
}

extension [UInt8] {
    mutating func append(bigEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }
}

struct BigEndianReader {
    private var rest: Slice<UnsafeRawBufferPointer>

    init(_ bytes: UnsafeRawBufferPointer) {
        rest = bytes[...]
    }

    mutating func take(_ count: Int) throws(UnreadableValue) -> UnsafeRawBufferPointer {
        guard count >= 0, rest.count >= count else { throw .malformed }
        defer { rest = rest.dropFirst(count) }
        return UnsafeRawBufferPointer(rebasing: rest.prefix(count))
    }

    mutating func next<Integer: FixedWidthInteger>() throws(UnreadableValue) -> Integer {
        Integer(bigEndian: try take(MemoryLayout<Integer>.size).loadUnaligned(as: Integer.self))
    }
}
