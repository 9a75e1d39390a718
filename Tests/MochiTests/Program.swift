import Foundation
import Glibc
import Operations
import Subprocess
import SystemPackage
import Testing

/// The built `mochi`, run as a person would.
enum Program {
    struct Outcome: Equatable {
        let status: TerminationStatus
        let output: String
        let errors: String
    }

    /// Beside the tests' own executable.
    static let directory: String = {
        if let stated = ProcessInfo.processInfo.environment["MOCHI_TEST_PROGRAMS"] { return stated }
        let executable = Files.linkTarget("/proc/self/exe") ?? ""
        let beside = String(executable[..<(executable.lastIndex(of: "/") ?? executable.startIndex)])
        return Files.exists(beside + "/mochi") ? beside : repository + "/.build/debug"
    }()

    static let repository = Files.absolute(#filePath + "/../../..")

    static func run(_ arguments: [String], _ environment: [String: String] = [:]) async throws -> Outcome {
        let result = try await Subprocess.run(
            .path(FilePath(directory + "/mochi")), arguments: Arguments(arguments),
            environment: Self.environment(environment), output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 20))
        return Outcome(
            status: result.terminationStatus, output: result.standardOutput, errors: result.standardError)
    }

    /// Nothing of the environment that the tests run in, and no port that somebody else may use.
    static func environment(_ changes: [String: String]) -> Environment {
        var environment = ["PATH": "/usr/bin:/bin", "MOCHI_RESOURCES": repository]
        environment.merge(changes) { $1 }
        return .custom(
            Dictionary(uniqueKeysWithValues: environment.map { (Environment.Key(rawValue: $0)!, $1) }))
    }

    /// Settings for three ports that are free now.
    static func freePorts() throws -> [String: String] {
        var settings: [String: String] = [:]
        var open: [Int32] = []
        defer { for file in open { close(file) } }
        for name in ["MOCHI_APP_PORT", "MOCHI_INGEST_PORT", "MOCHI_WORKER_PORT"] {
            let (file, port) = try listener()
            open.append(file)
            settings[name] = "\(port)"
        }
        return settings
    }

    /// A socket that listens on loopback, on a port that was free.
    static func listener() throws -> (file: Int32, port: Int) {
        let file = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(file, $0, length) == 0 && listen(file, 1) == 0 && getsockname(file, $0, &length) == 0
            }
        }
        try #require(isListening)
        return (file, Int(UInt16(bigEndian: address.sin_port)))
    }
}

/// A directory that is gone afterwards, in which the user that PostgreSQL runs as may enter.
func withDirectory<R>(_ body: (String) async throws -> R) async throws -> R {
    let path = "/tmp/mochi-test-\(UUID().uuidString.prefix(8))"
    try Files.makeDirectory(path, mode: 0o755)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(path)
}
