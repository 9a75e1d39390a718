import Auth
import HTTPTypes
import Hummingbird

/// `/account/profile`.
enum ProfilePage {
    struct Content: Page {
        static let template = "profile"
        let session: Session

        var title: String { "Account · Mochi" }
        var place: Place? { .account }
        var model: Model {
            [
                "email": session.user.email, "name": session.user.name.isEmpty ? false : session.user.name,
                "timeZone": session.user.timeZone,
                "accounts": session.accounts.map {
                    ["account": $0.accountName, "role": $0.role.rawValue] as Model
                },
            ]
        }
    }

    static func show(_ request: Request, _ context: MemberContext, _ web: Web) async throws -> Response {
        web.page(Content(session: context.session), for: request, context)
    }
}
