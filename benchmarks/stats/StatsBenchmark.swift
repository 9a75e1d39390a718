import ArgumentParser
import Auth
import Days
import FoundationEssentials
import Glibc
import Logging
import Operations
import Postgres
import Stats

@main
struct StatsBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats-benchmark",
        abstract: "What benchmarks/stats/run measures of Mochi; the rest is written in Python.",
        subcommands: [ExportCommand.self, MeasureCommand.self, TodayCommand.self])
}

struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "export")

    @Argument var directory: String

    func run() async throws {
        let owner = try database(as: .owner)
        var export = try Export(directory: directory)
        try await export.run(owner)
        await owner.close()
    }
}

struct MeasureCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "measure")

    @Argument(help: "key=domain of each site") var sites: [String]
    @Option var last: String
    @Option var days: [Int] = [30, 90]
    @Option var filters: [Int] = [0, 1, 2]
    @Option var cold = 5
    @Option var warm = 21

    func run() async throws {
        let app = try database(as: .app)
        let system = try database(as: .system)
        guard let last = Day(last) else { throw ValidationError("\(last) is no date") }
        for pair in sites {
            let measure = Measure(site: try await access(pair, app, system), app: app)
            for days in days {
                for filters in filters {
                    let result = try await measure.dashboard(
                        last.advanced(by: 1 - days)...last, filters: filters, cold: cold, warm: warm)
                    print(String(decoding: try JSONEncoder().encode(result), as: UTF8.self))
                }
            }
        }
        await app.close()
        await system.close()
    }
}

/// Waits for a line on standard input before each look, so that whoever runs it can add events in between.
struct TodayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "today")

    @Argument(help: "key=domain") var site: String

    func run() async throws {
        let app = try database(as: .app)
        let system = try database(as: .system)
        let access = try await access(site, app, system)
        let statistics = Statistics(app: app)
        while readLine() != nil {
            var visitors = 0.0
            let time = try await milliseconds {
                let today = try await statistics.calendar(access).today(at: Date())
                let answers = try await statistics.answer(
                    Dashboard.questions(today...today, filters: 0), of: access)
                visitors = answers[0].rows[0].figures[0].number ?? 0
            }
            print("\(time) \(Int(visitors))")
            fflush(nil)
        }
        await app.close()
        await system.close()
    }
}

private func database(as role: DatabaseRole) throws -> Database {
    let configuration = try Configuration(environment: ProcessInfo.processInfo.environment)
    return Database(
        configuration, as: role, size: 2, statementTimeout: .seconds(600), applicationName: "benchmark",
        logger: Logger(label: "benchmark"))
}

private func access(_ pair: String, _ app: Database, _ system: Database) async throws -> SiteAccess {
    let parts = pair.split(separator: "=").map(String.init)
    let keys = ApiKeys(app: app, system: system)
    guard parts.count == 2, let account = try await keys.authenticate(parts[0], scope: .readStats),
        let site = try await Sites(app: app).find(domain: parts[1], in: account)
    else { throw ValidationError("\(pair) opens no site") }
    return site
}
