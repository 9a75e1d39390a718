/// Reads what ``PlaneWriter`` wrote, and believes none of it.
struct PlaneReader {
    /// Behind the bytes that count lie as many more, so that words can be read without looking where they
    /// end.
    static let padding = 16

    let bytes: UnsafeRawBufferPointer
    private let texts: UnsafeRawBufferPointer
    private var at = 0
    private var textAt = 0
    /// How many bytes of texts may still come.
    var textBytes: Int

    /// - Parameter bytes: ``padding`` more than count.
    init(_ bytes: UnsafeRawBufferPointer, texts: UnsafeRawBufferPointer, textBytes: Int) {
        self.bytes = bytes
        self.texts = texts
        self.textBytes = textBytes
    }

    var remaining: Int { bytes.count - Self.padding - at }

    func finish() throws(BlockDamage) {
        guard remaining == 0, textAt == texts.count else {
            throw BlockDamage("There is more than belongs to it.")
        }
    }

    /// The bytes up to the next one like that, which is passed over.
    mutating func takeText(endingWith end: UInt8) throws(BlockDamage) -> UnsafeRawBufferPointer {
        let start = textAt
        let ends = SIMD16<UInt8>(repeating: end)
        while textAt + 16 <= texts.count,
            all(texts.loadUnaligned(fromByteOffset: textAt, as: SIMD16<UInt8>.self) .!= ends)
        {
            textAt += 16
        }
        while textAt < texts.count {
            textAt += 1
            if texts[textAt - 1] == end { return UnsafeRawBufferPointer(rebasing: texts[start..<textAt - 1]) }
        }
        throw BlockDamage("Its texts end too early.")
    }

    mutating func take(_ count: Int) throws(BlockDamage) -> UnsafeRawBufferPointer {
        guard 0...remaining ~= count else { throw BlockDamage("It ends too early.") }
        defer { at += count }
        return UnsafeRawBufferPointer(rebasing: bytes[at..<at + count])
    }

    mutating func integer<Integer: FixedWidthInteger>(
        _ type: Integer.Type = Integer.self
    ) throws(BlockDamage) -> Integer {
        Integer(littleEndian: try take(MemoryLayout<Integer>.size).loadUnaligned(as: Integer.self))
    }

    /// A number of things that take at least one byte each.
    mutating func count(upTo limit: Int = .max) throws(BlockDamage) -> Int {
        let count = Int(try integer(UInt32.self))
        guard count <= min(limit, remaining) else { throw BlockDamage("A count of \(count) is too large.") }
        return count
    }

    mutating func bits(_ count: Int) throws(BlockDamage) -> [UInt8] {
        let packed = try take((count + 7) / 8)
        return [UInt8](unsafeUninitializedCapacity: count) { bits, filled in
            for index in 0..<count { bits[index] = packed[index >> 3] >> (index & 7) & 1 }
            filled = count
        }
    }

    mutating func numbers(_ count: Int) throws(BlockDamage) -> [UInt32] {
        let (classes, bits) = try classes(count, upTo: NumberClass.last32)
        return [UInt32](unsafeUninitializedCapacity: count) { numbers, filled in
            NumberClass.least.withUnsafeBufferPointer { least in
                var position = 0
                for index in 0..<count {
                    let number = classes[index]
                    let width = NumberClass.bits(number)
                    let low = (bits + position >> 3).loadUnaligned(as: UInt64.self) >> UInt64(position & 7)
                    numbers[index] = UInt32(
                        truncatingIfNeeded: least[Int(number)] &+ low & (1 &<< UInt64(width) &- 1))
                    position &+= width
                }
            }
            filled = count
        }
    }

    mutating func skipNumbers(_ count: Int, upTo limit: UInt64 = .init(UInt32.max)) throws(BlockDamage) {
        _ = try classes(count, upTo: NumberClass.of(limit))
    }

    /// - Parameter limit: none may be larger.
    mutating func longNumbers(_ count: Int, upTo limit: UInt64) throws(BlockDamage) -> [UInt64] {
        let (classes, bits) = try classes(count, upTo: NumberClass.of(limit))
        var position = 0
        var largest: UInt64 = 0
        let numbers = [UInt64](unsafeUninitializedCapacity: count) { numbers, filled in
            NumberClass.least.withUnsafeBufferPointer { least in
                for index in 0..<count {
                    let number = classes[index]
                    let width = NumberClass.bits(number)
                    let (byte, shift) = (position >> 3, UInt64(position & 7))
                    var low = (bits + byte).loadUnaligned(as: UInt64.self) >> shift
                    // Of eight bytes that do not begin with the number, 57 bits are certain to be there.
                    if width > 57 { low |= UInt64((bits + byte + 8).load(as: UInt8.self)) << (64 - shift) }
                    numbers[index] = least[Int(number)] &+ low & (1 &<< UInt64(width) &- 1)
                    largest = max(largest, numbers[index])
                    position &+= width
                }
            }
            filled = count
        }
        guard largest <= limit else { throw BlockDamage("\(largest) is too large a number.") }
        return numbers
    }

    private mutating func classes(
        _ count: Int, upTo last: UInt8
    ) throws(BlockDamage) -> (UnsafeRawBufferPointer, bits: UnsafeRawPointer) {
        let classes = try take(count)
        var largest: UInt8 = 0
        var bits = 0
        for number in classes {
            largest = max(largest, number)
            bits &+= NumberClass.bits(number)
        }
        guard largest <= last else { throw BlockDamage("A number is of class \(largest).") }
        let low = try take((bits + 7) / 8)
        return (classes, low.baseAddress ?? bytes.baseAddress!)
    }
}
