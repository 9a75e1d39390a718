/// When an answer leaves whose time would tell something: on the next beat after its work is done, whatever that was.
///
/// Doing the same work for everybody is better where it is possible. It is not where a mail is written to those who have
/// an account and to nobody else.
struct Pace: Sendable {
    /// From the request to its answer, or a multiple of it. Zero is at once.
    let beat: Duration

    /// Much longer than the work takes.
    static let standard = Pace(beat: .milliseconds(300))
    /// For tests, which have no time.
    static let atOnce = Pace(beat: .zero)

    func keep<R: Sendable>(_ body: () async throws -> R) async throws -> R {
        let start = ContinuousClock.now
        let result: Result<R, any Error>
        do {
            result = .success(try await body())
        } catch {
            result = .failure(error)
        }
        try await Task.sleep(until: next(after: start, now: .now), clock: .continuous)
        return try result.get()
    }

    func next(after start: ContinuousClock.Instant, now: ContinuousClock.Instant) -> ContinuousClock.Instant {
        guard beat > .zero else { return now }
        let beats = ((now - start) / beat).rounded(.down) + 1
        return start + beat * beats
    }
}
