/// Three ways in: with numbers of texts that were asked for once, with texts, or text by text with bytes.
extension RawEvents {
    package mutating func id(of text: String, in column: Column) -> UInt32 {
        texts[Int(column.rawValue)].id(of: text)
    }

    package mutating func id(of bytes: UnsafeRawBufferPointer, in column: Column) -> UInt32 {
        texts[Int(column.rawValue)].id(of: bytes)
    }

    package mutating func property(_ key: String, _ value: String) -> Property {
        Property(key: keyTexts.id(of: key), value: valueTexts.id(of: value))
    }

    /// `ids`: by ``Column``, ``width`` of them, as ``id(of:in:)`` gave them.
    package mutating func append(_ event: Event, ids: [UInt32], properties: [Property] = []) {
        precondition(ids.count == Self.width, "an event has \(Self.width) texts")
        events.append(event)
        self.ids.append(contentsOf: ids)
        self.properties.append(contentsOf: properties)
        firstProperty.append(self.properties.count)
    }

    /// What is not among `texts` is "".
    package mutating func append(
        _ event: Event, _ texts: [Column: String], properties: KeyValuePairs<String, String> = [:]
    ) {
        append(event)
        for (column, text) in texts {
            ids[ids.count - Self.width + Int(column.rawValue)] = id(of: text, in: column)
        }
        for (key, value) in properties { addProperty(property(key, value)) }
    }

    /// An event whose texts are all ""; ``set(_:_:)`` and ``addProperty(_:)`` say what they are.
    package mutating func append(_ event: Event) {
        events.append(event)
        ids.append(contentsOf: repeatElement(0, count: Self.width))
        firstProperty.append(properties.count)
    }

    /// A text of the event that was appended last.
    package mutating func set(_ column: Column, _ bytes: UnsafeRawBufferPointer) {
        ids[ids.count - Self.width + Int(column.rawValue)] = texts[Int(column.rawValue)].id(of: bytes)
    }

    /// A property of the event that was appended last.
    package mutating func addProperty(_ property: Property) {
        properties.append(property)
        firstProperty[firstProperty.count - 1] = properties.count
    }

    /// All events of another, as if they had been appended one by one.
    package mutating func append(contentsOf other: RawEvents) {
        let columns = (0..<Self.width).map { column in texts[column].ids(of: other.texts[column]) }
        let keys = keyTexts.ids(of: other.keyTexts)
        let values = valueTexts.ids(of: other.valueTexts)
        events.append(contentsOf: other.events)
        var column = 0
        for id in other.ids {
            ids.append(columns[column][Int(id)])
            column = column + 1 == Self.width ? 0 : column + 1
        }
        let before = properties.count
        for property in other.properties {
            properties.append(Property(key: keys[Int(property.key)], value: values[Int(property.value)]))
        }
        for first in other.firstProperty.dropFirst() { firstProperty.append(before + first) }
    }
}

extension TextTable {
    /// The numbers here of all texts of another, by their numbers there.
    fileprivate mutating func ids(of other: TextTable) -> [UInt32] {
        other.withBytes { texts in
            (0..<UInt32(other.count)).map { id(of: texts[$0]) }
        }
    }
}
