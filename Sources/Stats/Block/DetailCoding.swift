import Days

/// The columns that are asked for now and then. They lean on those of the core.
enum DetailCoding {
    static func write(_ block: Block, _ dictionaries: PlaneWriter, to planes: inout PlaneWriter) {
        planes.append(block.fingerprint)
        planes.cut()
        planes.append(planesOf: dictionaries)
        planes.append(columnsOfEvents: .detail, of: block)
        planes.append(columnsOfVisits: .detail, of: block)
    }

    /// - Parameter wanted: with all that they need. The others are passed over.
    static func read(
        _ planes: inout PlaneReader, _ wanted: ColumnGroup, into block: inout Block
    ) throws(BlockDamage) {
        guard try planes.integer() == block.fingerprint else {
            throw BlockDamage("Core and detail are of different blocks.")
        }
        let counts = try planes.read(dictionariesOf: .detail, wanted, into: &block.dictionaries)
        try planes.readColumns(ofEvents: .detail, wanted, counts, into: &block)
        try planes.readColumns(ofVisits: .detail, wanted, counts, into: &block)
        block.groups.formUnion(wanted.intersection(.detail))
    }
}

extension Block {
    /// Tells whether values belong together: of the day, its visits, its events and their pages.
    var fingerprint: UInt64 {
        var hash = UInt64(bitPattern: start) ^ UInt64(UInt32(bitPattern: day.rawValue)) << 32
        hash = visitor.withUnsafeBytes { XXHash64.hash($0, seed: hash) }
        hash = firstEvent.withUnsafeBytes { XXHash64.hash($0, seed: hash) }
        hash = time.withUnsafeBytes { XXHash64.hash($0, seed: hash) }
        return numbers(of: .page).withUnsafeBytes { XXHash64.hash($0, seed: hash) }
    }
}
