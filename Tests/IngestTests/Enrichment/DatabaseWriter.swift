/// Writes small databases of addresses, by the specification of the format (maxmind.github.io/MaxMind-DB, 2.0).
struct DatabaseWriter {
    indirect enum Value {
        case text(String)
        case number(UInt64, type: UInt8, bytes: Int)
        case map([(String, Value)])
        case array([Value])
    }

    private enum Record {
        case empty
        case node(Int)
        case data(Int)
    }

    private var nodes: [(Record, Record)] = [(.empty, .empty)]
    private var data: [UInt8] = []

    /// The network of the first `length` bits of sixteen bytes; IPv4 lies under ::/96.
    mutating func add(_ network: [UInt8], length: Int, _ value: Value) {
        let offset = data.count
        data += DatabaseWriter.encoded(value)
        var node = 0
        for bit in 0..<length {
            let isRight = network[bit / 8] >> UInt8(7 - bit % 8) & 1 == 1
            let isLast = bit == length - 1
            let next: Record
            if isLast {
                next = .data(offset)
            } else if case .node = isRight ? nodes[node].1 : nodes[node].0 {
                next = isRight ? nodes[node].1 : nodes[node].0
            } else {
                nodes.append((.empty, .empty))
                next = .node(nodes.count - 1)
            }
            if isRight { nodes[node].1 = next } else { nodes[node].0 = next }
            if case .node(let index) = next { node = index }
        }
    }

    mutating func add(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8, length: Int, _ value: Value) {
        add(Array(repeating: 0, count: 12) + [a, b, c, d], length: 96 + length, value)
    }

    /// The whole file, with records of 24 bits.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        for node in nodes {
            for record in [node.0, node.1] {
                let value =
                    switch record {
                    case .empty: nodes.count
                    case .node(let index): index
                    case .data(let offset): nodes.count + 16 + offset
                    }
                bytes += [UInt8(value >> 16 & 255), UInt8(value >> 8 & 255), UInt8(value & 255)]
            }
        }
        bytes += Array(repeating: 0, count: 16) + data + [0xAB, 0xCD, 0xEF] + Array("MaxMind.com".utf8)
        bytes += DatabaseWriter.encoded(
            .map([
                ("node_count", .number(UInt64(nodes.count), type: 6, bytes: 4)),
                ("record_size", .number(24, type: 5, bytes: 2)),
                ("ip_version", .number(6, type: 5, bytes: 2)),
                ("database_type", .text("Test-City")), ("languages", .array([.text("en")])),
                ("binary_format_major_version", .number(2, type: 5, bytes: 2)),
                ("binary_format_minor_version", .number(0, type: 5, bytes: 2)),
                ("build_epoch", .number(1_700_000_000, type: 9, bytes: 8)),
                ("description", .map([("en", .text("a test"))])),
            ]))
        return bytes
    }

    private static func encoded(_ value: Value) -> [UInt8] {
        switch value {
        case .text(let text): return control(2, text.utf8.count) + Array(text.utf8)
        case .number(let number, let type, let count):
            return control(type, count)
                + (0..<count).map { UInt8(number >> UInt64(8 * (count - 1 - $0)) & 255) }
        case .map(let pairs):
            return control(7, pairs.count) + pairs.flatMap { encoded(.text($0.0)) + encoded($0.1) }
        case .array(let values): return control(11, values.count) + values.flatMap(encoded)
        }
    }

    private static func control(_ type: UInt8, _ size: Int) -> [UInt8] {
        let low = UInt8(min(size, 29))
        return (type > 7 ? [low, type - 7] : [type << 5 | low]) + (size >= 29 ? [UInt8(size - 29)] : [])
    }
}

extension DatabaseWriter {
    /// As GeoLite2-City has it.
    static func city(_ country: String, _ region: String = "", _ city: String = "") -> Value {
        var fields: [(String, Value)] = [("country", .map([("iso_code", .text(country))]))]
        if !region.isEmpty {
            fields.append(("subdivisions", .array([.map([("names", .map([("en", .text(region))]))])])))
        }
        if !city.isEmpty { fields.append(("city", .map([("names", .map([("en", .text(city))]))]))) }
        return .map(fields)
    }

    /// Addresses of documentation (RFC 5737, RFC 3849) in three places, one that is none, and one in another form.
    static var example: DatabaseWriter {
        var writer = DatabaseWriter()
        writer.add(192, 0, 2, 0, length: 24, city("GB", "England", "Boxford"))
        writer.add(198, 51, 100, 0, length: 25, city("US", "Washington", "Milton-Freewater-upon-the-River"))
        writer.add(203, 0, 113, 7, length: 32, city("XX"))
        writer.add(
            203, 0, 113, 8, length: 32, .map([("country_code", .text("DE")), ("country", .text("Germany"))]))
        writer.add([0x20, 0x01, 0x0D, 0xB8] + Array(repeating: 0, count: 12), length: 32, city("JP"))
        return writer
    }
}
