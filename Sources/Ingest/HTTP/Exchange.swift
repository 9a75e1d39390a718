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
    /// What became of the last hit of a request that only asks.
    private(set) var last: Outcome?

    enum Outcome {
        case event(Event)
        case dropped(Drop)
    }

    init(_ request: Request, _ intake: Intake, _ outbox: Outbox) {
        self.request = request
        self.intake = intake
        self.outbox = outbox
    }

    /// Nil when the hit was taken, else why not.
    mutating func take(_ hit: consuming Hit) -> Drop? {
        let isTrial = request.headers.isDebug
        let refused = Pipeline.run(hit, of: request, intake) { event, viewHash in
            if isTrial {
                last = .event(copy event)
            } else if isPending || outbox.admits(event.site) {
                // Once one hit of a request is in, its others are too: an answer is for all of them.
                outbox.add(event)
                isPending = true
                if let viewHash { viewHashes.append(viewHash) }
            } else {
                isShed = true
                if let viewHash { intake.recentViews.forget(viewHash) }
            }
        }
        guard let refused else { return nil }
        if isTrial {
            last = .dropped(refused.drop)
        } else if let site = refused.site {
            outbox.add(refused.drop, site: site.id, at: request.receivedAt)
            isPending = true
        }
        return refused.drop
    }
}
