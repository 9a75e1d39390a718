/// CRC-32C (Castagnoli), eight bytes at a time by eight tables: Kounavis and Berry, "A Systematic Approach to
/// Building High Performance, Software-based, CRC Generators" (2005).
enum CRC32C {
    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var value = UInt32(byte)
            for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1 }
            tables[byte] = value
        }
        for byte in 0..<256 {
            for slice in 1..<8 {
                let previous = tables[(slice - 1) * 256 + byte]
                tables[slice * 256 + byte] = previous >> 8 ^ tables[Int(previous & 0xFF)]
            }
        }
        return tables
    }()

    static func of(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        tables.withUnsafeBufferPointer { tables in
            func look(_ slice: Int, _ value: UInt64, _ byte: UInt64) -> UInt32 {
                tables[slice << 8 | Int(value >> (byte * 8) & 0xFF)]
            }
            var crc: UInt32 = .max
            var position = 0
            while bytes.count - position >= 8 {
                let word = UInt64(
                    littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
                let value = word ^ UInt64(crc)
                crc =
                    look(7, value, 0) ^ look(6, value, 1) ^ look(5, value, 2) ^ look(4, value, 3)
                    ^ look(3, value, 4) ^ look(2, value, 5) ^ look(1, value, 6) ^ look(0, value, 7)
                position += 8
            }
            while position < bytes.count {
                crc = crc >> 8 ^ tables[Int((crc ^ UInt32(bytes[position])) & 0xFF)]
                position += 1
            }
            return ~crc
        }
    }
}
