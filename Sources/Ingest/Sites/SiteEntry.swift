import Days
import FoundationEssentials

/// What the collector has to know of a site. Nothing of it is personal but the addresses that its owner excludes.
final class SiteEntry: Sendable {
    let id: UUID
    /// Whose it is now; what an API key may write to.
    let account: Int64
    let domain: String
    /// Patterns of hostnames besides the domain and its sub-domains; when there are none, any host may send.
    let hostnames: [String]
    /// Seconds.
    let duplicateWindow: Int
    /// The parameters of a page's query that belong to the page.
    let keptParameters: [String]
    /// What the owner knows to be personal in addresses and texts.
    let personalPatterns: PersonalPatterns
    /// What its script does besides counting.
    let trackerFeatures: Set<TrackerFeature>
    let keys: [Key]
    let exclusions: Exclusions
    let zones: [Era]
    /// Which instants belong to which of its days.
    let history: ZoneHistory
    private let clocks: [(begins: Int64, from: Day, clock: ZoneClock)]

    struct Key: Hashable, Sendable {
        var key: String
        var isRevoked: Bool
    }

    struct Era: Hashable, Sendable {
        var from: Day
        var zone: String
    }

    init(
        id: UUID, account: Int64, domain: String, hostnames: [String], duplicateWindow: Int, keys: [Key],
        zones: [Era],
        exclusions: Exclusions, keptParameters: [String] = [],
        personalPatterns: PersonalPatterns = PersonalPatterns(),
        trackerFeatures: Set<TrackerFeature> = TrackerFeature.everything,
        salts: Salts
    ) {
        self.id = id
        self.account = account
        self.domain = domain
        self.hostnames = hostnames
        self.duplicateWindow = duplicateWindow
        self.keptParameters = keptParameters
        self.personalPatterns = personalPatterns
        self.trackerFeatures = trackerFeatures
        self.keys = keys
        self.exclusions = exclusions
        self.zones = zones
        let known = zones.map { (from: $0.from, zone: Zone.named($0.zone) ?? .utc) }
        let history = ZoneHistory(known) ?? ZoneHistory(.utc)
        self.history = history
        clocks =
            known.isEmpty
            ? [(.min, Day(rawValue: 0), salts.clock(for: .utc))]
            : known.sorted { $0.from < $1.from }.enumerated().map { index, era in
                (index == 0 ? .min : history.start(of: era.from), era.from, salts.clock(for: era.zone))
            }
    }

    /// The site's day and its hash, at an instant in seconds. The rules are those of ``ZoneHistory``.
    func today(at now: Int64) -> (day: Day, hash: VisitorHash) {
        var index = clocks.count - 1
        while index > 0, now < clocks[index].begins { index -= 1 }
        let era = clocks[index]
        let today = era.clock.today(at: now)
        if index > 0, today.day < era.from { return (era.from, era.clock.hash(of: era.from)) }
        return (today.day, today.hash)
    }

    /// Where an instant in the past belongs.
    enum OpenDay {
        case today
        /// A day that is over, whose salt is still there.
        case past(Day, VisitorHash)
        case closed
    }

    /// What day of the site's an instant in seconds belongs to, at `now`. Makes no salt.
    func openDay(at instant: Int64, now: Int64) -> OpenDay {
        var index = clocks.count - 1
        while index > 0, instant < clocks[index].begins { index -= 1 }
        let era = clocks[index]
        let day = index > 0 ? max(era.clock.zone.day(at: instant), era.from) : era.clock.zone.day(at: instant)
        let today = today(at: now).day
        if day == today { return .today }
        guard day < today, let hash = era.clock.knownHash(of: day) else { return .closed }
        return .past(day, hash)
    }

    /// Whether a page on this host may be counted.
    func allows(_ hostname: String) -> Bool {
        hostnames.isEmpty || names(hostname)
    }

    /// Whether a host is the site's by its domain or its owner's list.
    func names(_ hostname: String) -> Bool {
        if hostname == domain { return true }
        if hostname.hasSuffix(domain), hostname.utf8.dropLast(domain.utf8.count).last == UInt8(ascii: ".") {
            return true
        }
        return hostnames.contains { Pattern.matches($0, hostname) }
    }
}

/// What a site's owner keeps out.
struct Exclusions: Hashable, Sendable {
    enum Kind: String, Sendable {
        case address, country, page, hostname
    }

    var addresses: [AddressRange] = []
    var countries: Set<String> = []
    /// Patterns.
    var pages: [String] = []
    var hostnames: [String] = []

    /// What cannot be read excludes nothing: it is checked where it is entered.
    mutating func add(_ kind: Kind, _ value: String) {
        switch kind {
        case .address: if let range = AddressRange(value) { addresses.append(range) }
        case .country: countries.insert(value.uppercased())
        case .page: pages.append(value)
        case .hostname: hostnames.append(value.lowercased())
        }
    }

    var isEmpty: Bool { addresses.isEmpty && countries.isEmpty && pages.isEmpty && hostnames.isEmpty }
}

/// A text in which `*` stands for any characters, also none.
enum Pattern {
    static func matches(_ pattern: String, _ text: String) -> Bool {
        Array(text.utf8).withUnsafeBufferPointer { PersonalPatterns.matches(Array(pattern.utf8), $0) }
    }
}
