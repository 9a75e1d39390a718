/// Why an event was not taken. Stored in `drops` and shown to the site's owner; to add one, add a case.
package enum DropReason: String, CaseIterable, Sendable {
    /// The key was revoked.
    case revokedKey = "revoked_key"
    /// A browser fetched the page ahead of a visit that may never come.
    case prefetch
    /// No person's browser sent it. Detail: what kind of program did.
    case bot
    /// It came from a site that only wants to be found in statistics. Detail: that site's host.
    case referrerSpam = "referrer_spam"
    /// The page is on a host that the site does not name. Detail: the host.
    case wrongHost = "wrong_host"
    /// The owner keeps it out. Detail: address, country, page or hostname.
    case excluded
    /// One address sends more than a person does.
    case addressRate = "address_rate"
    /// One site sends more than its share.
    case siteRate = "site_rate"
    /// The same page view again within the site's window, or (detail: id) an event id that was loaded already.
    case duplicate
    /// What a peer's client can say and Mochi has no use for. Detail: what.
    case unsupported
    /// An authenticated server's event of a day that takes no more. Detail: why not.
    case closedDay = "closed_day"
    /// A sign of life (engagement) of a visitor without a visit, or without the page view that it is about. Counted when
    /// the day is sealed, in its last hour.
    case noVisit = "no_visit"
    /// A row that the database refuses. Detail: the SQLSTATE.
    case unloadable
    /// No site has that domain, key or id: nobody to tell, so it is answered and not stored.
    case unknownSite = "unknown_site"
}

/// A refusal, thrown by a step of the pipeline.
struct Drop: Error, Equatable {
    var reason: DropReason
    /// Which one; never personal. At most 50 different ones are kept in an hour.
    var detail = ""

    init(_ reason: DropReason, detail: String = "") {
        self.reason = reason
        self.detail = detail
    }

    static let maximumDetail = 100
}
