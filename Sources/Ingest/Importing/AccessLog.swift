package import Days
package import FoundationEssentials
package import Operations
package import Postgres

/// Turns the lines of an access log into events of one site: the same steps as for what a browser sends, without
/// limits, without the duplicate window, and under a hash of its own.
///
/// The visitors of each day are hashed under sixteen random bytes that live as long as this value and are never
/// stored.
package struct AccessLog {
    package enum Format: String, CaseIterable, Sendable {
        /// Each line is taken as what it is.
        case auto
        case combined
        /// What follows the size is passed over: neither referrers nor browsers, and a program looks like a person.
        case common
    }

    /// Why a line is no event of the site, besides the reasons of ``DropReason``.
    package enum Skip: String, CaseIterable, Sendable {
        /// No line of the format.
        case malformed
        /// Not GET.
        case method
        /// An answer of 1xx: there was no page in it.
        case informational
        /// 3xx but 304, which a browser gets for a page that it has.
        case redirect
        /// 4xx, 5xx, and what ended without an answer.
        case error
        /// A part of a page, or a file for programs.
        case asset
        /// Of a day that is not over, or not sealed yet: the collector counts it.
        case openDay = "open_day"
        /// The clock of the server was wrong.
        case future
    }

    package enum Outcome {
        case event(Event)
        case skipped(reason: String)
    }

    /// Days that the collector counts, and nobody else.
    package struct OpenDays: Sendable, Hashable {
        /// This one and all that follow.
        package var from: Day
        /// Earlier ones that are not sealed yet.
        package var others: Set<Day>

        package init(from: Day, others: Set<Day> = []) {
            self.from = from
            self.others = others
        }

        func contains(_ day: Day) -> Bool { day >= from || others.contains(day) }
    }

    /// The days of the site.
    package let history: ZoneHistory
    private let site: SiteEntry
    /// None is made or asked for here; the site's clocks do not keep them alive.
    private let salts: Salts
    private let intake: Intake
    private let format: Format
    /// Microseconds since 1970.
    private let now: Int64
    private let openDays: OpenDays
    private var hashes: [Day: VisitorHash] = [:]

    init(
        site: SiteEntry, salts: Salts, format: Format, now: Int64, openDays: OpenDays,
        locations: Locations? = nil
    ) {
        self.site = site
        self.salts = salts
        self.format = format
        self.now = now
        self.openDays = openDays
        history = site.history
        intake = Intake(directory: SiteDirectory(), locations: locations)
    }

    /// Nil when there is no such site.
    ///
    /// - Parameters:
    ///   - now: seconds since 1970
    ///   - openDays: those whose lines are refused, given the site's days
    package init?(
        site id: UUID, format: Format, now: Int64, configuration: Configuration, _ connection: Connection,
        openDays: (ZoneHistory) throws -> OpenDays
    ) throws {
        let salts = Salts()
        guard let site = try SiteEntry.load([id], connection, salts: salts).first else { return nil }
        let locations = configuration.geoIPDatabase.map { Locations(path: $0) }
        if let locations, case .unusable(let reason) = locations.reload() {
            throw LogFile.Unreadable(description: "\(locations.path): \(reason)")
        }
        self.init(
            site: site, salts: salts, format: format, now: now * 1_000_000,
            openDays: try openDays(site.history), locations: locations)
    }

    /// What a line comes to.
    package mutating func read(_ bytes: UnsafeBufferPointer<UInt8>) -> Outcome {
        guard let line = AccessLogLine(bytes), format != .combined || line.userAgent != nil else {
            return .skipped(.malformed)
        }
        if let skip = skip(line) { return .skipped(skip) }
        guard let page = page(of: line) else { return .skipped(.malformed) }
        if AssetPath.contains(page.pathname) { return .skipped(.asset) }
        let day = history.localDay(at: line.time).day
        if line.time * 1_000_000 > now { return .skipped(.future) }
        if openDays.contains(day) { return .skipped(.openDay) }
        guard site.names(page.hostname) else { return .skipped(reason: DropReason.wrongHost.rawValue) }

        var hit = Hit(target: .domain(site.domain))
        let hasAgent = format != .common && line.userAgent != nil
        if hasAgent {
            hit.referrer = line.referrer ?? ""
            // It comes from a file of somebody else's: what would not be printed is no address.
            if hit.referrer.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) { hit.referrer = "" }
        }
        let userAgent = hasAgent ? (line.userAgent ?? "").cut(toBytes: 1_000) : ""
        let address = Address(line.client)
        // A server that looked names up wrote no addresses.
        if address == nil { hit.visitorName = "\(line.client) \(userAgent)" }
        var passage = Passage(
            hit: hit, site: site, page: page, address: address ?? Address(high: 0, low: 0),
            userAgent: userAgent,
            agent: hasAgent ? UserAgent(userAgent) : UserAgent(), isAhead: false, acceptLanguage: nil,
            proxyCountry: nil, now: line.time * 1_000_000, receivedAt: now, past: (day, hash(of: day)),
            isTrial: false,
            event: Event(site: site.id, day: day, receivedAt: line.time * 1_000_000, visitor: 0))
        passage.describe()
        do throws(Drop) {
            for step in Pipeline.stepsOfImport { try step.run(&passage, intake) }
        } catch {
            return .skipped(reason: error.reason.rawValue)
        }
        return .event(passage.event)
    }

    private func skip(_ line: AccessLogLine) -> Skip? {
        switch line.status {
        case 100..<200: .informational
        case 200..<300, 304: line.method == "GET" ? nil : .method
        case 300..<400: .redirect
        default: .error
        }
    }

    private func page(of line: AccessLogLine) -> PageURL? {
        let host = line.virtualHost.flatMap { $0.isEmpty ? nil : $0 } ?? site.domain
        return PageURL(line.target.cut(toBytes: Hit.maximumURL), host: host)
    }

    private mutating func hash(of day: Day) -> VisitorHash {
        if let hash = hashes[day] { return hash }
        let hash = VisitorHash(.random())
        hashes[day] = hash
        return hash
    }
}

extension AccessLog.Outcome {
    fileprivate static func skipped(_ skip: AccessLog.Skip) -> AccessLog.Outcome {
        .skipped(reason: skip.rawValue)
    }
}
