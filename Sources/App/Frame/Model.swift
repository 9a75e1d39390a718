public import Mustache

/// What a template may use, by name. Only strings, numbers, booleans, models, and arrays of these: `false` stands for what
/// is not there.
///
/// swift-mustache asks of each value, many times a page, whether it has names to look up. Of other structs it finds out by
/// reflection, and of dictionaries by what their keys are; a type of our own is known at once.
struct Model: Sendable, ExpressibleByDictionaryLiteral, MustacheParent {
    private var values: [String: any Sendable]

    init(dictionaryLiteral elements: (String, any Sendable)...) {
        values = Dictionary(uniqueKeysWithValues: elements)
    }

    init(_ values: [String: any Sendable]) {
        self.values = values
    }

    subscript(name: String) -> (any Sendable)? {
        get { values[name] }
        set { values[name] = newValue }
    }

    func child(named name: String) -> Any? { values[name] }

    func merging(_ other: Model, uniquingKeysWith choose: (any Sendable, any Sendable) -> any Sendable)
        -> Model
    {
        Model(values.merging(other.values, uniquingKeysWith: choose))
    }
}

/// Drawn as it is; the library would ask what else it might be.
extension String: @retroactive MustacheCustomRenderable {
    public var renderText: String { self }
    public var isNull: Bool { false }
}
