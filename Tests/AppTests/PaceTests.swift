import Testing

@testable import App

@Suite struct PaceTests {
    @Test(arguments: [(0, 300), (1, 300), (299, 300), (301, 600), (950, 1_200)])
    func `an answer leaves on the next beat`(_ took: Int, _ leaves: Int) {
        let start = ContinuousClock.now
        let next = Pace.standard.next(after: start, now: start + .milliseconds(took))
        #expect(next - start == .milliseconds(leaves))
        #expect(
            Pace.atOnce.next(after: start, now: start + .milliseconds(took)) - start == .milliseconds(took))
    }

    @Test func `what went wrong waits as well`() async {
        struct Wrong: Error {}
        let pace = Pace(beat: .milliseconds(20))
        let start = ContinuousClock.now
        await #expect(throws: Wrong.self) { try await pace.keep { throw Wrong() } }
        #expect(ContinuousClock.now - start >= .milliseconds(20))
    }
}
