import Testing

@testable import Ingest

@Suite struct RateTests {
    @Test func `a burst is allowed, then so many a second`() {
        let limit = RateLimit(Rate(burst: 3, perSecond: 2))
        func allowed(_ key: UInt64, at second: Double, tries: Int = 10) -> Int {
            (0..<tries).count { _ in limit.allows(key, at: 1_000_000_000 + Int64(second * 1_000_000)) }
        }
        #expect(allowed(7, at: 0) == 3)
        #expect(allowed(8, at: 0) == 3)
        #expect(allowed(7, at: 1) == 2)
        #expect(allowed(7, at: 100) == 3)
        // A clock that is put back gives nothing.
        #expect(allowed(7, at: 50) == 0)
    }

    @Test func `a view repeats within its window`() {
        let views = RecentViews(size: 64)
        func repeats(_ hash: UInt64, at second: Int64, window: Int = 10, isTrial: Bool = false) -> Bool {
            views.repeats(hash, window: window, at: second * 1_000_000, isTrial: isTrial)
        }
        let hash: UInt64 = 0xDEAD_BEEF_0123_4567
        #expect(!repeats(hash, at: 100, isTrial: true))
        #expect(!repeats(hash, at: 100))
        #expect(repeats(hash, at: 109))
        #expect(!repeats(hash, at: 109, window: 0))
        #expect(!repeats(hash, at: 110))
        #expect(repeats(hash, at: 115))
        #expect(!repeats(hash ^ 1 << 40, at: 115))
        views.forget(hash)
        #expect(!repeats(hash, at: 115))
    }

    @Test func `under pressure those who take more than their share are refused first`() {
        var shares = FairShares<String>()
        let whenEmpty = shares.admits("loud", filled: 0, of: 100)
        let whenFull = shares.admits("loud", filled: 100, of: 100)
        #expect(whenEmpty && !whenFull)
        var taken = ["loud": 0, "quiet": 0]
        for turn in 0..<2_000 {
            let sender = turn % 20 == 0 ? "quiet" : "loud"
            if shares.admits(sender, filled: 60, of: 100) { taken[sender]! += 1 }
        }
        #expect(taken["quiet"] == 100)
        #expect(taken["loud"]! < 1_900)
        let afterwards = shares.admits("loud", filled: 0, of: 100)
        #expect(afterwards)
    }
}
