import Glibc

/// Where the files that come with the program are: `migrations/`, `templates/` and `public/` in one directory.
enum Resources {
    static let parts = ["migrations", "templates", "public"]

    static func isComplete(_ directory: String) -> Bool {
        parts.allSatisfy { Files.isDirectory("\(directory)/\($0)") }
    }

    /// Upward from the executable (a checkout), `share/mochi` beside its directory (an installation), then the
    /// working directory.
    static func find() -> String? {
        if let executable = Files.linkTarget("/proc/self/exe") {
            var directory = executable
            while let slash = directory.lastIndex(of: "/") {
                directory = String(directory[..<slash])
                if isComplete(directory) { return directory }
                if isComplete(directory + "/share/mochi") { return directory + "/share/mochi" }
            }
        }
        let here = Files.currentDirectory
        return isComplete(here) ? here : nil
    }
}
