package import Days

/// A block as it is stored: four values that are read apart, and what is known of it without reading any.
package struct EncodedBlock: Sendable, Equatable {
    package var format: Int16
    package var visitors: Int
    package var visits: Int
    package var pageViews: Int
    package var events: Int
    /// Eight bytes: ``BlockFile/checksum(of:)``.
    package var checksum: [UInt8]
    package var summary: [UInt8]
    package var core: [UInt8]
    package var detail: [UInt8]
    package var properties: [UInt8]

    package init(
        format: Int16, visitors: Int, visits: Int, pageViews: Int, events: Int, checksum: [UInt8],
        summary: [UInt8], core: [UInt8], detail: [UInt8], properties: [UInt8]
    ) {
        self.format = format
        self.visitors = visitors
        self.visits = visits
        self.pageViews = pageViews
        self.events = events
        self.checksum = checksum
        self.summary = summary
        self.core = core
        self.detail = detail
        self.properties = properties
    }
}

/// Blocks as bytes, and back. The format is described in docs/blocks.md.
///
/// Whatever the bytes are, reading them ends with a block whose every number is below what it counts, or with
/// ``BlockDamage``; and takes memory only in proportion to their length.
package enum BlockFile {
    /// To change it: raise the number, and let the worker write the blocks anew.
    package static let format: Int16 = 1
    /// Of a part. Who has more cuts the day into slices by visitor.
    package static let maximumEvents = 5_000_000
    /// Texts of a dictionary.
    static let maximumValues = 60_001

    private enum Kind: UInt8 {
        case summary = 0x53
        case core = 0x43
        case detail = 0x44
        case properties = 0x50
    }

    /// - Parameters:
    ///   - block: as the fold made it, or a reader.
    ///   - clock: of its day.
    ///   - isSummarized: false leaves the summary empty: for whoever will not read it.
    /// - Throws: for more than ``maximumEvents``, and for a block of which groups are missing.
    package static func encode(
        _ block: Block, clock: DayClock, isSummarized: Bool = true
    ) throws(BlockDamage) -> EncodedBlock {
        guard block.groups == .all else { throw BlockDamage("Only a whole block can be written.") }
        guard block.eventCount <= maximumEvents else {
            throw BlockDamage("There are too many events for one block.")
        }
        var (core, detail, properties) = (PlaneWriter(), PlaneWriter(), PlaneWriter())
        var (coreTexts, detailTexts) = (PlaneWriter(), PlaneWriter())
        try coreTexts.append(dictionariesOf: .ofCore, of: block)
        try detailTexts.append(dictionariesOf: .detail, of: block)
        try CoreCoding.write(block, coreTexts, to: &core)
        DetailCoding.write(block, detailTexts, to: &detail)
        try PropertiesCoding.write(block, to: &properties)
        // The texts of core and detail, which take longest to squeeze, stand in the summary just as they are.
        let frames = (core: try Frame.ofTexts(coreTexts.texts), detail: try Frame.ofTexts(detailTexts.texts))
        var encoded = EncodedBlock(
            format: format, visitors: block.visitorCount, visits: block.visitCount,
            pageViews: block.pageViews.reduce(0) { $0 + Int($1) }, events: block.eventCount, checksum: [],
            summary: [],
            core: try value(.core, core, frames.core), detail: try value(.detail, detail, frames.detail),
            properties: try value(.properties, properties, Frame.ofTexts(properties.texts)))
        if isSummarized {
            var summary = PlaneWriter()
            try SummaryCoding.write(
                Summary(of: block, clock: clock), of: block, [coreTexts, detailTexts], to: &summary)
            encoded.summary = try value(.summary, summary, frames.core + frames.detail)
        }
        encoded.checksum = checksum(of: encoded)
        return encoded
    }

    /// XXH64 of the summary, core, detail and properties, each seeded with the hash of the one before, the
    /// first with the format; most significant byte first.
    package static func checksum(of block: EncodedBlock) -> [UInt8] {
        var hash = UInt64(bitPattern: Int64(block.format))
        for value in [block.summary, block.core, block.detail, block.properties] {
            hash = value.withUnsafeBytes { XXHash64.hash($0, seed: hash) }
        }
        return withUnsafeBytes(of: hash.bigEndian) { Array($0) }
    }

    // MARK: Reading

    /// - Parameter columns: which of the core and of the detail are wanted; of the detail with all that they need
    ///   (``Column/needed``).
    package static func block(
        core: [UInt8], detail: [UInt8]? = nil, columns: ColumnGroup = .all, properties: [UInt8]? = nil
    ) throws(BlockDamage) -> Block {
        var block = try read(core, .core) { planes throws(BlockDamage) in
            try CoreReading.block(&planes, columns)
        }
        if let detail { try add(detail: detail, columns: columns, to: &block) }
        if let properties { try add(properties: properties, to: &block) }
        return block
    }

    /// What of ``ColumnGroup/ofCore`` a block was read without: all of it, so that a core is read twice at most. Nothing is
    /// added if it throws.
    package static func add(core: [UInt8], to block: inout Block) throws(BlockDamage) {
        let read = try self.block(core: core)
        guard read.firstEvent == block.firstEvent, read.day == block.day else {
            throw BlockDamage("It is the core of another block.")
        }
        let new = read.groups.subtracting(block.groups)
        for column in Column.allCases where new.contains(column.group) {
            let index = Int(column.rawValue)
            (block.columns[index], block.dictionaries[index]) = (
                read.columns[index], read.dictionaries[index]
            )
        }
        if new.contains(.times) { (block.time, block.duration) = (read.time, read.duration) }
        block.groups.formUnion(new)
    }

    /// Columns of ``ColumnGroup/detail`` of a block that was read without them. Nothing is added if it throws.
    ///
    /// - Parameter columns: with all that they need, but for what the block has.
    package static func add(
        detail: [UInt8], columns: ColumnGroup = .detail, to block: inout Block
    ) throws(BlockDamage) {
        let core = block
        block = try read(detail, .detail) { planes throws(BlockDamage) in
            var block = core
            try DetailCoding.read(&planes, columns, into: &block)
            return block
        }
    }

    /// The properties of a block that was read without. Nothing is added if it throws.
    package static func add(properties: [UInt8], to block: inout Block) throws(BlockDamage) {
        let core = block
        block = try read(properties, .properties) { planes throws(BlockDamage) in
            var block = core
            try PropertiesCoding.read(&planes, into: &block)
            return block
        }
    }

    /// - Parameter keys: the tables that are wanted. The others, and dictionaries that only they need, are left
    ///   out: making strings takes a third of the time.
    package static func summary(
        _ bytes: [UInt8], keys: Set<Summary.Key> = Set(Summary.Key.all)
    ) throws(BlockDamage) -> Summary {
        try read(bytes, .summary) { planes throws(BlockDamage) in try SummaryCoding.read(&planes, keys) }
    }

    // MARK: Values

    /// "Mochi", what it is, and the format; then a frame of zstd.
    private static func header(_ kind: Kind) -> [UInt8] {
        Array("Mochi".utf8) + [
            kind.rawValue, UInt8(truncatingIfNeeded: format), UInt8(truncatingIfNeeded: format >> 8),
        ]
    }

    private static func value(
        _ kind: Kind, _ planes: PlaneWriter, _ texts: [UInt8]
    ) throws(BlockDamage) -> [UInt8] {
        let frames = try Frame.ofPlanes(planes) + texts
        let padding = Frame.padding(frames.count, planes: planes.bytes.count, texts: planes.textBytes)
        return header(kind) + frames + repeatElement(0, count: padding)
    }

    private static func read<Result>(
        _ value: [UInt8], _ kind: Kind, _ body: (inout PlaneReader) throws(BlockDamage) -> Result
    ) throws(BlockDamage) -> Result {
        let header = header(kind)
        guard value.starts(with: header) else { throw BlockDamage("It is not of this format.") }
        return try value.withUnsafeBufferPointer { bytes throws(BlockDamage) in
            try Frame.read(
                UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[header.count...]), body)
        }
    }
}
