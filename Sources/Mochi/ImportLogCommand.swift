import ArgumentParser
import Days
import Glibc
import Ingest
import Logging
import Operations
import Postgres
import Synchronization
import Worker

struct ImportLogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import-log",
        abstract: "Read a web server's access log into the statistics of past days; print counts as JSON.",
        discussion: """
            Reads the combined and the common format of Apache and nginx, plain or gzip. The same file again replaces \
            what it brought. All of it is imported, or nothing.
            """)

    @Argument(help: "The log; - is standard input.")
    var file: String

    @Option(help: ArgumentHelp("The site's domain. [MOCHI_IMPORT_SITE]", valueName: "domain"))
    var site: String?

    @Option(help: ArgumentHelp("auto, combined or common. [MOCHI_IMPORT_FORMAT]", valueName: "format"))
    var format: String?

    @Flag(
        help: ArgumentHelp(
            "Replace days of other imports that have lines of the same time. [MOCHI_IMPORT_REPLACE]"))
    var replace = false

    @OptionGroup var settings: Settings

    func run() async throws {
        try await reportingFailures {
            let environment = settings.environment
            let configuration = try Configuration(environment: environment)
            guard let domain = site ?? environment["MOCHI_IMPORT_SITE"] else {
                throw Failure("Say --site (or MOCHI_IMPORT_SITE): the domain of a site that is here.")
            }
            let name = format ?? environment["MOCHI_IMPORT_FORMAT"] ?? "auto"
            guard let format = AccessLog.Format(rawValue: name) else {
                throw Failure("\(name) is no format; there are auto, combined and common.")
            }
            Log.bootstrap(configuration, process: "import-log")
            let system = configuration.database(for: .system, logger: Logger(label: "import-log"))
            try await withDatabases([system]) {
                let bar = ProgressBar()
                let report = try await bar.whileShown {
                    try await LogImporter(database: system, configuration: configuration).run(
                        file, site: domain, format: format,
                        replaces: settings.isOn(replace, "MOCHI_IMPORT_REPLACE"), progress: bar.show)
                }
                if report.sharedDays > 0 {
                    Terminal.complain(
                        """
                        mochi: \(report.sharedDays) of these days have statistics from elsewhere too. They add, and a \
                        visitor of both counts twice.
                        """)
                }
                Terminal.print(try JSON.text(Counts(domain, report)))
            }
        }
    }

    private struct Counts: Encodable {
        let site: String
        let read: Int
        let imported: Int
        let skipped: [String: Int]
        let days: Int
        let from: String?
        let to: String?
        let visitors: Int
        let visits: Int
        let repeated: Bool
        let replaced: Int
        let shared_days: Int

        init(_ site: String, _ report: LogImporter.Report) {
            self.site = site
            (read, imported, skipped) = (report.read, report.imported, report.skipped)
            (days, from, to) = (report.days, report.firstDay?.description, report.lastDay?.description)
            (visitors, visits) = (report.visitors, report.visits)
            (repeated, replaced, shared_days) = (report.isRepetition, report.replaced, report.sharedDays)
        }
    }
}

/// How far a long command is, in one line on standard error; nothing where nobody looks.
final class ProgressBar: Sendable {
    private static let width = 40
    private let isSeen = isatty(STDERR_FILENO) == 1
    private let shown = Mutex(-1)

    /// `total` is nil when nobody knows: then it says only how much was done.
    func show(_ done: Int64, of total: Int64?) {
        guard isSeen else { return }
        let step = total.map { Int(done * 1_000 / max($0, 1)) } ?? Int(done >> 22)
        let isNew = shown.withLock { shown in
            defer { shown = step }
            return shown != step
        }
        guard isNew else { return }
        let text: String
        if total != nil {
            let full = min(step, 1_000) * ProgressBar.width / 1_000
            let bar =
                String(repeating: "#", count: full) + String(repeating: ".", count: ProgressBar.width - full)
            text = "[\(bar)] \(min(step, 1_000) / 10) %"
        } else {
            text = "\(done >> 20) MiB"
        }
        write("\r\(text)")
    }

    /// Takes the line away when the body is through, however it ends.
    func whileShown<R>(_ body: () async throws -> R) async throws -> R {
        defer {
            if isSeen, shown.withLock({ $0 >= 0 }) { write("\r\u{1B}[K") }
        }
        return try await body()
    }

    private func write(_ text: String) {
        try? Files.writeAll(Array(text.utf8), to: STDERR_FILENO)
    }
}
