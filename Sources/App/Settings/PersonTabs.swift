import Auth
import HTTPTypes
import Hummingbird

/// The sections of a person's settings.
enum PersonTabs {
    static let all: [SectionPage.Tab] = [
        .init(label: "Profile", link: "/settings/profile"),
        .init(label: "Password", link: "/settings/password"),
        .init(label: "Address", link: "/settings/address"),
        .init(label: "Two-factor", link: "/settings/two-factor"),
        .init(label: "Sessions", link: "/settings/sessions"),
        .init(label: "Delete", link: "/settings/delete"),
    ]

    static func redirect(_ request: Request, _ context: MemberContext, _ web: Web) async throws -> Response {
        throw Redirect(to: "/settings/profile")
    }

    static func page(
        _ section: String, _ request: Request, _ cards: [SectionPage.Card]
    ) -> SectionPage {
        SectionPage(
            title: "Your settings · Mochi", heading: "Your settings", place: .person, tabs: all,
            current: "/settings/\(section)",
            notice: Notices.text((try? Fields(query: request))?["done"]).map { .init(text: $0) }, cards: cards
        )
    }

    /// Asks once more who it is, with the field `current`.
    ///
    /// - Throws: ``TooManyRequests``, and ``FormError`` for a wrong password.
    static func requirePassword(_ fields: Fields, of user: User, _ web: Web) async throws {
        try await limitPasswords(of: user, web)
        guard try await web.identity.isPassword(fields["current"], of: user.id) else {
            throw FormError("current", "This is not your password.")
        }
    }

    /// Who has stolen a session does not get to try passwords with it.
    static func limitPasswords(of user: User, _ web: Web) async throws {
        if let wait = try await web.throttle.take(.password, by: "\(user.id.rawValue)", now: web.now()) {
            throw TooManyRequests(retryAfter: wait)
        }
    }

    static let currentPassword = Form.Field(
        name: "current", label: "Your password", kind: .password, autocomplete: "current-password",
        maxLength: 256)
}
