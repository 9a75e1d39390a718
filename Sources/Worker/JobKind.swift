package import FoundationEssentials
package import Outbound
package import Postgres

/// A kind of work that waits in the queue.
///
/// To add one, add a row to ``all``; whoever wants it done calls `Jobs.enqueue` with its name.
package struct JobKind: Sendable {
    package let name: String
    /// After this the attempt has failed, and its task is cancelled.
    package let timeout: Duration
    /// Does the work, at least once: a worker may be lost between doing and saying so. A thrown error is another
    /// attempt later; a thrown ``GiveUp`` is the end of it.
    package let run: @Sendable (Job, Context) async throws -> Void

    package struct Context: Sendable {
        package let system: Database
        package let mailer: Mailer
        package let now: @Sendable () -> Date

        package init(system: Database, mailer: Mailer, now: @escaping @Sendable () -> Date = { Date() }) {
            self.system = system
            self.mailer = mailer
            self.now = now
        }
    }

    package init(
        _ name: String, timeout: Duration, run: @escaping @Sendable (Job, Context) async throws -> Void
    ) {
        self.name = name
        self.timeout = timeout
        self.run = run
    }

    package static let all = [
        JobKind(Outbox.kind, timeout: .seconds(90), run: sendMail),
        JobKind(SiteJobs.retention, timeout: .seconds(3_600), run: Forgetting.applyRetention),
        JobKind(SiteJobs.reset, timeout: .seconds(3_600), run: Forgetting.reset),
        JobKind(SiteJobs.erase, timeout: .seconds(3_600), run: Erasing.eraseSite),
        JobKind(SiteJobs.transfer, timeout: .seconds(3_600), run: Transferring.run),
        JobKind(SiteJobs.eraseAccount, timeout: .seconds(3_600), run: Erasing.eraseAccount),
    ]

    @Sendable private static func sendMail(_ job: Job, _ context: Context) async throws {
        let message: Message
        do {
            message = try job.decodeArguments(as: Message.self)
        } catch {
            throw GiveUp("the arguments are not a message")
        }
        do {
            try await context.mailer.send(message)
        } catch let failure as MailFailure {
            if case .refused = failure { throw GiveUp(failure.description) }
            throw failure
        }
    }
}

/// There is no point in another attempt.
package struct GiveUp: Error, CustomStringConvertible {
    package let description: String

    package init(_ reason: String) {
        description = reason
    }
}
