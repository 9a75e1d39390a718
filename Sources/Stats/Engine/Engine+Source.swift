extension Engine {
    /// What is known of one part of a site-day.
    package enum Source: Sendable {
        /// Enough where ``Engine/needsColumns(of:hasRevenue:)`` answers nil.
        case summary(LoadedSummary)
        /// The block, with at least the groups that ``Engine/needsColumns(of:hasRevenue:)`` names; and its summary, which
        /// answers what it can. `excluded`: 1 for each of the block's visitors that does not count, by number.
        /// The summary is of all; what the excluded have is taken from it.
        case block(LoadedBlock, summary: LoadedSummary? = nil, excluded: [UInt8]? = nil)
    }
}
