import Subprocess
import SystemPackage

/// Another program, run to its end.
struct Tool {
    let name: String
    /// Where to look for it first.
    var directory: String?
    var user: UnprivilegedUser?

    struct Outcome {
        let isSuccess: Bool
        let output: String
        /// Standard error's last line that says something.
        let complaint: String
    }

    func run(_ arguments: [String]) async throws -> Outcome {
        let result = try await Subprocess.run(
            .name(name), arguments: Arguments(arguments),
            environment: Tool.environment(first: directory),
            workingDirectory: "/", platformOptions: Tool.options(for: user),
            output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        let lines = result.standardError.split(separator: "\n")
        return Outcome(
            isSuccess: result.terminationStatus.isSuccess, output: result.standardOutput,
            complaint: lines.last.map(String.init) ?? "\(result.terminationStatus)")
    }

    /// None of ours: no PGDATA, no LANG, no secrets.
    static func environment(first directory: String?) -> Environment {
        let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        return .custom(["PATH": directory.map { "\($0):\(path)" } ?? path, "LC_ALL": "C"])
    }

    static func options(for user: UnprivilegedUser?) -> PlatformOptions {
        var options = PlatformOptions()
        if let user {
            options.userID = user.id
            options.groupID = user.group
            options.supplementaryGroups = []
        }
        return options
    }
}
