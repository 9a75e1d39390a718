import Days

@testable import Stats

/// Events that have a bit of everything, the same for the same seed.
struct RandomEvents: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    /// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators").
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    private mutating func oneOf(_ count: Int) -> Int { Int.random(in: 0..<count, using: &self) }

    /// - Parameter values: of how many texts a column is drawn.
    mutating func happenings(_ count: Int, values: Int = 12) -> [Happening] {
        let names = ["pageview", "pageview", "pageview", "engagement", "engagement", "Signup", "Purchase"]
        let visitors = max(1, count / 8)
        return (0..<count).map { index in
            var happening = Happening(
                names[oneOf(names.count)], "/\(oneOf(values))", at: Int64(oneOf(90_000)) - 500,
                microseconds: Int64(oneOf(1_000_000)), by: Int64(oneOf(visitors)) - 3)
            happening.event.sequence = Int64(index / 2 + 1)
            happening.event.stream = Int64(index % 2)
            happening.event.interactive = oneOf(3) > 0
            if happening.name == "engagement" || oneOf(10) == 0 {
                happening.event.engagementMilliseconds = Int32(oneOf(4) == 0 ? 0 : oneOf(200_000))
                happening.event.scrollDepth = oneOf(3) == 0 ? nil : Int16(oneOf(120))
            }
            if oneOf(12) == 0 {
                happening.event.revenue = Int64(oneOf(1_000_000)) * 10_000 - 1_000_000
                happening.texts[.currency] = ["EUR", "USD", ""][oneOf(3)]
            }
            for column in Column.allCases where column != .name && column != .page && column != .currency {
                happening.texts[column] =
                    oneOf(4) == 0 ? "" : "\(column) \(oneOf(column.isOfVisit ? values : 3)) ü"
            }
            for _ in 0..<max(0, oneOf(5) - 2) {
                happening.properties.append(("key \(oneOf(4))", "value \(oneOf(values))"))
            }
            return happening
        }
    }
}
