import ArgumentParser
import Glibc
import Logging
import Operations

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Print every setting, check everything that Mochi depends on, and say what to do.",
        discussion: "Secrets are not printed. The exit status is 1 when a check fails.")

    @Flag(help: "Print one JSON object. [MOCHI_DOCTOR_JSON]")
    var json = false

    @OptionGroup var settings: Settings

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        let environment = settings.environment
        let isJSON = settings.isOn(json, "MOCHI_DOCTOR_JSON")
        var report = DoctorReport(settings: DoctorReport.settings(environment), checks: [])
        do {
            let configuration = try Configuration(environment: environment)
            let unknown = configuration.unknownVariables
            report.checks.append(
                unknown.isEmpty
                    ? .ok("settings", "valid")
                    : .warning(
                        "settings", "unknown: \(unknown.joined(separator: ", "))", "Check the spelling."))
            report.checks += await Doctor(configuration: configuration).checks()
        } catch {
            for fault in error.faults {
                report.checks.append(.failing("settings", fault, "Correct the variable."))
            }
        }
        if isJSON {
            Terminal.print(try JSON.text(report))
        } else {
            Terminal.print(report.text)
        }
        if !report.healthy { throw ExitCode.failure }
    }
}

/// What one look at one dependency found.
struct DoctorCheck: Encodable, Equatable {
    enum State: String, Encodable { case ok, warning, failing }

    let name: String
    let state: State
    let detail: String
    /// What to do about it; null when there is nothing to do.
    let remedy: String?

    static func ok(_ name: String, _ detail: String) -> DoctorCheck {
        DoctorCheck(name: name, state: .ok, detail: detail, remedy: nil)
    }

    static func warning(_ name: String, _ detail: String, _ remedy: String) -> DoctorCheck {
        DoctorCheck(name: name, state: .warning, detail: detail, remedy: remedy)
    }

    static func failing(_ name: String, _ detail: String, _ remedy: String) -> DoctorCheck {
        DoctorCheck(name: name, state: .failing, detail: detail, remedy: remedy)
    }

    private enum CodingKeys: String, CodingKey { case name, state, detail, remedy }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try container.encode(state, forKey: .state)
        try container.encode(detail, forKey: .detail)
        try container.encode(remedy, forKey: .remedy)
    }
}

struct DoctorReport: Encodable {
    struct Setting: Encodable {
        let name: String
        /// As set, without what is secret in it; null when it is not set.
        let value: String?
        let standard: String
        let meaning: String

        private enum CodingKeys: String, CodingKey {
            case name, value, standard = "default", meaning
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(name, forKey: .name)
            try container.encode(value, forKey: .value)
            try container.encode(standard, forKey: .standard)
            try container.encode(meaning, forKey: .meaning)
        }
    }

    let version = Version.current
    let settings: [Setting]
    var checks: [DoctorCheck]
    var healthy: Bool { !checks.contains { $0.state == .failing } }

    private enum CodingKeys: String, CodingKey { case version, settings, checks, healthy }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(version, forKey: .version)
        try container.encode(settings, forKey: .settings)
        try container.encode(checks, forKey: .checks)
        try container.encode(healthy, forKey: .healthy)
    }

    static func settings(_ environment: [String: String]) -> [Setting] {
        Configuration.variables.map { variable in
            let value = environment[variable.name].flatMap { $0.isEmpty ? nil : $0 }
            return Setting(
                name: variable.name, value: value.map { variable.isSecret ? Redaction.redacted($0) : $0 },
                standard: variable.standard, meaning: variable.meaning)
        }
    }

    var text: String {
        let width = settings.map(\.name.count).max() ?? 0
        var lines = ["mochi \(version)", "", "Settings"]
        for setting in settings {
            let name = setting.name.padded(to: width)
            lines.append("  \(name)  \(setting.value ?? "(\(setting.standard))")")
            lines.append("  \("".padded(to: width))  \(setting.meaning)")
        }
        lines += ["", "Checks"]
        let checkWidth = checks.map(\.name.count).max() ?? 0
        for check in checks {
            lines.append(
                "  \(check.state.rawValue.padded(to: 7))  \(check.name.padded(to: checkWidth))  \(check.detail)"
            )
            if let remedy = check.remedy { lines.append("  \("".padded(to: 9 + checkWidth))  → \(remedy)") }
        }
        lines += ["", healthy ? "All well." : "Something needs attention."]
        return lines.joined(separator: "\n")
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(width - count, 0))
    }
}
