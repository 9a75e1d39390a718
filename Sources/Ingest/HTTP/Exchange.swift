import FoundationEssentials

/// One request on its way through an endpoint: takes its hits through the pipeline and into the outbox.
struct Exchange {
    let request: Request
    private let intake: Intake
    private let outbox: Outbox
    /// Whether something has to be on disk before the answer.
    private(set) var isPending = false
    /// The spool has no room.
    private(set) var isShed = false
    private(set) var viewHashes: [UInt64] = []
    private(set) var last: Pipeline.Outcome?

    init(_ request: Request, _ intake: Intake, _ outbox: Outbox) {
        self.request = request
        self.intake = intake
        self.outbox = outbox
    }

    /// Nil when the hit was taken, else why not.
    mutating func take(_ hit: Hit) -> Drop? {
        let outcome = Pipeline.run(hit, of: request, intake)
        let isTrial = request.headers.isDebug
        if isTrial { last = outcome }
        switch outcome {
        case .event(let event, let viewHash):
            if isTrial { return nil }
            // Once one hit of a request is in, its others are too: an answer is for all of them.
            guard isPending || outbox.admits(event.site) else {
                isShed = true
                if let viewHash { intake.recentViews.forget(viewHash) }
                return nil
            }
            outbox.add(event)
            isPending = true
            if let viewHash { viewHashes.append(viewHash) }
            return nil
        case .dropped(let drop, let site):
            if let site, !isTrial {
                outbox.add(drop, site: site.id, at: request.receivedAt)
                isPending = true
            }
            return drop
        }
    }

    /// Takes back what is remembered of hits that could not be stored.
    func forgetViews() {
        for hash in viewHashes { intake.recentViews.forget(hash) }
    }
}
