import Auth
import HTTPTypes
import Hummingbird

/// `/sites/new`.
enum NewSitePage {
    static func show(_ request: Request, _ context: AccountContext, _ web: Web) async throws -> Response {
        let zone = context.session.user.timeZone
        return web.page(page(form(timeZone: zone, guessesZone: zone == "UTC")), for: request, context)
    }

    static func submit(_ request: Request, _ context: AccountContext, _ web: Web) async throws -> Response {
        let fields = context.form
        do {
            let site = try await web.sites.create(
                domain: fields["domain"], name: fields["name"], timeZone: fields["time_zone"],
                in: context.account)
            throw Redirect(to: "/sites/\(site.domain)/install")
        } catch let error as FormError {
            var form = form(domain: fields["domain"], name: fields["name"], timeZone: fields["time_zone"])
            form.mark(error)
            return web.page(page(form), for: request, context, status: .unprocessableContent)
        }
    }

    static func form(
        domain: String = "", name: String = "", timeZone: String = "UTC", guessesZone: Bool = false
    ) -> Form {
        Form(
            action: "/sites/new", submit: "Add site",
            fields: [
                .init(
                    name: "domain", label: "Domain", value: domain, placeholder: "example.com",
                    hint: "Where your site is, without www. Sub-domains are counted with it.", maxLength: 300,
                    isVerbatim: true),
                .init(
                    name: "name", label: "Name (optional)", value: name,
                    hint: "What it is called in lists, if not by its domain.", isRequired: false),
                .init(
                    name: "time_zone", label: "Time zone",
                    kind: .choice(Zones.choices, guessesZone: guessesZone), value: timeZone,
                    hint: "Decides when a day begins and ends."),
            ])
    }

    static func page(_ form: Form) -> EntryPage {
        EntryPage(title: "Add a site · Mochi", heading: "Add a site", form: form, place: .sites)
    }
}
