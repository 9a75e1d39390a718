extension Zone {
    /// Reads a compiled zone file (RFC 8536), version 2 or later; nil for anything else.
    convenience init?(name: String, tzif bytes: [UInt8]) {
        var reader = TZifReader(bytes: bytes)
        // The first block has 32-bit times, for programs of the last century.
        guard let old = reader.header(), old.version >= UInt8(ascii: "2"), reader.skip(old.size(ofTime: 4)),
            let header = reader.header(), header.leapSeconds == 0, header.types > 0,
            let transitions = reader.integers(header.transitions, as: Int64.self),
            zip(transitions, transitions.dropFirst()).allSatisfy({ $0 < $1 }),
            let indices = reader.integers(header.transitions, as: UInt8.self)
        else { return nil }
        var types: [Int32] = []
        for _ in 0..<header.types {
            guard let offset = reader.integer(Int32.self), abs(Int(offset)) < 26 * 3_600, reader.skip(2)
            else {
                return nil
            }
            types.append(offset)
        }
        guard indices.allSatisfy({ Int($0) < types.count }),
            reader.skip(header.characters + header.standardFlags + header.universalFlags),
            let line = reader.footer()
        else { return nil }
        var footer: Footer?
        if !line.isEmpty {
            guard let parsed = Footer(line) else { return nil }
            footer = parsed
        }
        self.init(
            name: name, transitions: transitions, offsets: [types[0]] + indices.map { types[Int($0)] },
            footer: footer)
    }
}

private struct TZifReader {
    let bytes: [UInt8]
    var position = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    struct Header {
        var version: UInt8
        var universalFlags, standardFlags, leapSeconds, transitions, types, characters: Int

        func size(ofTime time: Int) -> Int {
            transitions * (time + 1) + types * 6 + characters + leapSeconds * (time + 4) + standardFlags
                + universalFlags
        }
    }

    mutating func header() -> Header? {
        guard bytes.count - position >= 44, bytes[position..<position + 4].elementsEqual("TZif".utf8) else {
            return nil
        }
        let version = bytes[position + 4]
        position += 20
        guard let counts = integers(6, as: UInt32.self), counts.allSatisfy({ $0 < 65_536 }) else {
            return nil
        }
        return Header(
            version: version, universalFlags: Int(counts[0]), standardFlags: Int(counts[1]),
            leapSeconds: Int(counts[2]), transitions: Int(counts[3]), types: Int(counts[4]),
            characters: Int(counts[5]))
    }

    mutating func skip(_ count: Int) -> Bool {
        guard bytes.count - position >= count else { return false }
        position += count
        return true
    }

    mutating func integer<T: FixedWidthInteger>(_ type: T.Type) -> T? {
        let size = T.bitWidth / 8
        guard bytes.count - position >= size else { return nil }
        defer { position += size }
        return bytes[position..<position + size].reduce(into: T.zero) { value, byte in
            value = (T.bitWidth > 8 ? value << 8 : 0) | T(truncatingIfNeeded: byte)
        }
    }

    mutating func integers<T: FixedWidthInteger>(_ count: Int, as type: T.Type) -> [T]? {
        var values: [T] = []
        values.reserveCapacity(count)
        for _ in 0..<count {
            guard let value = integer(type) else { return nil }
            values.append(value)
        }
        return values
    }

    /// The line between two newlines at the end.
    func footer() -> ArraySlice<UInt8>? {
        guard position < bytes.count, bytes[position] == 10,
            let end = bytes[(position + 1)...].firstIndex(of: 10)
        else { return nil }
        return bytes[(position + 1)..<end]
    }
}
