extension Configuration {
    /// A row of the table of what can be set: what `mochi doctor` prints and docs/operations.md repeats.
    package struct Variable: Sendable {
        package let name: String
        /// In words where it is not one value.
        package let standard: String
        package let meaning: String
        package let isSecret: Bool

        init(_ name: String, _ standard: String, _ meaning: String, secret: Bool = false) {
            self.name = name
            self.standard = standard
            self.meaning = meaning
            self.isSecret = secret
        }
    }

    package static let variables: [Variable] = [
        Variable("MOCHI_DATA", ".mochi", "directory of all state: private PostgreSQL, spool, mail, logs"),
        Variable(
            "DATABASE_URL", "none: private PostgreSQL",
            "an existing PostgreSQL 15 or newer, as the owner of the database", secret: true),
        Variable(
            "MOCHI_APP_DATABASE_URL", "none: DATABASE_URL and SET ROLE", "log in as mochi_app instead",
            secret: true),
        Variable(
            "MOCHI_SYSTEM_DATABASE_URL", "none: DATABASE_URL and SET ROLE", "log in as mochi_system instead",
            secret: true),
        Variable("MOCHI_ADMIN_EMAILS", "none", "administrators of the instance, separated by commas"),
        Variable("MOCHI_BIND", "127.0.0.1", "the address that all processes listen on"),
        Variable("MOCHI_APP_PORT", "8080", "port of the web application"),
        Variable("MOCHI_INGEST_PORT", "8090", "port of the collector"),
        Variable("MOCHI_WORKER_PORT", "8091", "port of the worker's health and metrics"),
        Variable(
            "MOCHI_BASE_URL", "http://localhost:8080",
            "public address of the web application; links in mails are built from it"),
        Variable(
            "MOCHI_INGEST_URL", "http://localhost:8090",
            "public address of the collector; snippets are built from it"),
        Variable(
            "MOCHI_SECRET_KEY", "generated into MOCHI_DATA/secret.key",
            "32 bytes as 64 hexadecimal digits; encrypts two-factor secrets and the like", secret: true),
        Variable(
            "MOCHI_TRUSTED_PROXIES", "none",
            "address ranges (CIDR), separated by commas, whose forwarding headers count"),
        Variable(
            "MOCHI_SMTP_URL", "none: mail goes to files in MOCHI_DATA/mail",
            "smtp://user:password@host:port or smtps://…", secret: true),
        Variable("MOCHI_GEOIP_DB", "none: country from the time zone", "an MMDB file"),
        Variable(
            "MOCHI_STRIPE_KEY", "none: billing off, every plan free", "Stripe's secret key", secret: true),
        Variable(
            "MOCHI_STRIPE_WEBHOOK_SECRET", "none", "the signing secret of Stripe's webhook", secret: true),
        Variable("MOCHI_STRIPE_URL", "https://api.stripe.com", "where Stripe answers; for tests"),
        Variable("MOCHI_SIGNUP", "open", "who may sign up: open, invite or closed"),
        Variable("MOCHI_PATH_PREFIX", "none", "collecting also answers under this prefix"),
        Variable("MOCHI_LOG_FORMAT", "logfmt", "logfmt or json"),
        Variable("MOCHI_LOG_LEVEL", "info", "trace, debug, info, notice, warning, error or critical"),
        Variable(
            "MOCHI_RESOURCES", "found beside the program",
            "directory that holds migrations/, templates/ and public/"),
        Variable("MOCHI_DOCTOR_JSON", "no", "mochi doctor --json"),
        Variable("MOCHI_MIGRATE_STATUS", "no", "mochi migrate --status"),
        Variable("MOCHI_BOOTSTRAP_EMAIL", "none", "mochi admin bootstrap --email"),
        Variable("MOCHI_BOOTSTRAP_SITE", "none", "mochi admin bootstrap --site"),
        Variable("MOCHI_BOOTSTRAP_TIME_ZONE", "UTC", "mochi admin bootstrap --time-zone"),
        Variable("MOCHI_KEY_EMAIL", "none", "mochi admin key … --email"),
        Variable("MOCHI_KEY_ACCOUNT", "none: the owner's only one", "mochi admin key … --account"),
        Variable("MOCHI_KEY_NAME", "none", "mochi admin key create --name"),
        Variable("MOCHI_KEY_SCOPES", "none", "mochi admin key create --scopes"),
        Variable("MOCHI_KEY_ID", "none", "mochi admin key revoke --id"),
        Variable("MOCHI_ACCOUNTS_LIMIT", "1000", "mochi admin accounts list --limit"),
        Variable("MOCHI_ACCOUNT", "none", "mochi admin accounts delete --account"),
        Variable("MOCHI_ACCOUNT_NAME", "none", "mochi admin accounts delete --name"),
        Variable("MOCHI_DOMAIN", "none", "mochi admin release-domain --domain"),
        Variable("MOCHI_IMPORT_SITE", "none", "mochi import-log --site"),
        Variable("MOCHI_IMPORT_FORMAT", "auto", "mochi import-log --format: auto, combined or common"),
        Variable("MOCHI_IMPORT_REPLACE", "no", "mochi import-log --replace"),
        Variable("MOCHI_DEMO", "no", "mochi up --demo: an account with generated traffic"),
        Variable("MOCHI_DEMO_SITE", "none", "mochi seed-demo --site"),
        Variable("MOCHI_DEMO_DAYS", "90", "mochi seed-demo --days"),
        Variable("MOCHI_DEMO_EVENTS", "200000", "mochi seed-demo --events"),
        Variable("MOCHI_DEMO_SEED", "1", "mochi seed-demo --seed"),
        Variable("MOCHI_DEMO_UNTIL", "today", "mochi seed-demo --until"),
        Variable("MOCHI_DEMO_REPLACE", "no", "mochi seed-demo --replace"),
    ]

    /// Set by the program or by its tests, not by people: neither documented as a setting nor called unknown.
    private static let internalPrefixes = ["MOCHI_SUPERVISED", "MOCHI_TEST_"]

    /// Variables that look like ours and are not: most likely a slip of the pen.
    static func unknownVariables(in environment: [String: String]) -> [String] {
        let known = Set(variables.map(\.name))
        return environment.keys.filter { name in
            name.hasPrefix("MOCHI_") && !known.contains(name)
                && !internalPrefixes.contains { name.hasPrefix($0) }
        }.sorted()
    }
}
