import ArgumentParser
import Auth
import Glibc
import Operations
import Postgres

/// Why a command ends, in a sentence or a few for whoever typed it.
struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// What a person reads: unbuffered, so that it is there when they look and in the order of what happened.
enum Terminal {
    static func print(_ line: String) {
        try? Files.writeAll(Array((line + "\n").utf8), to: STDOUT_FILENO)
    }

    static func complain(_ line: String) {
        try? Files.writeAll(Array((line + "\n").utf8), to: STDERR_FILENO)
    }
}

/// Runs a command's body; whatever it throws becomes sentences on standard error and exit status 1.
func reportingFailures(_ body: () async throws -> Void) async throws {
    do {
        try await body()
    } catch let error as ConfigurationError {
        for fault in error.faults { Terminal.complain("mochi: \(fault)") }
        throw ExitCode.failure
    } catch let code as ExitCode {
        throw code
    } catch {
        Terminal.complain("mochi: \(sentence(for: error))")
        throw ExitCode.failure
    }
}

func sentence(for error: any Error) -> String {
    switch error {
    case let error as FormError: "\(error.field): \(error.message)"
    case let error as PostgresError where error.kind == .undefinedTable:
        "The database has not been migrated; run `mochi migrate`. (\(error.message))"
    case DatabaseError.unavailable(let reason):
        "PostgreSQL does not answer (\(reason)); is `mochi up` running, or DATABASE_URL right?"
    default: "\(error)"
    }
}
