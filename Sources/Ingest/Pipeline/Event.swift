package import Days
package import FoundationEssentials

/// What is kept of a hit: the columns of the table `events`.
///
/// It has no field for an address or a user agent, so that nothing after the pipeline can leak them.
package struct Event {
    package var site: UUID
    package var day: Day
    /// Microseconds since 1970.
    package var receivedAt: Int64
    /// A keyed hash under the day's salt.
    package var visitor: UInt64
    /// The client's id, hashed with the site's: what `ingestion_dedupe` holds.
    var dedupe: (UInt64, UInt64)?

    package var name = ""
    package var hostname = ""
    package var pathname = ""
    package var title = ""
    package var referrer = ""
    package var source = ""
    package var channel = ""
    package var utmSource = ""
    package var utmMedium = ""
    package var utmCampaign = ""
    package var utmContent = ""
    package var utmTerm = ""
    package var clickIDParameter = ""
    /// ISO 3166, two letters.
    package var country = ""
    package var region = ""
    package var city = ""
    package var language = ""
    package var browser = ""
    package var browserVersion = ""
    package var os = ""
    package var osVersion = ""
    package var device = ""
    package var viewport = ""
    package var revenueCurrency = ""
    /// A JSON object of texts; empty for none.
    package var props: [UInt8] = []

    package var interactive = true
    package var engagementMilliseconds: Int32 = 0
    package var scrollDepth: Int16?
    /// Millionths.
    package var revenueAmount: Int64?

    /// Its texts, in the order of the columns that a frame and the loader have.
    @inline(__always)
    func forEachText(_ body: (String) -> Void) {
        body(name)
        body(hostname)
        body(pathname)
        body(title)
        body(referrer)
        body(source)
        body(channel)
        body(utmSource)
        body(utmMedium)
        body(utmCampaign)
        body(utmContent)
        body(utmTerm)
        body(clickIDParameter)
        body(country)
        body(region)
        body(city)
        body(language)
        body(browser)
        body(browserVersion)
        body(os)
        body(osVersion)
        body(device)
        body(viewport)
        body(revenueCurrency)
    }

    init(site: UUID, day: Day, receivedAt: Int64, visitor: UInt64) {
        self.site = site
        self.day = day
        self.receivedAt = receivedAt
        self.visitor = visitor
    }
}
