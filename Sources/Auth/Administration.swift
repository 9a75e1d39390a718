import FoundationEssentials
package import Postgres

/// What whoever runs the instance may do without being anybody's teammate. The loud door: nothing that answers a
/// web request goes through here.
package struct Administration: Sendable {
    /// As `mochi admin bootstrap` prints it.
    package struct Bootstrapped: Sendable, Hashable {
        package let account: AccountID
        package let user: UserID
        /// Nil when the person existed.
        package let password: String?
        package let site: Site
        package let apiKey: String
    }

    private let system: Database
    private let identity: Identity
    private let sites: Sites
    private let keys: ApiKeys

    package init(app: Database, system: Database, passwords: PasswordHasher) {
        self.system = system
        identity = Identity(system: system, passwords: passwords)
        sites = Sites(app: app)
        keys = ApiKeys(app: app, system: system)
    }

    /// Makes what does not exist yet of a person, their account and a site in it; a new API key each time.
    ///
    /// - Throws: ``FormError``, also when the site belongs to an account that is not the person's.
    package func bootstrap(email: String, domain: String, timeZone: String) async throws -> Bootstrapped {
        let email = try EmailAddress.normalized(email)
        let password = Token.random().text
        let hash = try await identity.passwords.hash(password)
        let (accounts, isNew) = try await system.transaction { connection in
            if let user = try Administration.person(email, connection) {
                return (try Identity.accounts(of: user, session: nil, connection), false)
            }
            let user = try Identity.insertPerson(
                email: email, hash: hash, name: "", timeZone: "UTC", connection)
            // Who runs the instance vouches for the address.
            try connection.execute("UPDATE users SET email_confirmed_at = now() WHERE id = \(user.id)")
            return (try Identity.accounts(of: user.id, session: nil, connection), true)
        }
        let access = try await accountHolding(domain: domain, of: accounts)
        let site =
            if let found = try await sites.find(domain: DomainName.normalized(domain), in: access) {
                found.site
            } else {
                try await sites.create(domain: domain, timeZone: timeZone, in: access)
            }
        return Bootstrapped(
            account: access.account, user: access.user!, password: isNew ? password : nil, site: site,
            apiKey: try await keys.create(
                name: "Bootstrap", scopes: Scope.allCases, detail: Administration.origin, in: access
            ).text)
    }

    /// Who has confirmed the address, or else the last who signed up with it.
    private static func person(_ email: String, _ connection: Connection) throws -> UserID? {
        try connection.first(
            "SELECT id FROM users WHERE email = \(email) ORDER BY email_confirmed_at NULLS LAST, id DESC LIMIT 1"
        )
    }

    /// Accounts and domains, whosever they are.
    package var instance: Instance { Instance(system: system) }

    // MARK: API keys

    /// What the audit log says of who did it.
    private static let origin: JSON = #"{"through": "mochi admin"}"#

    /// A new key, which acts for the owner.
    package func createKey(
        name: String, scopes: [Scope], in access: AccountAccess
    ) async throws -> ApiKeys.Created {
        try await keys.create(name: name, scopes: scopes, detail: Administration.origin, in: access)
    }

    package func listKeys(in access: AccountAccess) async throws -> [ApiKey] {
        try await keys.list(in: access)
    }

    /// False when the account has no such key, or it was revoked before.
    package func revokeKey(_ id: ApiKeyID, in access: AccountAccess) async throws -> Bool {
        try await keys.revoke(id, detail: Administration.origin, in: access)
    }

    /// The account that a person owns: the one that is stated, or else their only one.
    ///
    /// - Throws: ``FormError`` when there is none, or it is not clear which.
    package func account(ownedBy email: String, stated: AccountID?) async throws -> AccountAccess {
        let email = try EmailAddress.normalized(email)
        let owned = try await system.transaction(readOnly: true) { connection -> [AccountAccess] in
            guard let user = try Administration.person(email, connection) else { return [] }
            return try Identity.accounts(of: user, session: nil, connection).filter { $0.role == .owner }
        }
        if let stated {
            guard let access = owned.first(where: { $0.account == stated }) else {
                throw FormError("account", "This person owns no account \(stated.rawValue).")
            }
            return access
        }
        guard let first = owned.first else {
            throw FormError("email", "Nobody of this address owns an account.")
        }
        guard owned.count == 1 else {
            let numbers = owned.map { "\($0.account.rawValue)" }.joined(separator: ", ")
            throw FormError("account", "This person owns several: say which of \(numbers).")
        }
        return first
    }

    /// The account among the person's that has the site already, else the first.
    private func accountHolding(domain: String, of accounts: [AccountAccess]) async throws -> AccountAccess {
        let domain = try DomainName.normalized(domain)
        for access in accounts where try await sites.find(domain: domain, in: access) != nil { return access }
        guard let first = accounts.first else {
            throw FormError("email", "This person belongs to no account.")
        }
        return first
    }
}
