import Auth
import HTTPTypes
import Hummingbird

/// `/account/team`: who belongs to the account, who was asked, and who looks at single sites.
enum TeamPage {
    static func show(_ request: Request, _ context: AccountContext, _ web: Web) async throws -> Response {
        try await answer(request, context, web)
    }

    // MARK: Invitations

    static func invite(_ request: Request, _ context: AccountContext, _ web: Web) async throws -> Response {
        let fields = context.form
        do {
            try await limit(fields["email"].lowercased(), context.account, web)
            var site: SiteAccess?
            if !fields["site"].isEmpty {
                site = try await web.sites.find(domain: fields["site"], in: context.account)
                if site == nil { throw FormError("site", "The account has no such site.") }
            }
            guard let role = Role(rawValue: fields["role"]) else {
                throw FormError("role", "Choose a role.")
            }
            try await web.team.invite(
                email: fields["email"], role: role, site: site, by: context.session.user, in: context.account
            ) { [letters = web.letters] connection, invited in
                try letters.send(
                    letters.invitation(invited), to: invited.invitation.email,
                    account: invited.invitation.account, in: connection)
            }
        } catch let error as FormError {
            return try await answer(request, context, web, error: error, status: .unprocessableContent)
        }
        throw Redirect(to: "/account/team?done=invited")
    }

    static func resend(_ request: Request, _ context: AccountContext, _ web: Web) async throws -> Response {
        guard let id = Int64(context.form["id"]),
            let invitation = try await web.team.invitations(in: context.account).first(where: { $0.id == id })
        else { throw HTTPError(.notFound) }
        try await limit(invitation.email, context.account, web)
        do {
            let isSent = try await web.team.resend(id, by: context.session.user, in: context.account) {
                [letters = web.letters] connection, invited in
                try letters.send(
                    letters.invitation(invited), to: invited.invitation.email,
                    account: invited.invitation.account, in: connection)
            }
            guard isSent else { throw HTTPError(.notFound) }
        } catch let error as FormError {
            return try await answer(request, context, web, error: error, status: .unprocessableContent)
        }
        throw Redirect(to: "/account/team?done=invited")
    }

    static func revoke(_ request: Request, _ context: AccountContext, _ web: Web) async throws -> Response {
        guard let id = Int64(context.form["id"]),
            try await web.team.revoke(id, in: context.account)
        else { throw HTTPError(.notFound) }
        throw Redirect(to: "/account/team?done=revoked")
    }

    /// So many mails to strangers a day, and to one of them.
    static func limit(_ email: String, _ access: AccountAccess, _ web: Web) async throws {
        let (now, account) = (web.now(), "\(access.account.rawValue)")
        for (limit, who) in [(Throttle.Limit.invitations, account), (.mailToAddress, email)] {
            if let wait = try await web.throttle.take(limit, by: who, now: now) {
                throw TooManyRequests(retryAfter: wait)
            }
        }
    }

    // MARK: Members

    static func setRole(_ request: Request, _ context: AccountContext, _ web: Web) async throws -> Response {
        guard let user = Int64(context.form["user"]), let role = Role(rawValue: context.form["role"]) else {
            throw HTTPError(.notFound)
        }
        return try await change(request, context, web) {
            try await web.team.setRole(role, of: UserID(rawValue: user), in: context.account)
        }
    }

    static func remove(_ request: Request, _ context: AccountContext, _ web: Web) async throws -> Response {
        guard let user = Int64(context.form["user"]) else { throw HTTPError(.notFound) }
        return try await change(request, context, web) {
            try await web.team.remove(UserID(rawValue: user), in: context.account)
        }
    }

    static func removeGuest(_ request: Request, _ context: AccountContext, _ web: Web) async throws
        -> Response
    {
        guard let user = Int64(context.form["user"]) else { throw HTTPError(.notFound) }
        return try await change(request, context, web) {
            try await web.team.removeGuest(
                UserID(rawValue: user), site: context.form["site"], in: context.account)
        }
    }

    /// Asks for the password: it cannot be taken back.
    static func transfer(_ request: Request, _ context: AccountContext, _ web: Web) async throws -> Response {
        guard let user = Int64(context.form["user"]) else { throw HTTPError(.notFound) }
        return try await change(request, context, web) {
            try await PersonTabs.requirePassword(context.form, of: context.session.user, web)
            return try await web.team.transferOwnership(to: UserID(rawValue: user), in: context.account)
        }
    }

    private static func change(
        _ request: Request, _ context: AccountContext, _ web: Web, _ body: () async throws -> Bool
    ) async throws -> Response {
        do {
            guard try await body() else { throw HTTPError(.notFound) }
        } catch let error as FormError {
            return try await answer(request, context, web, error: error, status: .unprocessableContent)
        }
        throw Redirect(to: "/account/team?done=saved")
    }

    // MARK: The page

    private static func answer(
        _ request: Request, _ context: AccountContext, _ web: Web, error: FormError? = nil,
        status: HTTPResponse.Status = .ok
    ) async throws -> Response {
        let account = context.account
        let isAdmin = account.role >= .admin
        async let members = web.team.members(in: account)
        async let guests = web.team.guests(in: account)
        async let invitations = web.team.invitations(in: account)
        var cards = [
            SectionPage.Card(
                id: "members", heading: "Members",
                table: .init(
                    columns: ["Person", "Role"],
                    rows: try await members.map { row($0, account, context.session.user) }, empty: ""))
        ]
        if isAdmin {
            let pending = try await invitations
            if !pending.isEmpty {
                cards.append(
                    .init(
                        id: "invitations", heading: "Invitations that wait",
                        table: .init(
                            columns: ["To", "Role", "Until"],
                            rows: pending.map { row($0, isOver: $0.expiresAt <= web.now()) }, empty: "")))
            }
            let sites = try await web.sites.list(in: account).map(\.domain)
            cards.append(inviteCard(account, sites: sites, filled: context.form, error: error))
            let visitors = try await guests
            if !visitors.isEmpty {
                cards.append(
                    .init(
                        id: "guests", heading: "Guests of single sites",
                        table: .init(
                            columns: ["Person", "Site", "Role"], rows: visitors.map(guestRow), empty: "")))
            }
            if account.role == .owner {
                let others = try await members.filter { $0.user != account.user }
                if !others.isEmpty { cards.append(transferCard(others, error: error)) }
            }
        }
        var page = AccountTabs.page("team", request, account, cards)
        if let error, error.field == "role" { page.notice = .init(text: error.message, isGood: false) }
        return web.page(page, for: request, context, status: status)
    }

    private static func row(_ member: Member, _ own: AccountAccess, _ user: User) -> SectionPage.Row {
        let isSelf = member.user == user.id
        var actions: [SectionPage.Action] = []
        let mayChange = own.role >= .admin && !isSelf && (own.role == .owner || member.role < .owner)
        if mayChange {
            let id = [(name: "user", value: "\(member.user.rawValue)")]
            actions = [
                .init(
                    label: "Change", path: "/account/team/role", fields: id,
                    choice: .init(
                        name: "role", label: "Role of \(member.email)", options: roles(for: own.role),
                        selected: member.role.rawValue), isPlain: true),
                .init(label: "Remove", path: "/account/team/remove", fields: id),
            ]
        }
        return .init(
            cells: [
                .init(
                    member.name.isEmpty ? member.email : member.name,
                    note: (member.name.isEmpty ? [] : [member.email]).joined() + (isSelf ? " (you)" : "")),
                .init(member.role.title),
            ], actions: actions)
    }

    private static func row(_ invitation: Invitation, isOver: Bool) -> SectionPage.Row {
        let id = [(name: "id", value: "\(invitation.id)")]
        return .init(
            cells: [
                .init(invitation.email, note: invitation.site.map { "only \($0)" }),
                .init(invitation.role.title),
                .init(isOver ? "too old" : DayText.long(invitation.expiresAt)),
            ],
            actions: [
                .init(label: "Send again", path: "/account/team/resend", fields: id, isPlain: true),
                .init(label: "Revoke", path: "/account/team/revoke", fields: id),
            ])
    }

    private static func guestRow(_ guest: Member) -> SectionPage.Row {
        .init(
            cells: [
                .init(guest.name.isEmpty ? guest.email : guest.name), .init(guest.site ?? ""),
                .init(guest.role.title),
            ],
            actions: [
                .init(
                    label: "Remove", path: "/account/team/guests/remove",
                    fields: [
                        (name: "user", value: "\(guest.user.rawValue)"),
                        (name: "site", value: guest.site ?? ""),
                    ])
            ])
    }

    /// What somebody of this role may give to others.
    private static func roles(for own: Role) -> [(value: String, label: String)] {
        Role.allCases.reversed().filter { own == .owner || $0 < .owner }
            .map { (value: $0.rawValue, label: $0.title) }
    }

    private static func inviteCard(
        _ account: AccountAccess, sites: [String], filled: Fields, error: FormError?
    ) -> SectionPage.Card {
        var fields: [Form.Field] = [
            .init(
                name: "email", label: "E-mail", kind: .email, value: filled["email"], maxLength: 254,
                isVerbatim: true),
            .init(
                name: "role", label: "Role",
                kind: .choice(
                    Role.allCases.reversed().filter { account.role == .owner || $0 < .owner }.map {
                        (value: $0.rawValue, label: "\($0.title): \($0.meaning)")
                    }, guessesZone: false), value: filled["role"].isEmpty ? "viewer" : filled["role"]),
        ]
        if !sites.isEmpty {
            fields.append(
                .init(
                    name: "site", label: "For",
                    kind: .choice(
                        [(value: "", label: "The whole account")]
                            + sites.map {
                                (value: $0, label: "Only \($0), as a guest")
                            }, guessesZone: false), value: filled["site"]))
        }
        var form = Form(action: "/account/team/invite", submit: "Send the invitation", fields: fields)
        if let error, fields.contains(where: { $0.name == error.field }) { form.mark(error) }
        return .init(
            id: "invite", heading: "Invite somebody",
            lead: "They get a mail with a link that is good for seven days.", form: form)
    }

    private static func transferCard(_ others: [Member], error: FormError?) -> SectionPage.Card {
        var form = Form(
            action: "/account/transfer", submit: "Transfer the ownership",
            fields: [
                .init(
                    name: "user", label: "New owner",
                    kind: .choice(
                        others.map { (value: "\($0.user.rawValue)", label: $0.email) }, guessesZone: false)),
                PersonTabs.currentPassword,
            ], isQuiet: true)
        if let error, error.field == "current" { form.mark(error) }
        return .init(
            id: "transfer", heading: "Transfer the ownership",
            lead: "They become an owner, you an administrator.", form: form)
    }
}
