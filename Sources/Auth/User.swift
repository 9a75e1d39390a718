package import FoundationEssentials

/// A person. Belongs to accounts through memberships.
package struct User: Sendable, Hashable {
    package let id: UserID
    package let email: String
    package let name: String
    package let timeZone: String
    package let emailConfirmedAt: Date?
}

/// Somebody who has just proved who they are; `token` goes into their cookie.
package struct SignedIn: Sendable {
    package let token: Token
    package let user: User
    package let expiresAt: Date
    /// Opens nothing until a code has been entered: ``TwoFactor/enter(code:token:)``.
    package let needsCode: Bool
}

/// One site that somebody may look at who does not belong to its account.
package struct GuestSite: Sendable {
    package let site: SiteID
    /// With the role on that site. Pages about a site find it with this; no page about an account takes it.
    let account: AccountAccess
}

/// A browser that is signed in.
package struct Session: Sendable {
    package let id: UUID
    package let user: User
    /// The accounts that the person belongs to, oldest first.
    package let accounts: [AccountAccess]
    /// The one that pages about an account show; nil when they belong to none.
    package let account: AccountAccess?
    /// Single sites of other accounts that they may look at.
    package let guestSites: [GuestSite]
}
