/// How long to wait before starting again what has died: hardly at first, five seconds at most.
struct Backoff: Sendable {
    static let first: Duration = .milliseconds(100)
    static let longest: Duration = .seconds(5)
    /// Whoever lived so long has earned a quick restart.
    static let goodLife: Duration = .seconds(60)

    private var next = first

    mutating func pause(afterLiving life: Duration) -> Duration {
        if life >= Backoff.goodLife { next = Backoff.first }
        defer { next = min(next * 2, Backoff.longest) }
        return next
    }
}
