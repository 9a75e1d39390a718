package import Days
package import FoundationEssentials

// One extension for each Swift type: integers of any width read any integer column that fits.

extension PostgresValue where Self: FixedWidthInteger {
    package func encoded() -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: self)
        return bytes
    }

    package static func reads(_ type: UInt32) -> Bool {
        type == TypeID.int8 || type == TypeID.int4 || type == TypeID.int2 || type == TypeID.oid
    }

    package static func decode(
        _ bytes: UnsafeRawBufferPointer?, type: UInt32
    ) throws(UnreadableValue) -> Self {
        guard let bytes else { throw .isNull }
        var reader = BigEndianReader(bytes)
        let wide: Int64
        switch type {
        case TypeID.int8: wide = try reader.next()
        case TypeID.int4: wide = Int64(try reader.next() as Int32)
        case TypeID.int2: wide = Int64(try reader.next() as Int16)
        default: wide = Int64(try reader.next() as UInt32)
        }
        guard let value = Self(exactly: wide) else { throw .malformed }
        return value
    }
}

extension Int: PostgresValue {
    package static var postgresType: UInt32 { TypeID.int8 }
    package static var postgresArrayType: UInt32 { 1016 }
}

extension Int64: PostgresValue {
    package static var postgresType: UInt32 { TypeID.int8 }
    package static var postgresArrayType: UInt32 { 1016 }
}

extension Int32: PostgresValue {
    package static var postgresType: UInt32 { TypeID.int4 }
    package static var postgresArrayType: UInt32 { 1007 }
}

extension Int16: PostgresValue {
    package static var postgresType: UInt32 { TypeID.int2 }
    package static var postgresArrayType: UInt32 { 1005 }
}

extension Bool: PostgresValue {
    package static var postgresType: UInt32 { TypeID.bool }
    package static var postgresArrayType: UInt32 { 1000 }

    package func encoded() -> [UInt8]? { [self ? 1 : 0] }

    package static func decode(
        _ bytes: UnsafeRawBufferPointer?, type: UInt32
    ) throws(UnreadableValue) -> Bool {
        guard let bytes else { throw .isNull }
        guard bytes.count == 1 else { throw .malformed }
        return bytes[0] != 0
    }
}

extension Double: PostgresValue {
    package static var postgresType: UInt32 { TypeID.float8 }
    package static var postgresArrayType: UInt32 { 1022 }
    package static func reads(_ type: UInt32) -> Bool { type == TypeID.float8 || type == TypeID.float4 }

    package func encoded() -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: bitPattern)
        return bytes
    }

    package static func decode(
        _ bytes: UnsafeRawBufferPointer?, type: UInt32
    ) throws(UnreadableValue) -> Double {
        guard let bytes else { throw .isNull }
        var reader = BigEndianReader(bytes)
        if type == TypeID.float4 { return Double(Float(bitPattern: try reader.next())) }
        return Double(bitPattern: try reader.next())
    }
}

extension String: PostgresValue {
    package static var postgresType: UInt32 { TypeID.text }
    package static var postgresArrayType: UInt32 { 1009 }

    package static func reads(_ type: UInt32) -> Bool {
        [TypeID.text, TypeID.varchar, TypeID.bpchar, TypeID.name, TypeID.char, TypeID.unknown].contains(type)
    }

    package func encoded() -> [UInt8]? { Array(utf8) }

    package static func decode(
        _ bytes: UnsafeRawBufferPointer?, type: UInt32
    ) throws(UnreadableValue) -> String {
        guard let bytes else { throw .isNull }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension UUID: PostgresValue {
    package static var postgresType: UInt32 { TypeID.uuid }
    package static var postgresArrayType: UInt32 { 2951 }

    package func encoded() -> [UInt8]? { withUnsafeBytes(of: uuid) { Array($0) } }

    package static func decode(
        _ bytes: UnsafeRawBufferPointer?, type: UInt32
    ) throws(UnreadableValue) -> UUID {
        guard let bytes else { throw .isNull }
        guard bytes.count == 16 else { throw .malformed }
        return UUID(uuid: bytes.loadUnaligned(as: uuid_t.self))
    }
}

/// A point in time; PostgreSQL keeps microseconds since 2000-01-01 00:00 UTC, so a `Date` is rounded to them.
extension Date: PostgresValue {
    package static var postgresType: UInt32 { TypeID.timestamptz }
    package static var postgresArrayType: UInt32 { 1185 }

    /// 2000-01-01 in seconds since 2001-01-01, `Date`'s own epoch.
    private static let epoch: Double = -31_622_400

    package func encoded() -> [UInt8]? {
        Int64(((timeIntervalSinceReferenceDate - Date.epoch) * 1_000_000).rounded()).encoded()
    }

    package static func decode(
        _ bytes: UnsafeRawBufferPointer?, type: UInt32
    ) throws(UnreadableValue) -> Date {
        guard let bytes else { throw .isNull }
        var reader = BigEndianReader(bytes)
        let microseconds: Int64 = try reader.next()
        return Date(timeIntervalSinceReferenceDate: epoch + Double(microseconds) / 1_000_000)
    }
}

extension Day: PostgresValue {
    package static var postgresType: UInt32 { TypeID.date }
    package static var postgresArrayType: UInt32 { 1182 }
    package static func reads(_ type: UInt32) -> Bool { type == TypeID.date }

    /// 2000-01-01, where PostgreSQL counts from.
    private static let epoch: Int32 = 10_957

    package func encoded() -> [UInt8]? { (rawValue - Day.epoch).encoded() }

    package static func decode(
        _ bytes: UnsafeRawBufferPointer?, type: UInt32
    ) throws(UnreadableValue) -> Day {
        guard let bytes else { throw .isNull }
        var reader = BigEndianReader(bytes)
        return Day(rawValue: try reader.next() as Int32 + epoch)
    }
}

/// A JSON text; `jsonb` puts a version byte before it.
package struct JSON: PostgresValue, Hashable, ExpressibleByStringLiteral {
    package let text: String

    package init(_ text: String) {
        self.text = text
    }

    package init(stringLiteral text: String) {
        self.text = text
    }

    package static var postgresType: UInt32 { TypeID.jsonb }
    package static var postgresArrayType: UInt32 { 3807 }
    package static func reads(_ type: UInt32) -> Bool { type == TypeID.jsonb || type == TypeID.json }

    package func encoded() -> [UInt8]? { [1] + Array(text.utf8) }

    package static func decode(
        _ bytes: UnsafeRawBufferPointer?, type: UInt32
    ) throws(UnreadableValue) -> JSON {
        guard let bytes else { throw .isNull }
        return JSON(String(decoding: type == TypeID.jsonb ? bytes.dropFirst() : bytes[...], as: UTF8.self))
    }
}

/// A typed id or another wrapper of a plain value is bound and read as that value:
/// `extension SiteID: PostgresValue {}` is all it takes.
extension PostgresValue where Self: RawRepresentable, RawValue: PostgresValue {
    package static var postgresType: UInt32 { RawValue.postgresType }
    package static var postgresArrayType: UInt32 { RawValue.postgresArrayType }
    package static func reads(_ type: UInt32) -> Bool { RawValue.reads(type) }
    package func encoded() -> [UInt8]? { rawValue.encoded() }

    package static func decode(
        _ bytes: UnsafeRawBufferPointer?, type: UInt32
    ) throws(UnreadableValue) -> Self {
        guard let value = Self(rawValue: try RawValue.decode(bytes, type: type)) else { throw .malformed }
        return value
    }
}
