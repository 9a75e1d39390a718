/// Numbers one after the other, as they stand in memory (little-endian on every machine that Swift knows); reading checks the end before each.
struct PlainBytes: Sendable {
    private(set) var bytes: [UInt8] = []
    private var position = 0

    init() {}

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    // MARK: Writing

    mutating func put<Number: FixedWidthInteger & Sendable>(_ number: Number) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func put<Number: FixedWidthInteger & Sendable>(array: [Number]) {
        put(UInt32(array.count))
        array.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }

    mutating func put(texts: TextTable) {
        put(array: (0..<UInt32(texts.count)).map { UInt32(texts.text($0).utf8.count) })
        var arena: [UInt8] = []
        for id in 0..<UInt32(texts.count) { arena += Array(texts.text(id).utf8) }
        put(array: arena)
    }

    // MARK: Reading

    mutating func take<Number: FixedWidthInteger & Sendable>(_: Number.Type) throws -> Number {
        let size = MemoryLayout<Number>.size
        guard bytes.count - position >= size else { throw Checkpoint.Malformed() }
        defer { position += size }
        return Number(
            littleEndian: bytes.withUnsafeBytes {
                $0.loadUnaligned(fromByteOffset: position, as: Number.self)
            })
    }

    /// - Parameter count: what it has to have; nil for any.
    mutating func takeArray<Number: FixedWidthInteger & Sendable>(_ count: Int? = nil) throws -> [Number] {
        let plane: Plane<Number> = try takePlane(count)
        return [Number](unsafeUninitializedCapacity: plane.count) { buffer, initialized in
            bytes.withUnsafeBytes { source in
                let size = plane.count * MemoryLayout<Number>.stride
                UnsafeMutableRawBufferPointer(buffer).copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: source[plane.start..<plane.start + size]))
            }
            initialized = plane.count
        }
    }

    /// An array that stays where it is.
    ///
    /// - Parameter limit: each of its numbers is less; nil for any.
    mutating func takePlane<Number: FixedWidthInteger & Sendable>(
        _ count: Int? = nil, below limit: Int? = nil
    ) throws -> Plane<Number> {
        let length = Int(try take(UInt32.self))
        let size = MemoryLayout<Number>.stride
        guard count == nil || count == length, length <= (bytes.count - position) / size else {
            throw Checkpoint.Malformed()
        }
        let plane = Plane<Number>(start: position, count: length)
        position += length * size
        if let limit, length > 0 {
            let largest = bytes.withUnsafeBytes { bytes in
                let first = bytes.baseAddress! + plane.start
                var largest = Number.min
                for index in 0..<length {
                    largest = max(largest, (first + index * size).loadUnaligned(as: Number.self))
                }
                return largest
            }
            guard Int(largest) < limit else { throw Checkpoint.Malformed() }
        }
        return plane
    }

    subscript<Number: FixedWidthInteger & Sendable>(plane: Plane<Number>, index: Int) -> Number {
        precondition(0..<plane.count ~= index, "there is no such row")
        return bytes.withUnsafeBytes {
            $0.loadUnaligned(
                fromByteOffset: plane.start + index * MemoryLayout<Number>.stride, as: Number.self)
        }
    }

    /// Runs `body` with the bytes of an array that stays where it is.
    mutating func withTaken<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) throws -> Result {
        let plane: Plane<UInt8> = try takePlane()
        return try bytes.withUnsafeBytes {
            try body(UnsafeRawBufferPointer(rebasing: $0[plane.start..<plane.start + plane.count]))
        }
    }

    mutating func takeTexts() throws -> TextTable {
        let lengths: [UInt32] = try takeArray()
        let arena: [UInt8] = try takeArray(lengths.reduce(0) { $0 + Int($1) })
        var table = TextTable()
        table.reserveCapacity(texts: lengths.count, bytes: arena.count)
        var start = 0
        for (number, length) in lengths.enumerated() {
            let id = arena.withUnsafeBytes { bytes in
                table.id(of: UnsafeRawBufferPointer(rebasing: bytes[start..<start + Int(length)]))
            }
            // Each text once, in order.
            guard id == UInt32(number) else { throw Checkpoint.Malformed() }
            start += Int(length)
        }
        return table
    }
}

/// Where in ``PlainBytes`` an array lies.
struct Plane<Number: FixedWidthInteger & Sendable>: Sendable {
    let start: Int
    let count: Int
}
