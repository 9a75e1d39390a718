import Glibc
import Operations
import Subprocess
import SystemPackage
import Testing

/// A `mochi up` and what it says, line by line.
final class RunningUp {
    let id: pid_t
    private var lines: SubprocessOutputSequence.StringSequence<UTF8>.AsyncIterator
    private(set) var said: [String] = []
    /// The last process that was started under each name.
    private(set) var children: [String: pid_t] = [:]

    fileprivate init(_ id: pid_t, _ lines: SubprocessOutputSequence.StringSequence<UTF8>.AsyncIterator) {
        self.id = id
        self.lines = lines
    }

    /// Reads on until a line holds the words; throws when there is no such line.
    @discardableResult
    func says(_ words: String) async throws -> String {
        while let line = try await next() {
            if line.contains(words) { return line }
        }
        throw Silence(words: words, said: said)
    }

    func saysTheRest() async throws {
        while try await next() != nil {}
    }

    private func next() async throws -> String? {
        guard let line = try await lines.next() else { return nil }
        said.append(line)
        if line.contains("msg=Started."), let name = field("child", line), let id = field("pid", line) {
            children[name] = pid_t(id)
        }
        return line
    }

    private func field(_ name: String, _ line: String) -> String? {
        line.split(separator: " ").first { $0.hasPrefix(name + "=") }.map {
            String($0.dropFirst(name.count + 1))
        }
    }

    struct Silence: Error, CustomStringConvertible {
        let words: String
        let said: [String]
        var description: String { "mochi up never said '\(words)', only:\n" + said.joined(separator: "\n") }
    }
}

/// Runs `mochi up` until the body is through; then, unless the body ended it, stops it. Answers how it ended.
@discardableResult
func withUp(
    _ environment: [String: String], _ body: @escaping (RunningUp) async throws -> Void
) async throws -> TerminationStatus {
    var options = PlatformOptions()
    options.teardownSequence = [.send(signal: .terminate, allowedDurationToNextStep: .seconds(20))]
    return try await Subprocess.run(
        .path(FilePath(Program.directory + "/mochi")), arguments: ["up"],
        environment: Program.environment(environment), platformOptions: options, input: .none,
        output: .sequence,
        error: .combinedWithOutput
    ) { execution in
        let up = RunningUp(
            execution.processIdentifier.value, execution.standardOutput.strings().makeAsyncIterator())
        try await body(up)
        kill(up.id, SIGTERM)
        try await up.saysTheRest()
    }.terminationStatus
}
