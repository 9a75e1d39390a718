/// Writes numbers so that zstd's entropy coder makes little of them: each kind in a plane of its own.
struct PlaneWriter {
    private(set) var bytes: [UInt8] = []
    /// Where a plane ends whose statistics are not those of the next.
    private(set) var cuts: [Int] = []
    /// Texts, which want to be squeezed in another way.
    var texts: [UInt8] = []
    /// How long the texts will be when they are read.
    var textBytes = 0

    /// What follows looks different.
    mutating func cut() {
        if cuts.last != bytes.count, !bytes.isEmpty { cuts.append(bytes.count) }
    }

    /// All but the texts of another.
    mutating func append(planesOf other: PlaneWriter) {
        cut()
        cuts.append(contentsOf: other.cuts.map { $0 + bytes.count })
        bytes.append(contentsOf: other.bytes)
        textBytes += other.textBytes
    }

    mutating func append(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func append(plane: some Sequence<UInt8>) {
        bytes.append(contentsOf: plane)
        cut()
    }

    /// Ones and zeros, eight a byte, the first the least significant.
    mutating func append(bits: [UInt8]) {
        append(packed: bits, width: 1)
    }

    /// - Parameter width: 1, 2 or 4 bits of each.
    private mutating func append(packed values: some Collection<UInt8>, width: UInt8) {
        var byte: UInt8 = 0
        var shift: UInt8 = 0
        for value in values {
            byte |= value << shift
            shift += width
            if shift == 8 {
                bytes.append(byte)
                (byte, shift) = (0, 0)
            }
        }
        if shift > 0 { bytes.append(byte) }
        cut()
    }

    /// Numbers of any size: see ``NumberClass``.
    mutating func append(numbers: [UInt64]) {
        append(numbers.span) { $0 }
    }

    mutating func append(numbers: [UInt32]) {
        append(numbers.span) { UInt64($0) }
    }

    @inline(__always)
    private mutating func append<Number>(_ numbers: Swift.Span<Number>, _ wide: (Number) -> UInt64) {
        let classes = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: numbers.count))
        var low: [UInt8] = []
        low.reserveCapacity(numbers.count * 2)
        var word: UInt64 = 0
        var filled = 0
        for index in numbers.indices {
            let number = wide(numbers[index])
            let numberClass = NumberClass.of(number)
            bytes[classes + index] = numberClass
            let count = NumberClass.bits(numberClass)
            guard count > 0 else { continue }
            let bits = number & (1 << UInt64(count) - 1)
            word |= bits << UInt64(filled)
            filled += count
            guard filled >= 64 else { continue }
            withUnsafeBytes(of: word.littleEndian) { low.append(contentsOf: $0) }
            filled -= 64
            word = filled == 0 ? 0 : bits >> UInt64(count - filled)
        }
        withUnsafeBytes(of: word.littleEndian) { low.append(contentsOf: $0.prefix((filled + 7) / 8)) }
        cut()
        append(plane: low)
    }

    /// Symbols below `count`, the frequent ones being small if there are more than 256.
    mutating func append(symbols: [UInt16], of count: Int) {
        switch SymbolWidth(count) {
        case .none: break
        case .packed(let width): append(packed: symbols.lazy.map { UInt8($0) }, width: width)
        case .byte: append(plane: symbols.lazy.map { UInt8($0) })
        case .escaped(let direct):
            append(
                plane: symbols.lazy.map { symbol in
                    let symbol = Int(symbol)
                    return UInt8(symbol < direct ? symbol : direct + (symbol - direct) >> 8)
                })
            append(
                plane: symbols.lazy.filter { $0 >= direct }.map {
                    UInt8(truncatingIfNeeded: Int($0) - direct)
                })
        }
    }
}

/// A number is written as its class, one byte, and so many of its low bits.
///
/// 0 to 7 are classes of their own; above, each power of two has four. So the classes carry what is likely,
/// for zstd to squeeze, and the bits what is as good as random.
enum NumberClass {
    /// The class of the largest number of 32 bits, and of 64.
    static let last32: UInt8 = 123
    static let last64: UInt8 = 251

    @inline(__always)
    static func of(_ number: UInt64) -> UInt8 {
        if number < 8 { return UInt8(number) }
        let bits = 61 - number.leadingZeroBitCount
        return UInt8(4 + bits * 4 + Int(number >> UInt64(bits)) & 3)
    }

    /// How many low bits follow.
    @inline(__always)
    static func bits(_ number: UInt8) -> Int { max(Int(number >> 2), 1) - 1 }

    /// The least number of each class; 0 beyond ``last64``.
    static let least: [UInt64] = (0...255).map { number in
        if number < 4 { return UInt64(number) }
        return number <= Int(last64) ? UInt64(4 + number & 3) << UInt64(bits(UInt8(number))) : 0
    }
}

/// How symbols are written of which there are so many.
enum SymbolWidth {
    case none
    /// Several in a byte, of so many bits each.
    case packed(UInt8)
    case byte
    /// In a byte if they are below `direct`; else 256 share a byte, and a second one tells them apart.
    case escaped(direct: Int)

    init(_ count: Int) {
        self =
            switch count {
            case ...1: .none
            case 2: .packed(1)
            case ...4: .packed(2)
            case ...16: .packed(4)
            case ...256: .byte
            default: .escaped(direct: (65_536 - count) / 255)
            }
    }
}
