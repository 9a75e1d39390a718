import Days
import FoundationEssentials

/// What is kept of a hit: the columns of the table `events`.
///
/// It has no field for an address or a user agent, so that nothing after the pipeline can leak them.
struct Event {
    var site: UUID
    var day: Day
    /// Microseconds since 1970.
    var receivedAt: Int64
    /// A keyed hash under the day's salt.
    var visitor: UInt64
    /// The client's id, hashed with the site's: what `ingestion_dedupe` holds.
    var dedupe: (UInt64, UInt64)?

    var name = ""
    var hostname = ""
    var pathname = ""
    var title = ""
    var referrer = ""
    var source = ""
    var channel = ""
    var utmSource = ""
    var utmMedium = ""
    var utmCampaign = ""
    var utmContent = ""
    var utmTerm = ""
    var clickIDParameter = ""
    /// ISO 3166, two letters.
    var country = ""
    var region = ""
    var city = ""
    var language = ""
    var browser = ""
    var browserVersion = ""
    var os = ""
    var osVersion = ""
    var device = ""
    var viewport = ""
    var revenueCurrency = ""
    /// A JSON object of texts; empty for none.
    var props: [UInt8] = []

    var interactive = true
    var engagementMilliseconds: Int32 = 0
    var scrollDepth: Int16?
    /// Millionths.
    var revenueAmount: Int64?

    init(site: UUID, day: Day, receivedAt: Int64, visitor: UInt64) {
        self.site = site
        self.day = day
        self.receivedAt = receivedAt
        self.visitor = visitor
    }
}
