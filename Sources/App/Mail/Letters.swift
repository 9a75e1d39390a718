import Auth
import Outbound
import Postgres

/// Every mail that is about a person. Links are made from MOCHI_BASE_URL alone.
struct Letters: Sendable {
    let baseURL: String

    /// Puts a letter into the queue, in the transaction that it tells of.
    func send(_ letter: Letter, to user: User, in connection: Connection) throws {
        var letter = letter
        letter.name = user.name
        try Outbox.send(try letter.message(to: user.email, name: user.name), in: connection)
    }

    /// - Parameter account: the tenant whose mail it is, which a transaction of a tenant's has to name.
    func send(
        _ letter: Letter, to address: String, account: AccountID? = nil, in connection: Connection
    ) throws {
        try Outbox.send(
            try letter.message(to: address), account: account?.rawValue, in: connection)
    }

    private func link(_ token: Token) -> String { "\(baseURL)/links/\(token.text)" }

    // MARK: Signing up

    func welcome(_ newcomer: Identity.Newcomer) -> Letter {
        guard let link = newcomer.link else { return alreadyThere }
        return Letter(
            subject: "Welcome to Mochi: please confirm your address",
            paragraphs: [
                "Your account at Mochi is ready. Follow the link to confirm that this address is yours; it is good for seven days.",
                "Then add a site and put its one line of script on your pages. Your sites are here: \(baseURL)/sites",
            ],
            action: (label: "Confirm this address", link: self.link(link)),
            closing: [
                "If you did not sign up, somebody mistyped their address: ignore this mail, and the account there never gets your address."
            ])
    }

    private var alreadyThere: Letter {
        Letter(
            subject: "You have an account at Mochi already",
            paragraphs: [
                "Somebody has just signed up at Mochi with this address. You have an account with it already: log in with that one.",
                "If you have forgotten its password: \(baseURL)/forgot",
            ],
            action: (label: "Log in", link: "\(baseURL)/login"),
            closing: ["If that was not you, there is nothing to do: your account has not changed."])
    }

    // MARK: Passwords

    func forgotten(_ forgetful: Identity.Forgetful) -> Letter {
        let closing = ["If you did not ask for this, ignore it: nothing has changed."]
        guard let link = forgetful.link else {
            return Letter(
                subject: "Your address at Mochi was never confirmed",
                paragraphs: [
                    "Somebody asked for a new password for this address. It was used to sign up, but never confirmed, so that we do not know whose it is.",
                    "Follow the link in the mail that came when you signed up, or sign up again.",
                ],
                action: (label: "Sign up", link: "\(baseURL)/signup"), closing: closing)
        }
        return Letter(
            subject: "A new password for Mochi",
            paragraphs: [
                "Somebody, probably you, has asked for a new password for Mochi. The link is good for one hour."
            ],
            action: (label: "Choose a new password", link: self.link(link)), closing: closing)
    }

    var passwordChanged: Letter {
        Letter(
            subject: "Your password at Mochi was changed",
            paragraphs: [
                "The password of your account at Mochi has just been changed, and all other sessions have ended."
            ],
            closing: ["If that was not you, ask for a new password at once: \(baseURL)/forgot"])
    }

    // MARK: Teams

    func invitation(_ invited: Team.Invited) -> Letter {
        let invitation = invited.invitation
        let what = invitation.site.map { "the dashboard of \($0)" } ?? "the account \(invitation.accountName)"
        return Letter(
            subject:
                "\(invitation.inviter) invites you to \(invitation.site ?? invitation.accountName) at Mochi",
            paragraphs: [
                "\(invitation.inviter) invites you to \(what) at Mochi, as \(invitation.role.rawValue). The link is good for seven days."
            ],
            action: (label: "Accept", link: "\(baseURL)/invitations/\(invited.token.text)"),
            closing: ["If you do not know what this is about, ignore it: nothing happens."])
    }

    // MARK: Sites

    func offer(_ made: SiteOffers.Made) -> Letter {
        let offer = made.offer
        return Letter(
            subject: "\(offer.offerer) offers you the site \(offer.domain) at Mochi",
            paragraphs: [
                "\(offer.offerer) wants to give you the site \(offer.domain) at Mochi, with everything that was counted of it. Counting goes on.",
                "Follow the link, which is good for seven days, and choose which of your accounts gets it. If you have none yet, sign up first: \(baseURL)/signup",
            ],
            action: (label: "Take the site", link: "\(baseURL)/transfers/\(made.token.text)"),
            closing: ["If you do not know what this is about, ignore it: nothing happens."])
    }

    // MARK: The second factor

    func twoFactor(isOn: Bool) -> Letter {
        Letter(
            subject: isOn
                ? "Two-factor sign-in at Mochi is on" : "Two-factor sign-in at Mochi is off",
            paragraphs: [
                isOn
                    ? "From now on, signing in to your account at Mochi takes a code of your authenticator besides the password. All other sessions have ended."
                    : "Signing in to your account at Mochi takes the password alone from now on."
            ],
            closing: ["If that was not you, ask for a new password at once: \(baseURL)/forgot"])
    }

    var deleted: Letter {
        Letter(
            subject: "You are no longer at Mochi",
            paragraphs: [
                "Your account at Mochi was deleted, as you asked. Figures of sites that were yours alone are being erased. This is the last mail to you."
            ])
    }

    // MARK: Addresses

    func changing(to link: Token?) -> Letter {
        guard let link else { return alreadyThere }
        return Letter(
            subject: "Confirm your new address at Mochi",
            paragraphs: [
                "Somebody, probably you, wants to use this address for their account at Mochi. It is theirs when you follow the link, which is good for one day."
            ],
            action: (label: "Use this address", link: self.link(link)),
            closing: ["If that was not you, ignore this mail: nothing happens."])
    }

    func changed(_ changed: Identity.ChangedEmail) -> Letter {
        Letter(
            subject: "Your address at Mochi was changed",
            paragraphs: [
                "Your account at Mochi now has the address \(changed.user.email). This one is no longer used."
            ],
            action: (label: "That was not me: undo it", link: link(changed.undo)),
            closing: [
                "If that was you, there is nothing to do. The link is good for seven days; it brings this address back, ends all sessions and lets you choose a new password."
            ])
    }
}
