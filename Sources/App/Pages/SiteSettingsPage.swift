import Auth
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Outbound

/// `/sites/{domain}/settings/{section}`.
enum SiteSettingsPage {
    struct Content: Page {
        static let template = "settings"
        let site: Site
        /// Its path's last part.
        let section: String
        var forms: [SettingsForm]
        var isSaved = false
        var showsFacts = false
        var jobs: [Jobs.Status] = []

        var title: String { "Settings of \(site.domain) · Mochi" }
        var place: Place? { .sites }
        var model: Model {
            [
                "domain": site.domain, "saved": isSaved, "facts": showsFacts, "trackingKey": site.trackingKey,
                "id": site.id.text, "added": DayText.long(site.createdAt),
                "tabs": SiteSettingsPage.sections.map {
                    [
                        "address": "/sites/\(site.domain)/settings/\($0)", "current": $0 == section,
                        "tab": $0.prefix(1).uppercased() + $0.dropFirst(),
                    ] as Model
                },
                "forms": forms.map(\.model),
                "jobs": jobs.map {
                    JobText.model($0, cancel: "/sites/\(site.domain)/settings/data/cancel")
                },
            ]
        }
    }

    /// In the order of the table of routes.
    static var sections: [String] {
        let prefix = "/sites/:domain/settings/"
        return Routes.all.filter { $0.method == .get && $0.path.hasPrefix(prefix) }
            .map { String($0.path.dropFirst(prefix.count)) }.filter { !$0.contains("/") }
    }

    // MARK: Parts of all sections

    /// Changes the site as a form says; what cannot be taken is shown with the form.
    private static func save(
        _ section: String, _ form: SettingsForm, _ request: Request, _ context: SiteContext, _ web: Web,
        _ read: (Fields) throws -> SiteChanges
    ) async throws -> Response {
        do {
            let changed = try await web.change(context.site, try read(context.form))
            throw Redirect(to: "/sites/\(changed.domain)/settings/\(section)?saved=yes")
        } catch let error as FormError {
            var form = form
            form.mark(error)
            let page = Content(
                site: context.site.site, section: section, forms: [form], showsFacts: section == "general")
            return web.page(page, for: request, context, status: .unprocessableContent)
        }
    }

    private static func isSaved(_ request: Request) -> Bool {
        (try? Fields(query: request))?["saved"] == "yes"
    }

    private static func lines(_ text: String) -> [String] {
        text.split(whereSeparator: \.isNewline).map { FormLines.trimmed(String($0)) }.filter { !$0.isEmpty }
    }

    // MARK: General

    static func general(_ request: Request, _ context: SiteContext, _ web: Web) async throws -> Response {
        let site = context.site.site
        let settings = try await web.sites.settings(of: context.site, now: web.now())
        let form = generalForm(
            site, name: site.name, domain: site.domain, zone: site.timeZone, until: settings.zoneUntilMidnight
        )
        let page = Content(
            site: site, section: "general", forms: [form], isSaved: isSaved(request), showsFacts: true)
        return web.page(page, for: request, context)
    }

    static func saveGeneral(_ request: Request, _ context: SiteContext, _ web: Web) async throws -> Response {
        let fields = context.form
        let form = generalForm(
            context.site.site, name: fields["name"], domain: fields["domain"], zone: fields["time_zone"],
            until: nil)
        return try await save("general", form, request, context, web) { fields in
            var changes = SiteChanges()
            let site = context.site.site
            if fields["name"] != site.name { changes.name = fields["name"] }
            if fields["domain"] != site.domain { changes.domain = fields["domain"] }
            if fields["time_zone"] != site.timeZone { changes.timeZone = fields["time_zone"] }
            return changes
        }
    }

    private static func generalForm(
        _ site: Site, name: String, domain: String, zone: String, until: String?
    ) -> SettingsForm {
        SettingsForm(
            heading: "General", action: "/sites/\(site.domain)/settings/general",
            fields: [
                .init(
                    name: "name", label: "Name", value: name, hint: "What it is called in lists.",
                    isRequired: true),
                .init(
                    name: "domain", label: "Domain", value: domain,
                    hint:
                        "Scripts that name the tracking key go on working; those that name the domain need the new "
                        + "one.", isRequired: true),
                .init(
                    name: "time_zone", label: "Time zone", kind: .choice(Zones.choices), value: zone,
                    hint: until.map { "Until the day is over in \($0), days still end there." }
                        ?? "A change takes effect when the site’s day is over. Past days stay as they were."),
            ])
    }

    // MARK: Script

    private static let features: [String: (title: String, hint: String)] = [
        "engagement": ("Engagement", "How long pages are looked at, and how far they are read."),
        "retry": ("Second try", "Sends later what could not be sent."),
        "tagged": ("Tagged elements", "Events of elements that name them."),
        "outbound": ("Outbound links", "Clicks on links to other sites."),
        "downloads": ("Downloads", "Clicks on links to files."),
        "forms": ("Forms", "Forms that were sent; never what is in them."),
        "notfound": ("Pages not found", "Pages that the server did not find."),
        "optout": ("Opting out", "Lets a visitor, or you, stay out."),
    ]

    static func script(_ request: Request, _ context: SiteContext, _ web: Web) async throws -> Response {
        let settings = try await web.sites.settings(of: context.site, now: web.now())
        let form = scriptForm(
            context.site.site, features: settings.trackerFeatures,
            hostnames: settings.hostnames.joined(separator: "\n"), window: String(settings.duplicateWindow),
            parameters: settings.keptParameters.joined(separator: "\n"),
            patterns: settings.personalPatterns.joined(separator: "\n"))
        let page = Content(
            site: context.site.site, section: "script", forms: [form], isSaved: isSaved(request))
        return web.page(page, for: request, context)
    }

    static func saveScript(_ request: Request, _ context: SiteContext, _ web: Web) async throws -> Response {
        let fields = context.form
        let features = SiteSettings.allFeatures.filter { fields["feature:\($0)"] == "on" }
        let form = scriptForm(
            context.site.site, features: features, hostnames: fields["hostnames"],
            window: fields["duplicate_window"], parameters: fields["kept_parameters"],
            patterns: fields["personal_patterns"])
        return try await save("script", form, request, context, web) { fields in
            var changes = SiteChanges()
            changes.trackerFeatures = features
            changes.hostnames = lines(fields["hostnames"]).map { $0.lowercased() }
            changes.duplicateWindow = Int(fields["duplicate_window"]) ?? -1
            changes.keptParameters = lines(fields["kept_parameters"])
            changes.personalPatterns = lines(fields["personal_patterns"])
            return changes
        }
    }

    private static func scriptForm(
        _ site: Site, features: [String], hostnames: String, window: String, parameters: String,
        patterns: String
    ) -> SettingsForm {
        SettingsForm(
            heading: "Script and collecting",
            lead:
                "What a page’s own script (/js/\(site.trackingKey).js) does besides counting, and what is taken from "
                + "any script.",
            action: "/sites/\(site.domain)/settings/script",
            fields: [
                .init(
                    name: "tracker_features", label: "The script also tells of",
                    kind: .checks(
                        SiteSettings.allFeatures.map { name in
                            (
                                name: "feature:\(name)", title: Self.features[name]?.title ?? name,
                                hint: Self.features[name]?.hint ?? "", isChecked: features.contains(name)
                            )
                        })),
                .init(
                    name: "hostnames", label: "Hostnames that may send", kind: .lines, value: hostnames,
                    hint:
                        "One a line, with * for any text, besides \(site.domain) and its sub-domains. None lets any."
                ),
                .init(
                    name: "duplicate_window",
                    label: "Seconds within which a repeated page view is a duplicate",
                    kind: .number(0...60), value: window),
                .init(
                    name: "kept_parameters", label: "Parameters that belong to the page", kind: .lines,
                    value: parameters,
                    hint:
                        "One a line, such as id. Everything else behind the ? is dropped before it is stored."
                ),
                .init(
                    name: "personal_patterns", label: "What is personal in addresses", kind: .lines,
                    value: patterns,
                    hint:
                        "One a line, such as customer-*. It is masked before it is stored; e-mail addresses and the "
                        + "like always are."),
            ])
    }

    // MARK: Exclusions

    private static let exclusionKinds: [(kind: SiteExclusion.Kind, label: String, hint: String)] = [
        (.address, "Addresses", "One a line: 203.0.113.7, or a range such as 2001:db8::/48."),
        (.country, "Countries", "One a line, two letters: DE."),
        (.page, "Pages", "One a line, with * for any text: /admin/*."),
        (.hostname, "Hostnames", "One a line, with * for any text: staging.example.com."),
    ]

    static func exclusions(_ request: Request, _ context: SiteContext, _ web: Web) async throws -> Response {
        let settings = try await web.sites.settings(of: context.site, now: web.now())
        let form = exclusionsForm(context.site.site) { kind in
            settings.exclusions.filter { $0.kind == kind }.map(\.value).joined(separator: "\n")
        }
        let page = Content(
            site: context.site.site, section: "exclusions", forms: [form], isSaved: isSaved(request))
        return web.page(page, for: request, context)
    }

    static func saveExclusions(_ request: Request, _ context: SiteContext, _ web: Web) async throws
        -> Response
    {
        let fields = context.form
        let form = exclusionsForm(context.site.site) { fields[$0.rawValue] }
        return try await save("exclusions", form, request, context, web) { fields in
            var changes = SiteChanges()
            changes.exclusions = try exclusionKinds.flatMap { row in
                do {
                    return try lines(fields[row.kind.rawValue]).map { try SiteExclusion(row.kind, $0) }
                } catch let error as FormError {
                    throw FormError(row.kind.rawValue, error.message)
                }
            }
            return changes
        }
    }

    private static func exclusionsForm(
        _ site: Site, _ value: (SiteExclusion.Kind) -> String
    ) -> SettingsForm {
        SettingsForm(
            heading: "Exclusions",
            lead:
                "Who and what is not counted from now on. What was refused is listed by its reason, never by whom.",
            action: "/sites/\(site.domain)/settings/exclusions",
            fields: exclusionKinds.map {
                .init(
                    name: $0.kind.rawValue, label: $0.label, kind: .lines, value: value($0.kind),
                    hint: $0.hint)
            })
    }

    // MARK: Data

    static func data(_ request: Request, _ context: SiteContext, _ web: Web) async throws -> Response {
        let settings = try await web.sites.settings(of: context.site, now: web.now())
        let page = Content(
            site: context.site.site, section: "data",
            forms: dataForms(context.site.site, kept: settings.retentionDays.map(String.init) ?? ""),
            isSaved: isSaved(request),
            jobs: try await web.jobsUnderWay(in: context.site.account, site: context.site.site.id))
        return web.page(page, for: request, context)
    }

    static func saveData(_ request: Request, _ context: SiteContext, _ web: Web) async throws -> Response {
        let form = dataForms(context.site.site, kept: context.form["retention_days"])[0]
        return try await save("data", form, request, context, web) { fields in
            var changes = SiteChanges()
            let text = fields["retention_days"]
            // What is no number is refused as 0 is.
            changes.retentionDays = .some(text.isEmpty ? nil : Int(text) ?? 0)
            return changes
        }
    }

    static func reset(_ request: Request, _ context: SiteContext, _ web: Web) async throws -> Response {
        if let refused = confirmed(request, context, web, form: 1) { return refused }
        _ = try await web.reset(context.site)
        throw Redirect(to: "/sites/\(context.site.site.domain)/settings/data")
    }

    static func erase(_ request: Request, _ context: SiteContext, _ web: Web) async throws -> Response {
        if let refused = confirmed(request, context, web, form: 2) { return refused }
        _ = try await web.erase(context.site)
        throw Redirect(to: "/sites")
    }

    static func cancel(_ request: Request, _ context: SiteContext, _ web: Web) async throws -> Response {
        let account = context.site.account
        let jobs = try await web.jobsUnderWay(in: account, site: context.site.site.id)
        guard let job = jobs.first(where: { String($0.id) == context.form["job"] }), job.mayBeCancelled else {
            throw HTTPError(.notFound)
        }
        try await web.cancel(job.id, in: account)
        throw Redirect(to: "/sites/\(context.site.site.domain)/settings/data")
    }

    /// Nil when the domain was typed; else the page that asks for it.
    private static func confirmed(
        _ request: Request, _ context: SiteContext, _ web: Web, form index: Int
    ) -> Response? {
        let site = context.site.site
        if context.form["confirm"].lowercased() == site.domain { return nil }
        var forms = dataForms(site, kept: "")
        forms[index].fields[0].error = "Type \(site.domain) to confirm."
        let page = Content(site: site, section: "data", forms: [forms[index]])
        return web.page(page, for: request, context, status: .unprocessableContent)
    }

    static func dataForms(_ site: Site, kept: String) -> [SettingsForm] {
        func confirm(_ id: String) -> SettingsForm.Field {
            .init(name: "confirm", id: id, label: "Type \(site.domain) to confirm", isRequired: true)
        }
        return [
            SettingsForm(
                heading: "How long statistics are kept", action: "/sites/\(site.domain)/settings/data",
                fields: [
                    .init(
                        name: "retention_days", label: "Days",
                        kind: .number(1...SiteSettings.mostRetentionDays),
                        value: kept,
                        hint: "Empty keeps everything. Older days are removed for good, now and every day.")
                ]),
            SettingsForm(
                heading: "Begin statistics anew",
                lead: "Removes everything that was counted until now. Settings, goals and keys stay.",
                action: "/sites/\(site.domain)/settings/data/reset", submit: "Begin anew",
                fields: [confirm("confirm-reset")],
                isDangerous: true),
            SettingsForm(
                heading: "Erase the site",
                lead:
                    "Removes the site with everything that was counted of it. Its script counts nothing any more.",
                action: "/sites/\(site.domain)/settings/data/erase", submit: "Erase \(site.domain)",
                fields: [confirm("confirm-erase")],
                isDangerous: true),
        ]
    }
}

enum FormLines {
    /// Without blanks around it.
    static func trimmed(_ line: String) -> String {
        let characters = line.drop { $0.isWhitespace }
        guard let last = characters.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(characters[...last])
    }
}
