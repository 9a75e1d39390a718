import FoundationEssentials
import Synchronization

/// All sites, by everything that a client may call one. Changed in place under a lock that is held for a look-up's
/// time: at 100,000 sites a copy for each change would cost more.
final class SiteDirectory: Sendable {
    enum Finding {
        case site(SiteEntry)
        case revoked(SiteEntry)
        case unknown
    }

    private struct Contents: Sendable {
        var byID: [UUID: SiteEntry] = [:]
        var byDomain: [String: SiteEntry] = [:]
        var byKey: [String: (site: SiteEntry, isRevoked: Bool)] = [:]
        /// Whether it was ever filled: from the database, or from the file of the last start.
        var isFilled = false
        /// Counts changes.
        var version = 0

        mutating func insert(_ site: SiteEntry) {
            remove(site.id)
            byID[site.id] = site
            byDomain[site.domain] = site
            for key in site.keys { byKey[key.key] = (site, key.isRevoked) }
        }

        mutating func remove(_ id: UUID) {
            guard let site = byID.removeValue(forKey: id) else { return }
            if byDomain[site.domain]?.id == id { byDomain[site.domain] = nil }
            for key in site.keys where byKey[key.key]?.site.id == id { byKey[key.key] = nil }
        }
    }

    private let contents = Mutex(Contents())

    func find(_ target: Hit.Target) -> Finding {
        switch target {
        case .domain(let name):
            if let site = contents.withLock({ $0.byDomain[name] }) { return .site(site) }
            guard let plain = PageURL.hostname(name[...]), plain != name,
                let site = contents.withLock({ $0.byDomain[plain] })
            else { return .unknown }
            return .site(site)
        case .key(let key):
            guard let found = contents.withLock({ $0.byKey[key] }) else { return .unknown }
            return found.isRevoked ? .revoked(found.site) : .site(found.site)
        case .id(let text):
            guard let id = UUID(uuidString: text), let site = contents.withLock({ $0.byID[id] }) else {
                return .unknown
            }
            return .site(site)
        }
    }

    var isFilled: Bool { contents.withLock { $0.isFilled } }
    var count: Int { contents.withLock { $0.byID.count } }
    var version: Int { contents.withLock { $0.version } }

    func all() -> [SiteEntry] { contents.withLock { Array($0.byID.values) } }

    /// Puts these in the place of everything.
    func replaceAll(_ sites: [SiteEntry]) {
        var fresh = Contents()
        fresh.byID.reserveCapacity(sites.count)
        fresh.byDomain.reserveCapacity(sites.count)
        fresh.byKey.reserveCapacity(sites.count)
        for site in sites { fresh.insert(site) }
        fresh.isFilled = true
        contents.withLock { contents in
            fresh.version = contents.version + 1
            contents = fresh
        }
    }

    /// Puts these in the place of the sites with those ids; ids without an entry are gone.
    func replace(_ ids: Set<UUID>, with sites: [SiteEntry]) {
        contents.withLock { contents in
            for id in ids { contents.remove(id) }
            for site in sites { contents.insert(site) }
            contents.version += 1
        }
    }
}
