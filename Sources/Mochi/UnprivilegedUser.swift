import Glibc

/// Whom PostgreSQL runs as when we are root: it refuses to be root itself.
struct UnprivilegedUser: Hashable, Sendable {
    let name: String
    let id: uid_t
    let group: gid_t

    /// Nil when we are not root and PostgreSQL simply runs as we do.
    static func needed() throws -> UnprivilegedUser? {
        guard geteuid() == 0 else { return nil }
        for name in ["postgres", "nobody"] {
            if let user = find(name) { return user }
        }
        throw Failure(
            "PostgreSQL refuses to run as root, and there is neither a user 'postgres' nor 'nobody' to run it as."
        )
    }

    private static func find(_ name: String) -> UnprivilegedUser? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 1 << 14)
        guard getpwnam_r(name, &entry, &buffer, buffer.count, &found) == 0, found != nil, entry.pw_uid != 0
        else {
            return nil
        }
        return UnprivilegedUser(name: name, id: entry.pw_uid, group: entry.pw_gid)
    }

    /// Whether the user may enter the directory, all those above it included.
    func canEnter(_ directory: String) async throws -> Bool {
        try await Tool(name: "test", user: self).run(["-x", directory]).isSuccess
    }
}
