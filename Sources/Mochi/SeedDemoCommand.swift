import ArgumentParser
import Days
import Logging
import Operations
import Postgres
import Worker

struct SeedDemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seed-demo",
        abstract: "Fill a site with generated traffic that looks like life; print counts as JSON.",
        discussion: """
            The same for the same seed, domain, days and events. Past days are written as sealed ones; those of today's \
            events that lie in the past are written, too. Makes goals and funnels.
            """)

    @Option(help: ArgumentHelp("The domain of a site that is here. [MOCHI_DEMO_SITE]", valueName: "domain"))
    var site: String?

    @Option(
        help: ArgumentHelp("How many days, the last one included. [MOCHI_DEMO_DAYS]", valueName: "number"))
    var days: String?

    @Option(help: ArgumentHelp("Page views and custom events. [MOCHI_DEMO_EVENTS]", valueName: "number"))
    var events: String?

    @Option(help: ArgumentHelp("Another makes another traffic. [MOCHI_DEMO_SEED]", valueName: "number"))
    var seed: String?

    @Option(
        help: ArgumentHelp("The last day (YYYY-MM-DD), else today. [MOCHI_DEMO_UNTIL]", valueName: "date"))
    var until: String?

    @Flag(help: ArgumentHelp("Remove the statistics that the site has. [MOCHI_DEMO_REPLACE]"))
    var replace = false

    @OptionGroup var settings: Settings

    func run() async throws {
        try await reportingFailures {
            let environment = settings.environment
            let configuration = try Configuration(environment: environment)
            guard let domain = site ?? environment["MOCHI_DEMO_SITE"] else {
                throw Failure("Say --site (or MOCHI_DEMO_SITE): the domain of a site that is here.")
            }
            var options = DemoSeeder.Options()
            options.days = try number(days, "MOCHI_DEMO_DAYS", options.days)
            options.events = try number(events, "MOCHI_DEMO_EVENTS", options.events)
            options.seed = try number(seed, "MOCHI_DEMO_SEED", options.seed)
            if let text = until ?? environment["MOCHI_DEMO_UNTIL"] {
                guard let day = Day(text) else { throw Failure("\(text) is no date; write YYYY-MM-DD.") }
                options.until = day
            }
            options.replaces = settings.isOn(replace, "MOCHI_DEMO_REPLACE")
            Log.bootstrap(configuration, process: "seed-demo")
            let owner = configuration.database(for: .owner, logger: Logger(label: "seed-demo"))
            try await withDatabases([owner]) { [options] in
                let bar = ProgressBar()
                let report = try await bar.whileShown {
                    try await DemoSeeder(database: owner).run(site: domain, options, progress: bar.show)
                }
                Terminal.print(try JSON.text(Counts(domain, options.seed, report)))
            }
        }
    }

    private func number<Number: FixedWidthInteger>(
        _ flag: String?, _ variable: String, _ standard: Number
    ) throws -> Number {
        guard let text = flag ?? settings.environment[variable] else { return standard }
        guard let number = Number(text) else { throw Failure("\(text) is no whole number.") }
        return number
    }

    private struct Counts: Encodable {
        let site: String
        let seed: UInt64
        let from: String
        let to: String
        let launch: String?
        let events: Int
        let page_views: Int
        let visits: Int
        let visitors: Int
        let events_today: Int
        let goals: Int
        let funnels: Int

        init(_ site: String, _ seed: UInt64, _ report: DemoSeeder.Report) {
            (self.site, self.seed) = (site, seed)
            (from, to) = (report.firstDay.description, report.lastDay.description)
            launch = report.launch?.description
            (events, page_views, visits) = (report.events, report.pageViews, report.visits)
            (visitors, events_today) = (report.visitors, report.eventsToday)
            (goals, funnels) = (report.goals, report.funnels)
        }
    }
}
