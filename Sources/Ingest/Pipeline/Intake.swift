import FoundationEssentials

/// What the pipeline knows beside the hit: shared by all event loops.
final class Intake: Sendable {
    struct Limits: Sendable {
        /// An office or a mobile carrier's gateway is one address for many people.
        var address = Rate(burst: 2_000, perSecond: 100)
        var site = Rate(burst: 100_000, perSecond: 20_000)
    }

    let directory: SiteDirectory
    /// The database of addresses, where one is configured.
    let locations: Locations?
    let recentViews = RecentViews()
    let agents = Recollection<UserAgent>(size: 1 << 11)
    let referrers = Recollection<(source: Source, isSpam: Bool)>(size: 1 << 11)
    let addressRate: RateLimit
    let siteRate: RateLimit

    init(directory: SiteDirectory, locations: Locations? = nil, limits: Limits = Limits()) {
        self.directory = directory
        self.locations = locations
        addressRate = RateLimit(limits.address)
        siteRate = RateLimit(limits.site)
    }
}
