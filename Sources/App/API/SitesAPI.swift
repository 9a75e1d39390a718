import Auth
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Outbound

/// `/api/sites`.
enum SitesAPI {
    static func list(_ request: Request, _ context: KeyContext, _ web: Web) async throws -> Response {
        let sites = try await web.sites.list(in: context.account)
        // All sites are on the first page: there is always a `next`, and it is null.
        return .json(["sites": .list(sites.map { .object(members($0)) }), "next": .null])
    }

    static func create(_ request: Request, _ context: KeyContext, _ web: Web) async throws -> Response {
        guard context.account.role >= .admin else { throw HTTPError(.forbidden) }
        let wanted = try await body(of: request, ["domain", "name", "time_zone"])
        guard let domain = wanted["domain"] else { throw JSONPlace.refusal("domain", "This is missing.") }
        let site = try await web.sites.create(
            domain: try domain.text("A domain"), name: try wanted["name"]?.text("A name") ?? "",
            timeZone: try wanted["time_zone"]?.text("A time zone") ?? "UTC", in: context.account)
        return .json(.object(members(site)), status: .created)
    }

    static func show(_ request: Request, _ context: SiteKeyContext, _ web: Web) async throws -> Response {
        try await answer(context.site, web)
    }

    /// `PATCH`: what is not named stays as it is.
    static func change(_ request: Request, _ context: SiteKeyContext, _ web: Web) async throws -> Response {
        let site = context.site
        guard site.account.role >= .admin else { throw HTTPError(.forbidden) }
        let changes = try changes(
            try await body(
                of: request,
                [
                    "name", "domain", "time_zone", "hostnames", "duplicate_window", "kept_parameters",
                    "personal_patterns", "tracker_features", "retention_days", "exclusions",
                ]))
        _ = try await web.change(site, changes)
        guard let changed = try await web.sites.find(id: site.site.id, in: site.account) else {
            throw HTTPError(.notFound)
        }
        return try await answer(changed, web)
    }

    /// `DELETE`: the site is gone at once, what was counted of it in time.
    static func erase(_ request: Request, _ context: SiteKeyContext, _ web: Web) async throws -> Response {
        guard context.site.account.role >= .admin else { throw HTTPError(.forbidden) }
        let job = try await web.erase(context.site)
        return .json(
            ["id": .text(context.site.site.id.text), "job": job.map { .whole(Int($0)) } ?? .null],
            status: .accepted)
    }

    // MARK: Reading

    private static func body(of request: Request, _ names: [String]) async throws -> [String: JSONPlace] {
        let buffer = try await request.body.collect(upTo: Admission.bodyLimit)
        do {
            return try JSONPlace(JSONValue(parsing: Array(buffer.readableBytesView)), path: "").object(
                of: names)
        } catch let mistake as JSONValue.Mistake {
            throw APIError(.badRequest, "invalid", mistake.description)
        }
    }

    private static func changes(_ wanted: [String: JSONPlace]) throws -> SiteChanges {
        func texts(_ name: String) throws -> [String]? {
            try wanted[name]?.list(0...SiteExclusion.mostOfSite, of: "texts").map { try $0.text("A text") }
        }
        var changes = SiteChanges()
        changes.name = try wanted["name"]?.text("A name")
        changes.domain = try wanted["domain"]?.text("A domain")
        changes.timeZone = try wanted["time_zone"]?.text("A time zone")
        changes.hostnames = try texts("hostnames")
        changes.duplicateWindow = try wanted["duplicate_window"]?.whole(in: 0...60)
        changes.keptParameters = try texts("kept_parameters")
        changes.personalPatterns = try texts("personal_patterns")
        if let features = wanted["tracker_features"] {
            changes.trackerFeatures =
                features.value == .null ? SiteSettings.allFeatures : try texts("tracker_features")
        }
        if let days = wanted["retention_days"] {
            changes.retentionDays = .some(
                days.value == .null ? nil : try days.whole(in: 1...SiteSettings.mostRetentionDays))
        }
        changes.exclusions = try wanted["exclusions"]?.list(0...SiteExclusion.mostOfSite, of: "exclusions")
            .map {
                let parts = try $0.object(of: ["kind", "value"])
                guard let kind = parts["kind"], let value = parts["value"] else {
                    throw $0.refusal("An exclusion has a kind and a value.")
                }
                guard let known = SiteExclusion.Kind(rawValue: try kind.text("A kind")) else {
                    throw kind.refusal(
                        "One of \(SiteExclusion.Kind.allCases.map(\.rawValue).joined(separator: ", ")) is expected here."
                    )
                }
                return try SiteExclusion(known, try value.text("A value"))
            }
        return changes
    }

    // MARK: Answering

    private static func members(_ site: Site) -> [String: JSONValue] {
        [
            "id": .text(site.id.text), "domain": .text(site.domain), "name": .text(site.name),
            "time_zone": .text(site.timeZone), "tracking_key": .text(site.trackingKey),
            "created_at": .text(site.createdAt.formatted(.iso8601)),
        ]
    }

    private static func answer(_ access: SiteAccess, _ web: Web) async throws -> Response {
        let settings = try await web.sites.settings(of: access, now: web.now())
        func texts(_ texts: [String]) -> JSONValue { .list(texts.map { .text($0) }) }
        let own: [String: JSONValue] = [
            "hostnames": texts(settings.hostnames), "duplicate_window": .whole(settings.duplicateWindow),
            "kept_parameters": texts(settings.keptParameters),
            "personal_patterns": texts(settings.personalPatterns),
            "tracker_features": texts(settings.trackerFeatures),
            "retention_days": settings.retentionDays.map { .whole($0) } ?? .null,
            "exclusions": .list(
                settings.exclusions.map { ["kind": .text($0.kind.rawValue), "value": .text($0.value)] }),
        ]
        return .json(.object(members(access.site).merging(own) { site, _ in site }))
    }
}

extension SiteID {
    /// As addresses and programs have it.
    var text: String { rawValue.uuidString.lowercased() }
}

extension Web {
    /// Changes a site; fewer days kept are removed by a job.
    func change(_ access: SiteAccess, _ changes: SiteChanges) async throws -> Site {
        try await sites.change(access, changes, now: now()) { connection in
            guard let days = changes.retentionDays, days != nil else { return }
            try SiteJobs.applyRetention(
                account: access.site.account.rawValue, site: access.site.id.rawValue, in: connection)
        }
    }

    /// Removes a site; answers the job that removes what was counted of it.
    func erase(_ access: SiteAccess) async throws -> Int64? {
        try await app.transaction(access) { connection in
            try AuditLog.record("site.erased", subject: access.site.domain, by: access.account, connection)
            return try SiteJobs.erase(
                account: access.site.account.rawValue, site: access.site.id.rawValue, in: connection)
        }
    }

    /// Begins a site's statistics anew; answers the job that removes the old ones.
    func reset(_ access: SiteAccess) async throws -> Int64? {
        try await app.transaction(access) { connection in
            try AuditLog.record("site.reset", subject: access.site.domain, by: access.account, connection)
            return try SiteJobs.reset(
                account: access.site.account.rawValue, site: access.site.id.rawValue, in: connection)
        }
    }
}
