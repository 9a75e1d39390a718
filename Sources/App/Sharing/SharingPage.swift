import Auth
import Days
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Operations
import Stats

/// `/sites/{domain}/settings/sharing`: links to the dashboard, frames of it, and whether it is public.
enum SharingPage {
    static func show(_ request: Request, _ context: SiteContext, _ web: Web) async throws -> Response {
        try await answer(request, context, web)
    }

    static func create(_ request: Request, _ context: SiteContext, _ web: Web) async throws -> Response {
        let fields = context.form
        do {
            _ = try await web.shares.create(try wanted(fields, context.site, web), of: context.site)
        } catch let error as FormError {
            var form = try await form(context.site, web, filled: fields)
            form.mark(error)
            return try await answer(request, context, web, form: form, status: .unprocessableContent)
        }
        throw Redirect(to: path(context.site.site))
    }

    static func revoke(_ request: Request, _ context: SiteContext, _ web: Web) async throws -> Response {
        guard let id = Int64(context.form["id"]),
            try await web.shares.revoke(ShareLinkID(rawValue: id), of: context.site)
        else { throw HTTPError(.notFound) }
        throw Redirect(to: path(context.site.site))
    }

    static func setPublic(_ request: Request, _ context: SiteContext, _ web: Web) async throws -> Response {
        try await web.shares.setPublic(context.form["public"] == "yes", of: context.site)
        throw Redirect(to: path(context.site.site))
    }

    // MARK: The page

    static func path(_ site: Site) -> String { "/sites/\(site.domain)/settings/sharing" }

    private static func answer(
        _ request: Request, _ context: SiteContext, _ web: Web, form: Form? = nil,
        status: HTTPResponse.Status = .ok
    ) async throws -> Response {
        let form =
            if let form { form } else { try await self.form(context.site, web, filled: Fields()) }
        let page = page(
            context.site.site, links: try await web.shares.list(of: context.site), form: form,
            baseURL: web.configuration.baseURL, now: web.now())
        return web.page(page, for: request, context, status: status)
    }

    static func page(
        _ site: Site, links: [ShareLink], form: Form, baseURL: String, now: Date
    ) -> SectionPage {
        SectionPage(
            title: "Sharing \(site.domain) · Mochi", heading: "Sharing", place: .sites,
            crumb: .init(label: site.domain, link: "/sites/\(site.domain)"), tabs: SiteTabs.tabs(site),
            current: path(site),
            cards: [
                .init(
                    id: "links", heading: "Links",
                    lead: "Whoever has a link sees the dashboard and nothing else. Nobody has to sign up.",
                    table: .init(
                        columns: ["For", "Link", "Looks"],
                        rows: links.map { row($0, site, baseURL: baseURL, now: now) },
                        empty: "There is no link yet.")),
                .init(id: "new", heading: "New link", form: form),
                .init(
                    id: "public", heading: site.isPublic ? "This dashboard is public" : "Public dashboard",
                    lead: site.isPublic
                        ? "Anybody may look at \(baseURL)/sites/\(site.domain). Search engines are told not to list it."
                        : "Let anybody look who knows the domain. Settings and the account stay yours.",
                    form: Form(
                        action: path(site) + "/public",
                        submit: site.isPublic ? "Make it private" : "Make it public", fields: [],
                        hidden: [.init(name: "public", value: site.isPublic ? "no" : "yes")], isQuiet: true)),
            ])
    }

    private static func row(
        _ link: ShareLink, _ site: Site, baseURL: String, now: Date
    ) -> SectionPage.Row {
        let isOpen = link.isOpen(at: now)
        var notes: [String] = []
        if link.revokedAt != nil { notes.append("revoked") }
        if let end = link.endsAt { notes.append("\(end > now ? "ends" : "ended") \(DayText.long(end))") }
        if link.hasPassword { notes.append("password") }
        if let segment = link.segment { notes.append("segment \(segment)") }
        if link.leastVisitors > 1 { notes.append("nothing below \(link.leastVisitors) visitors") }
        if !link.origins.isEmpty { notes.append("framed by \(link.origins.joined(separator: ", "))") }
        let address = "\(baseURL)/share/\(link.slug)"
        let frame = link.origins.isEmpty ? nil : "For a frame: \(baseURL)/embed/\(link.slug)"
        return .init(
            cells: [
                .init(link.name, note: notes.isEmpty ? nil : notes.joined(separator: " · ")),
                .init(address, note: frame, link: isOpen ? "/share/\(link.slug)" : nil),
                .init(Numbers.whole(Int(link.views))),
            ],
            actions: link.revokedAt != nil
                ? []
                : [
                    .init(
                        label: "Revoke", path: path(site) + "/revoke",
                        fields: [(name: "id", value: "\(link.id.rawValue)")])
                ], isFaded: !isOpen)
    }

    // MARK: The form

    private static func wanted(_ fields: Fields, _ site: SiteAccess, _ web: Web) throws -> NewShareLink {
        var wanted = NewShareLink(name: fields["name"])
        wanted.password = fields["password"]
        if !fields["ends"].isEmpty {
            guard let day = Day(fields["ends"]), let zone = Zone.named(site.site.timeZone) else {
                throw FormError("ends", "Write the day as 2026-12-31.")
            }
            // The last day counts.
            wanted.endsAt = Date(
                timeIntervalSince1970: TimeInterval(zone.start(of: day.advanced(by: 1))))
        }
        guard let least = Int(fields["least_visitors"].isEmpty ? "1" : fields["least_visitors"]) else {
            throw FormError("least_visitors", "Use a number from 1 to 1000.")
        }
        wanted.leastVisitors = least
        wanted.origins = fields["origins"].split(whereSeparator: { $0 == " " || $0 == "," }).map(String.init)
        if !fields["segment"].isEmpty {
            guard let segment = Int64(fields["segment"]) else {
                throw FormError("segment", "There is no such segment any more.")
            }
            wanted.segment = segment
        }
        return wanted
    }

    static func form(_ site: SiteAccess, _ web: Web, filled: Fields) async throws -> Form {
        form(
            site.site, segments: try await web.goals.segments(of: site).map { ("\($0.id)", $0.name) },
            filled: filled)
    }

    static func form(_ site: Site, segments: [(value: String, label: String)], filled: Fields) -> Form {
        let choices = [(value: "", label: "Everything")] + segments
        var fields: [Form.Field] = [
            .init(
                name: "name", label: "For whom or what", value: filled["name"],
                placeholder: "The agency", maxLength: 200),
            .init(
                name: "password", label: "Password (optional)", kind: .password,
                autocomplete: "new-password", maxLength: 256, isRequired: false),
            .init(
                name: "ends", label: "Last day (optional)", kind: .date, value: filled["ends"],
                maxLength: 10, isRequired: false),
        ]
        if !segments.isEmpty {
            fields.append(
                .init(
                    name: "segment", label: "Shows", kind: .choice(choices, guessesZone: false),
                    value: filled["segment"], isRequired: false))
        }
        fields += [
            .init(
                name: "least_visitors", label: "Nothing about fewer visitors than (optional)",
                value: filled["least_visitors"], placeholder: "1",
                hint: "Smaller rows are folded into one. Then periods are fixed, and one filter at a time.",
                maxLength: 4, isRequired: false),
            .init(
                name: "origins", label: "May be framed by (optional)", value: filled["origins"],
                placeholder: "https://example.com",
                hint: "Sites on which the dashboard may be embedded, with blanks between them.",
                maxLength: 2_000, isRequired: false, isVerbatim: true),
        ]
        return Form(action: path(site) + "/links", submit: "Make the link", fields: fields)
    }
}

/// The sections of a site's settings.
enum SiteTabs {
    static func tabs(_ site: Site) -> [SectionPage.Tab] {
        SiteSettingsPage.sections.map {
            .init(
                label: $0.prefix(1).uppercased() + $0.dropFirst(),
                link: "/sites/\(site.domain)/settings/\($0)")
        }
    }
}
