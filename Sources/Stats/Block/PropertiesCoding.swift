/// Properties of events: for each key the events that have it and their values.
enum PropertiesCoding {
    static func write(_ block: Block, to planes: inout PlaneWriter) throws(BlockDamage) {
        planes.append(block.fingerprint)
        planes.cut()
        try planes.append(dictionary: block.properties.map(\.key))
        for property in block.properties {
            try planes.append(dictionary: property.dictionary)
            planes.append(UInt32(property.events.count))
            var before: UInt32 = 0
            planes.append(
                numbers: property.events.map { event in
                    defer { before = event + 1 }
                    return event - before
                })
            planes.append(column: property.values, of: property.dictionary.count)
        }
    }

    static func read(_ planes: inout PlaneReader, into block: inout Block) throws(BlockDamage) {
        guard try planes.integer() == block.fingerprint else {
            throw BlockDamage("Core and properties are of different blocks.")
        }
        let keys = try planes.dictionary()
        var properties: [Block.Property] = []
        for key in keys {
            let dictionary = try planes.dictionary()
            let count = try planes.count(upTo: block.eventCount)
            var event = -1
            var events: [UInt32] = []
            events.reserveCapacity(count)
            for gap in try planes.numbers(count) {
                event += Int(gap) + 1
                guard event < block.eventCount else { throw BlockDamage("There is no event \(event).") }
                events.append(UInt32(event))
            }
            let values = try planes.column(count, of: dictionary.count)
            properties.append(.init(key: key, events: events, values: values, dictionary: dictionary))
        }
        block.properties = properties
        block.groups.insert(.properties)
    }
}
