/// Throws that are the same for the same seed, on every machine. SplitMix64: Steele, Lea and Flood, "Fast Splittable
/// Pseudorandom Number Generators".
struct Dice: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

    /// True so many times out of a hundred.
    mutating func chance(_ percent: Int) -> Bool { number(0...99) < percent }

    mutating func one<Element>(of elements: [Element]) -> Element { elements.randomElement(using: &self)! }

    /// So many of them, each at most once.
    mutating func some<Element>(_ count: Int, of elements: [Element]) -> [Element] {
        Array(elements.shuffled(using: &self).prefix(count))
    }
}
