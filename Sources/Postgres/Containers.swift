// NULL, arrays, and bytes, which are an array only to Swift.

extension Optional: PostgresValue where Wrapped: PostgresValue {
    package static var postgresType: UInt32 { Wrapped.postgresType }
    package static var postgresArrayType: UInt32 { Wrapped.postgresArrayType }
    package static func reads(_ type: UInt32) -> Bool { Wrapped.reads(type) }
    package func encoded() -> [UInt8]? { flatMap { $0.encoded() } }

    package static func decode(
        _ bytes: UnsafeRawBufferPointer?, type: UInt32
    ) throws(UnreadableValue) -> Wrapped? {
        bytes == nil ? nil : try Wrapped.decode(bytes, type: type)
    }
}

extension Array: PostgresValue where Element: PostgresValue {
    package static var postgresType: UInt32 { Element.postgresArrayType }
    /// PostgreSQL has no arrays of arrays.
    package static var postgresArrayType: UInt32 { 0 }
    package static func reads(_ type: UInt32) -> Bool { Element.readsArray(type) }
    package func encoded() -> [UInt8]? { Element.encodeArray(self) }

    package static func decode(
        _ bytes: UnsafeRawBufferPointer?, type: UInt32
    ) throws(UnreadableValue) -> [Element] {
        guard let bytes else { throw .isNull }
        return try Element.decodeArray(bytes, type: type)
    }
}

/// `[UInt8]` is `bytea`.
extension UInt8: PostgresValue {
    package static var postgresType: UInt32 { TypeID.char }
    package static var postgresArrayType: UInt32 { TypeID.bytea }
    package static func reads(_ type: UInt32) -> Bool { type == TypeID.char }
    package static func encodeArray(_ values: [UInt8]) -> [UInt8] { values }

    package static func decodeArray(
        _ bytes: UnsafeRawBufferPointer, type: UInt32
    ) throws(UnreadableValue) -> [UInt8] {
        Array(bytes)
    }
}
