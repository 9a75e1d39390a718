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
}

/// A browser that is signed in.
package struct Session: Sendable {
    package let id: UUID
    package let user: User
    /// The accounts that the person belongs to, oldest first.
    package let accounts: [AccountAccess]
}
