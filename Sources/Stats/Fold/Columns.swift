extension Fold {
    static func writeColumns(of raw: RawEvents, _ visits: Visits, limits: Limits, to block: inout Block) {
        var coder = Coder(limit: limits.values)
        let firsts = visits.starts.dropLast().map { visits.rows[Int($0)] }
        raw.ids.withUnsafeBufferPointer { ids in
            for column in Column.allCases where column != .currency {
                let index = Int(column.rawValue)
                // One gathering a column: all at once, in one pass over the rows, was no quicker.
                let texts = (column.isOfVisit ? firsts : visits.rows).map {
                    ids[Int($0) * RawEvents.width + index]
                }
                (block.columns[index], block.dictionaries[index]) = texts.withUnsafeBufferPointer {
                    coder.code($0, raw.texts[index])
                }
            }
        }
        let pages = block.columns[Int(Column.page.rawValue)]
        block.entryPage = Array(repeating: Block.none, count: block.visitCount)
        block.exitPage = block.entryPage
        for visit in 0..<block.visitCount {
            for event in Int(block.firstEvent[visit])..<Int(block.firstEvent[visit + 1])
            where block.kinds[event].contains(.pageView) {
                if block.entryPage[visit] == Block.none { block.entryPage[visit] = pages[event] }
                block.exitPage[visit] = pages[event]
            }
        }
    }

    static func writeRevenues(of raw: RawEvents, _ visits: Visits, limits: Limits, to block: inout Block) {
        let currency = Int(Column.currency.rawValue)
        var events: [UInt32] = []
        var currencies: [UInt32] = []
        for (event, row) in visits.rows.enumerated() where raw.events[Int(row)].revenue != nil {
            events.append(UInt32(event))
            currencies.append(raw.ids[Int(row) * RawEvents.width + currency])
        }
        var coder = Coder(limit: limits.values)
        let (codes, dictionary) = currencies.withUnsafeBufferPointer { coder.code($0, raw.texts[currency]) }
        block.dictionaries[currency] = dictionary
        block.revenues = zip(events, codes).map { event, code in
            Block.Revenue(
                event: event, currency: code, amount: raw.events[Int(visits.rows[Int(event)])].revenue ?? 0)
        }
    }

    static func writeProperties(of raw: RawEvents, _ visits: Visits, limits: Limits, to block: inout Block) {
        guard !raw.properties.isEmpty else { return }
        // By key: which events have it, and its values there.
        var events = [[UInt32]](repeating: [], count: raw.keyTexts.count)
        var values = events
        for (event, row) in visits.rows.enumerated() {
            for property in raw.properties[raw.firstProperty[Int(row)]..<raw.firstProperty[Int(row) + 1]] {
                let key = Int(property.key)
                if events[key].last == UInt32(event) {
                    values[key][values[key].count - 1] = property.value
                } else {
                    events[key].append(UInt32(event))
                    values[key].append(property.value)
                }
            }
        }
        let keys = raw.keyTexts.withBytes { texts in
            let seen = (0..<UInt32(events.count)).filter { !events[Int($0)].isEmpty }
            let counts = events.map { UInt32($0.count) }
            return Coder.sorted(Coder.split(seen, keeping: limits.keys, counts: counts, texts).kept, texts)
        }
        var coder = Coder(limit: limits.values)
        block.properties = keys.map { key in
            let (codes, dictionary) = values[Int(key)].withUnsafeBufferPointer {
                coder.code($0, raw.valueTexts)
            }
            return Block.Property(
                key: raw.keyTexts.text(key), events: events[Int(key)], values: codes, dictionary: dictionary)
        }
    }
}
