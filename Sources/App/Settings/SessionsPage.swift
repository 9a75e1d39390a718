import Auth
import FoundationEssentials
import HTTPTypes
import Hummingbird

/// `/settings/sessions`: where somebody is signed in, by browser and country.
enum SessionsPage {
    static func show(_ request: Request, _ context: MemberContext, _ web: Web) async throws -> Response {
        let sessions = try await web.identity.sessions(of: context.session.user.id)
        var cards = [
            SectionPage.Card(
                id: "sessions", heading: "Where you are signed in",
                lead: "A session ends 30 days after it began, or when it was not used for 14 days.",
                table: .init(
                    columns: ["Browser", "Began", "Last used"],
                    rows: sessions.map { row($0, isOwn: $0.id == context.session.id) }, empty: ""))
        ]
        if sessions.count > 1 {
            cards[0].form = Form(
                action: "/settings/sessions/end-others", submit: "End all others", fields: [], isQuiet: true)
        }
        return web.page(PersonTabs.page("sessions", request, cards), for: request, context)
    }

    static func end(_ request: Request, _ context: MemberContext, _ web: Web) async throws -> Response {
        guard let id = UUID(uuidString: context.form["id"]),
            try await web.identity.endSession(id, of: context.session.user.id)
        else { throw HTTPError(.notFound) }
        throw Redirect(to: "/settings/sessions?done=ended")
    }

    static func endOthers(_ request: Request, _ context: MemberContext, _ web: Web) async throws -> Response {
        try await web.identity.endOtherSessions(than: context.session)
        throw Redirect(to: "/settings/sessions?done=ended")
    }

    private static func row(_ session: OpenSession, isOwn: Bool) -> SectionPage.Row {
        let browser = session.device.browser.isEmpty ? "Unknown browser" : session.device.browser
        var notes: [String] = []
        if isOwn { notes.append("this one") }
        if !session.device.country.isEmpty { notes.append(Countries.name(session.device.country)) }
        return .init(
            cells: [
                .init(browser, note: notes.isEmpty ? nil : notes.joined(separator: " · ")),
                .init(DayText.long(session.createdAt)), .init(DayText.long(session.lastSeenAt)),
            ],
            actions: isOwn
                ? []
                : [
                    .init(
                        label: "End", path: "/settings/sessions/end",
                        fields: [(name: "id", value: session.id.uuidString.lowercased())])
                ])
    }
}
