import ArgumentParser
import Operations

@main
struct MochiCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mochi",
        abstract: "Web analytics that respect the visitor.",
        discussion: """
            Settings come from environment variables; `mochi doctor` prints them all. The flags that every \
            command takes override them.
            """,
        version: Version.current,
        subcommands: [
            UpCommand.self, AppCommand.self, IngestCommand.self, WorkerCommand.self, MigrateCommand.self,
            AdminCommand.self, ImportLogCommand.self, ImportTakeoutCommand.self, SeedDemoCommand.self,
            DoctorCommand.self,
            VersionCommand.self,
        ])
}

struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version", abstract: "Print the version of this program.")

    func run() {
        Terminal.print("mochi \(Version.current)")
    }
}
