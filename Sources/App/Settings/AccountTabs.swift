import Auth
import HTTPTypes
import Hummingbird

/// The sections of an account, and who sees which.
enum AccountTabs {
    private static let all: [(tab: SectionPage.Tab, least: Role)] = [
        (.init(label: "General", link: "/account/general"), .billing),
        (.init(label: "Team", link: "/account/team"), .viewer),
        (.init(label: "API keys", link: "/account/keys"), .billing),
        (.init(label: "Data", link: "/account/data"), .owner),
        (.init(label: "Audit log", link: "/account/audit-log"), .owner),
    ]

    /// Those that this person sees.
    static func tabs(of account: AccountAccess) -> [SectionPage.Tab] {
        all.filter { account.role >= $0.least }.map(\.tab)
    }

    static func redirect(_ request: Request, _ context: MemberContext, _ web: Web) async throws -> Response {
        throw Redirect(to: "/account/general")
    }

    static func page(
        _ section: String, _ request: Request, _ account: AccountAccess, _ cards: [SectionPage.Card]
    ) -> SectionPage {
        SectionPage(
            title: "\(account.accountName) · Mochi", heading: account.accountName, place: .account,
            tabs: tabs(of: account), current: "/account/\(section)",
            notice: Notices.text((try? Fields(query: request))?["done"]).map { .init(text: $0) }, cards: cards
        )
    }
}

extension Role {
    /// What it lets somebody do, in a few words.
    var meaning: String {
        switch self {
        case .owner: "everything, deleting the account included"
        case .admin: "sites, settings and the team"
        case .editor: "dashboards, goals and notes"
        case .viewer: "dashboards"
        case .billing: "bills, no dashboards"
        }
    }

    var title: String { rawValue.prefix(1).uppercased() + rawValue.dropFirst() }
}
