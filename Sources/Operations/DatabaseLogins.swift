/// As whom a process speaks to PostgreSQL.
package enum DatabaseRole: String, CaseIterable, Sendable {
    /// Migrates and makes partitions.
    case owner = "mochi"
    /// The web: bound by row-level security.
    case app = "mochi_app"
    /// The collector, the worker, and the look-ups before a tenant is known.
    case system = "mochi_system"
}

extension Configuration {
    /// Whether `mochi up` runs a PostgreSQL of its own under ``data``.
    package var isPostgresPrivate: Bool { databaseURL == nil }

    /// Where the private PostgreSQL's socket is: `MOCHI_DATA/run`, or where that leads if it is a link (made
    /// when the path is too long for a socket's address, or closed to PostgreSQL's user).
    package var socketDirectory: String {
        let directory = data + "/run"
        return Files.linkTarget(directory) ?? directory
    }

    /// The connection string for a role, and whether to `SET ROLE` after connecting: yes when a lesser role has
    /// to come in through the owner's door.
    package func databaseOptions(for role: DatabaseRole) -> (url: String, setsRole: Bool) {
        let stated =
            switch role {
            case .owner: databaseURL
            case .app: appDatabaseURL
            case .system: systemDatabaseURL
            }
        if let stated { return (stated, false) }
        if let databaseURL { return (databaseURL, role != .owner) }
        return ("host=\(Configuration.quoted(socketDirectory)) user=\(role.rawValue) dbname=mochi", false)
    }

    /// A value of libpq's conninfo syntax.
    private static func quoted(_ value: String) -> String {
        var quoted = ""
        for character in value {
            if character == "'" || character == "\\" { quoted.append("\\") }
            quoted.append(character)
        }
        return "'\(quoted)'"
    }
}
