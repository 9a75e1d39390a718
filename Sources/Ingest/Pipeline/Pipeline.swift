import Crypto
import Days
import FoundationEssentials

/// A hit on its way to an event.
struct Passage {
    let hit: Hit
    let site: SiteEntry
    let page: PageURL
    /// Whose visit it is, and with what: they end with the passage.
    let address: Address
    let userAgent: String
    /// What the user agent says; empty where it is that of a server which speaks for the visitor.
    let agent: UserAgent
    let isAhead: Bool
    let acceptLanguage: String?
    /// The country as a trusted proxy knows it.
    let proxyCountry: String?
    /// When it happened, in microseconds since 1970: when it was received, unless a server says otherwise.
    let now: Int64
    let receivedAt: Int64
    /// The past day that it belongs to, and that day's hash.
    let past: (day: Day, hash: VisitorHash)?
    /// Nothing is to be remembered of it.
    let isTrial: Bool

    var event: Event
    /// What is remembered of a page view, to know its repetition.
    var viewHash: UInt64?

    /// Takes over what needs no deciding.
    mutating func describe() {
        event.name = hit.name
        event.hostname = page.hostname
        event.pathname = page.pathname
        event.title = hit.title
        event.props = hit.props.json
        event.interactive = hit.interactive
        event.engagementMilliseconds = hit.engagementMilliseconds
        event.scrollDepth = hit.scrollDepth
        event.revenueAmount = hit.revenue?.amount
        event.revenueCurrency = hit.revenue?.currency ?? ""
    }
}

/// What happens to a hit between the socket and the spool. A step never waits; it adds to the event, or refuses.
enum Pipeline {
    typealias Step = @Sendable (inout Passage, Intake) throws(Drop) -> Void

    static let steps: [(name: StaticString, run: Step)] = [
        ("prefetch", dropPrefetch), ("rate", dropAboveRate), ("host", dropWrongHost), ("bots", dropBots),
        ("source", readSource), ("location", readLocation), ("device", readDevice),
        ("exclusions", dropExcluded),
        ("visitor", hashVisitor), ("duplicate", dropDuplicate), ("identity", hashIdentity),
        ("personal data", maskPersonalData),
    ]

    /// Those that a line of a log goes through: how quickly lines follow each other says nothing.
    static let stepsOfImport = steps.filter { step in
        !["prefetch", "rate", "duplicate", "identity"].contains("\(step.name)")
    }

    /// A hit that was not taken. `site` is nil when nobody knows whose it is.
    struct Refused {
        var drop: Drop
        var site: SiteEntry?
    }

    /// Hands over the event that a hit comes to, where it stands: to copy its two dozen texts takes as long as to read
    /// them did. Nil then; else why there is none.
    static func run(
        _ hit: consuming Hit, of request: Request, _ intake: Intake,
        _ take: (borrowing Event, _ viewHash: UInt64?) -> Void
    ) -> Refused? {
        let site: SiteEntry
        switch intake.directory.find(hit.target) {
        case .site(let found): site = found
        case .revoked(let found): return Refused(drop: Drop(.revokedKey), site: found)
        case .unknown: return Refused(drop: Drop(.unknownSite))
        }
        if let account = request.account, account != site.account {
            return Refused(drop: Drop(.unknownSite))
        }
        if let kind = hit.unsupported { return Refused(drop: Drop(.unsupported, detail: kind), site: site) }
        let now = hit.timestamp ?? request.receivedAt
        var past: (day: Day, hash: VisitorHash)?
        if hit.timestamp != nil {
            switch site.openDay(at: now / 1_000_000, now: request.receivedAt / 1_000_000) {
            case .today: break
            case .past(let day, let hash): past = (day, hash)
            case .closed:
                return Refused(drop: Drop(.closedDay, detail: "its salt is destroyed"), site: site)
            }
        }
        let page =
            hit.page ?? PageURL(hit.path ?? "/", host: request.sendingHost ?? site.domain)
            ?? PageURL("/", host: site.domain)!
        // A server's own agent says nothing of the visitor that it speaks for.
        let userAgent = hit.userAgent ?? (request.account == nil ? request.headers.userAgent : "")
        let agent =
            if hit.userAgent != nil {
                UserAgent(userAgent, ClientHints(), intake.agents)
            } else if request.account == nil {
                UserAgent(userAgent, request.headers.hints, intake.agents)
            } else { UserAgent() }
        let address = hit.address ?? request.client
        // The hit moves into the passage: its two dozen texts are not copied.
        var passage = Passage(
            hit: hit, site: site, page: page, address: address, userAgent: userAgent,
            agent: agent, isAhead: request.headers.isAhead,
            acceptLanguage: request.headers.acceptLanguage,
            proxyCountry: request.isFromProxy ? request.headers.cloudflareCountry : nil, now: now,
            receivedAt: request.receivedAt, past: past,
            isTrial: request.headers.isDebug,
            event: Event(site: site.id, day: Day(rawValue: 0), receivedAt: now, visitor: 0))
        passage.describe()
        do throws(Drop) {
            for step in steps { try step.run(&passage, intake) }
        } catch {
            return Refused(drop: error, site: site)
        }
        take(passage.event, passage.viewHash)
        return nil
    }

    // MARK: Steps

    @Sendable private static func dropPrefetch(_ passage: inout Passage, _ intake: Intake) throws(Drop) {
        if passage.isAhead { throw Drop(.prefetch) }
    }

    @Sendable private static func dropAboveRate(_ passage: inout Passage, _ intake: Intake) throws(Drop) {
        if passage.isTrial { return }
        // Who authenticated speaks for many addresses, and is limited as a site.
        if passage.hit.address == nil {
            let key = UInt64(bitPattern: Int64(passage.address.network.hashValue))
            guard intake.addressRate.allows(key, at: passage.receivedAt) else { throw Drop(.addressRate) }
        }
        let key = UInt64(bitPattern: Int64(passage.site.id.hashValue))
        guard intake.siteRate.allows(key, at: passage.receivedAt) else { throw Drop(.siteRate) }
    }

    @Sendable private static func dropWrongHost(_ passage: inout Passage, _ intake: Intake) throws(Drop) {
        let hostname = passage.page.hostname
        guard passage.site.allows(hostname) else {
            throw Drop(.wrongHost, detail: hostname.cut(toBytes: Drop.maximumDetail))
        }
    }

    @Sendable private static func dropExcluded(_ passage: inout Passage, _ intake: Intake) throws(Drop) {
        let exclusions = passage.site.exclusions
        if exclusions.isEmpty { return }
        if exclusions.addresses.contains(where: { $0.contains(passage.address) }) {
            throw Drop(.excluded, detail: "address")
        }
        if exclusions.countries.contains(passage.event.country) { throw Drop(.excluded, detail: "country") }
        if exclusions.hostnames.contains(where: { Pattern.matches($0, passage.page.hostname) }) {
            throw Drop(.excluded, detail: "hostname")
        }
        if exclusions.pages.contains(where: { Pattern.matches($0, passage.page.pathname) }) {
            throw Drop(.excluded, detail: "page")
        }
    }

    @Sendable private static func hashVisitor(_ passage: inout Passage, _ intake: Intake) throws(Drop) {
        let today = passage.past ?? passage.site.today(at: passage.now / 1_000_000)
        passage.event.day = today.day
        if let name = passage.hit.visitorName {
            passage.event.visitor = today.hash.visitor(
                site: passage.site.id, address: Address(high: 0, low: 0), userAgent: name)
        } else {
            passage.event.visitor = today.hash.visitor(
                site: passage.site.id, address: passage.address, userAgent: passage.userAgent)
        }
    }

    @Sendable private static func dropDuplicate(_ passage: inout Passage, _ intake: Intake) throws(Drop) {
        guard passage.hit.id == nil, passage.event.name == "pageview" else { return }
        // Seeded anew in each process; means nothing outside of it.
        var hasher = Hasher()
        hasher.combine(passage.event.visitor)
        hasher.combine(passage.event.hostname)
        hasher.combine(passage.event.pathname)
        hasher.combine(passage.page.query)
        hasher.combine(passage.event.referrer)
        let hash = UInt64(bitPattern: Int64(hasher.finalize()))
        let repeats = intake.recentViews.repeats(
            hash, window: passage.site.duplicateWindow, at: passage.now, isTrial: passage.isTrial)
        if repeats { throw Drop(.duplicate) }
        passage.viewHash = hash
    }

    @Sendable private static func hashIdentity(_ passage: inout Passage, _ intake: Intake) throws(Drop) {
        guard var id = passage.hit.id else { return }
        var hash = SHA256()
        withUnsafeBytes(of: passage.site.id.uuid) { hash.update(bufferPointer: $0) }
        id.withUTF8 { hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }
        passage.event.dedupe = hash.finalize().withUnsafeBytes {
            ($0.loadUnaligned(as: UInt64.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        }
    }
}

/// The first language of `Accept-Language`, without its region.
enum Language {
    static func primary(_ header: String) -> String {
        let tag = header.utf8.prefix { ($0 | 0x20) >= 97 && ($0 | 0x20) <= 122 }
        guard (2...3).contains(tag.count) else { return "" }
        return String(decoding: tag.map { $0 | 0x20 }, as: UTF8.self)
    }
}

/// The width of a browser's window in classes, since the exact width tells visitors apart.
enum Viewport {
    static func name(width: Int) -> String {
        switch width {
        case ..<576: "Mobile"
        case ..<992: "Tablet"
        case ..<1_440: "Laptop"
        default: "Desktop"
        }
    }
}
