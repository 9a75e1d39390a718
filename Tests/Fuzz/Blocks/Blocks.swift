import Days

// A stored value as an attacker, or a bad disk, may leave it. The first byte of an input says what it is: its
// last two bits which value, and the next one whether the rest is the value as it is stored, or what zstd
// would have made of it (two bytes of length, so many bytes of texts, and the planes), which no mutation
// could get past its checksum.

@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let input = UnsafeRawBufferPointer(start: data, count: size)
    guard let mode = input.first else { return 0 }
    let rest = UnsafeRawBufferPointer(rebasing: input.dropFirst())
    do throws(BlockDamage) {
        if mode & 4 == 0 {
            try readValue(mode & 3, Array(rest))
        } else {
            try readPlanes(mode & 3, rest)
        }
    } catch {
        precondition(!error.description.isEmpty)
    }
    return 0
}

private let clock = ZoneHistory(Zone.utc).clock(of: Day(rawValue: 20_000))

/// A small block that details and properties go with.
private let known: (block: Block, core: [UInt8]) = {
    var raw = RawEvents()
    for index in 0..<12 {
        var event = RawEvents.Event(
            time: (clock.start + Int64(index * 700)) * 1_000_000, visitor: Int64(index % 5), stream: 1,
            sequence: Int64(index))
        event.engagementMilliseconds = Int32(index * 500)
        raw.append(
            event,
            [
                .name: index % 4 == 3 ? "Signup" : "pageview", .page: "/\(index % 3)",
                .country: "C\(index % 2)",
            ],
            properties: ["key": "value \(index % 2)"])
    }
    let block = Fold.fold(raw, clock: clock).block
    do throws(BlockDamage) {
        return (block, try BlockFile.encode(block, clock: clock).core)
    } catch {
        fatalError("a block that the fold made cannot be written: \(error)")
    }
}()

private func readValue(_ kind: UInt8, _ value: [UInt8]) throws(BlockDamage) {
    switch kind {
    case 0:
        walk(try BlockFile.block(core: value, columns: .core))
        walk(try BlockFile.block(core: value))
    case 1: walk(try BlockFile.block(core: known.core, detail: value))
    case 2: walk(try BlockFile.block(core: known.core, properties: value))
    default: walk(try BlockFile.summary(value))
    }
}

private func readPlanes(_ kind: UInt8, _ input: UnsafeRawBufferPointer) throws(BlockDamage) {
    guard input.count >= 2 else { return }
    let count = min(Int(input.loadUnaligned(as: UInt16.self)), input.count - 2)
    let texts = UnsafeRawBufferPointer(rebasing: input[2..<2 + count])
    let padded = Array(input[(2 + count)...]) + [UInt8](repeating: 0, count: PlaneReader.padding)
    let read = padded.withUnsafeBytes { bytes -> Result<Void, BlockDamage> in
        var planes = PlaneReader(bytes, texts: texts, textBytes: 1 << 20)
        do throws(BlockDamage) {
            var block = known.block
            switch kind {
            case 0:
                var again = planes
                walk(try CoreReading.block(&again, .core))
                block = try CoreReading.block(&planes)
            case 1: try DetailCoding.read(&planes, .detail, into: &block)
            case 2:
                block.properties = []
                try PropertiesCoding.read(&planes, into: &block)
            default: walk(try SummaryCoding.read(&planes, Set(Summary.Key.all)))
            }
            try planes.finish()
            walk(block)
            return .success(())
        } catch {
            return .failure(error)
        }
    }
    try read.get()
}

// MARK: Walking

/// Every number is below what it counts; and what was read can be written, and read as the same.
private func walk(_ read: Block) {
    var block = read
    precondition(block.firstEvent.count == block.visitCount + 1 && block.firstEvent.first == 0)
    precondition(block.firstEvent.last == UInt32(block.eventCount))
    for visit in 0..<block.visitCount {
        precondition(block.firstEvent[visit] < block.firstEvent[visit + 1])
        precondition(block.visitor[visit] < block.visitorCount)
        let step = visit == 0 ? block.visitor[0] : block.visitor[visit] - block.visitor[visit - 1]
        precondition(visit == 0 ? step == 0 : step <= 1)
        for page in [block.entryPage[visit], block.exitPage[visit]] where page != Block.none {
            precondition(page < block.dictionary(of: .page).count)
        }
    }
    for column in Column.allCases where column != .currency {
        if !block.groups.contains(column.group) {
            let rows = column.isOfVisit ? block.visitCount : block.eventCount
            block.dictionaries[Int(column.rawValue)] = [""]
            block.columns[Int(column.rawValue)] = [UInt16](repeating: 0, count: rows)
        }
        let numbers = block.numbers(of: column)
        precondition(numbers.count == (column.isOfVisit ? block.visitCount : block.eventCount))
        for number in numbers { precondition(number < block.dictionary(of: column).count) }
    }
    if !block.groups.contains(.times) {
        block.time = [UInt32](repeating: 0, count: block.eventCount)
        block.duration = [UInt32](repeating: 0, count: block.visitCount)
    }
    precondition(block.time.count == block.eventCount && block.depth.count == block.eventCount)
    for revenue in block.revenues {
        precondition(revenue.event < block.eventCount)
        precondition(revenue.currency < block.dictionary(of: .currency).count)
    }
    for property in block.properties {
        for event in property.events { precondition(event < block.eventCount) }
        for value in property.values { precondition(value < property.dictionary.count) }
        precondition(property.events.count == property.values.count)
    }
    block.groups = .all
    do throws(BlockDamage) {
        let encoded = try BlockFile.encode(block, clock: clock)
        let again = try BlockFile.block(
            core: encoded.core, detail: encoded.detail, properties: encoded.properties)
        precondition(again == block)
        let summary = try BlockFile.summary(encoded.summary)
        precondition(summary == Summary(of: block, clock: clock))
    } catch {
        fatalError("a block that was read cannot be written: \(error)")
    }
}

private func walk(_ summary: Summary) {
    for (key, table) in summary.tables {
        let count = key.count(summary.dictionaries)
        precondition(table.sums.count == Sum.allCases.count)
        for value in table.values { precondition(value < count) }
        for sums in table.sums {
            precondition(sums.count == table.values.count)
            for sum in sums { precondition(sum >= 0) }
        }
    }
}
