/// xoshiro256** (Blackman and Vigna, prng.di.unimi.it), seeded by SplitMix64: the same numbers for the same seed on
/// every machine, and quick.
struct DemoRandom {
    private var state: (UInt64, UInt64, UInt64, UInt64)

    /// Different `streams` of one seed have nothing to do with each other.
    init(seed: UInt64, stream: UInt64) {
        var mixing = seed ^ DemoRandom.mixed(stream &+ 0x9E37_79B9_7F4A_7C15)
        func next() -> UInt64 {
            mixing &+= 0x9E37_79B9_7F4A_7C15
            return DemoRandom.mixed(mixing)
        }
        state = (next(), next(), next(), next())
    }

    /// SplitMix64's output function.
    static func mixed(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func next() -> UInt64 {
        let times5 = state.1 &* 5
        let result = (times5 << 7 | times5 >> 57) &* 9
        let shifted = state.1 << 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= shifted
        state.3 = state.3 << 45 | state.3 >> 19
        return result
    }

    /// 0 up to but not including `bound`; the bias of some 2^-50 does not matter here.
    mutating func below(_ bound: Int) -> Int {
        Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// 0 up to but not including 1.
    mutating func fraction() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    /// True so many times in a thousand.
    mutating func happens(perMille: Int) -> Bool {
        below(1_000) < perMille
    }

    /// How long something that may end at any moment lasts, -ln(x) for x from 0 to 1, by a table of 256 entries: the
    /// mean is 1, and only sums and products are used, which are the same on every machine.
    mutating func waiting() -> Double {
        let bits = next()
        return DemoRandom.waitingTable[Int(bits & 255)] * (0.875 + 0.25 * Double(bits >> 40) * 0x1p-24)
    }

    /// The means of -ln(x) over 256 equal pieces: each a mean of harmonic sums, so that no logarithm is needed.
    private static let waitingTable: [Double] = {
        // The k-th of n ordered waits has the mean 1/n + 1/(n-1) + … + 1/(n-k+1).
        var waits: [Double] = []
        var sum = 0.0
        for position in 0..<256 {
            sum += 1 / Double(256 - position)
            waits.append(sum)
        }
        return waits
    }()
}

/// Picks numbers with given weights in constant time: Vose's alias method (keithschwarz.com/darts-dice-coins).
struct DemoChoice: Sendable {
    private var share: [Double]
    private var alias: [Int]

    /// At least one weight must be above 0.
    init(_ weights: [Double]) {
        let count = weights.count
        let sum = weights.reduce(0, +)
        share = weights.map { $0 * Double(count) / sum }
        alias = Array(0..<count)
        var small = share.indices.filter { share[$0] < 1 }
        var large = share.indices.filter { share[$0] >= 1 }
        while let less = small.popLast(), let more = large.last {
            alias[less] = more
            share[more] -= 1 - share[less]
            if share[more] < 1 {
                large.removeLast()
                small.append(more)
            }
        }
        for rest in small where alias[rest] == rest { share[rest] = 1 }
    }

    /// `count` numbers, the first the most frequent: the k-th has the weight 1/(k + 2).
    init(ranked count: Int) {
        self.init((0..<count).map { 1 / Double($0 + 2) })
    }

    func pick(_ random: inout DemoRandom) -> Int {
        let scaled = random.fraction() * Double(share.count)
        let index = Int(scaled)
        return scaled - Double(index) < share[index] ? index : alias[index]
    }
}
