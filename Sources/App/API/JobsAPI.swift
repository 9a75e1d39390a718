import Auth
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Outbound

/// `/api/jobs`: work on sites that takes longer than a request.
enum JobsAPI {
    static func list(_ request: Request, _ context: KeyContext, _ web: Web) async throws -> Response {
        let jobs = try await web.app.transaction(context.account, readOnly: true) { connection in
            try Jobs.list(kinds: SiteJobs.kinds, account: context.account.account.rawValue, in: connection)
        }
        return .json(["jobs": .list(jobs.map(JobsAPI.json))])
    }

    static func show(_ request: Request, _ context: KeyContext, _ web: Web) async throws -> Response {
        .json(JobsAPI.json(try await find(context, web)))
    }

    static func cancel(_ request: Request, _ context: KeyContext, _ web: Web) async throws -> Response {
        guard context.account.role >= .admin else { throw HTTPError(.forbidden) }
        let job = try await find(context, web)
        guard job.mayBeCancelled else {
            throw APIError(
                .conflict, "not_cancellable",
                job.isUnderWay
                    ? "What was counted of a site that is gone cannot be kept." : "The job has ended already."
            )
        }
        try await web.cancel(job.id, in: context.account)
        return .json(JobsAPI.json(try await find(context, web)))
    }

    private static func find(_ context: KeyContext, _ web: Web) async throws -> Jobs.Status {
        guard let id = context.parameters.get("job").flatMap({ Int64($0) }),
            let job = try await web.job(id, in: context.account)
        else { throw HTTPError(.notFound) }
        return job
    }

    private static func json(_ job: Jobs.Status) -> JSONValue {
        [
            "id": .whole(Int(job.id)), "kind": .text(job.kind), "state": .text(job.state),
            "done": .whole(Int(job.done)), "total": .whole(Int(job.total)), "text": .text(job.text),
            "cancelling": .truth(job.isCancelling), "created_at": .text(job.createdAt.formatted(.iso8601)),
            "finished_at": job.finishedAt.map { .text($0.formatted(.iso8601)) } ?? .null,
        ]
    }
}

extension Jobs.Status {
    var isUnderWay: Bool { state == "ready" || state == "running" }

    /// An erased site cannot come back, so that nothing of it must stay.
    var mayBeCancelled: Bool { isUnderWay && kind != SiteJobs.erase }
}

extension Web {
    func job(_ id: Int64, in account: AccountAccess) async throws -> Jobs.Status? {
        try await app.transaction(account, readOnly: true) { connection in
            try Jobs.find(id, kinds: SiteJobs.kinds, account: account.account.rawValue, in: connection)
        }
    }

    func cancel(_ id: Int64, in account: AccountAccess) async throws {
        try await app.transaction(account) { connection in
            try Jobs.cancel(id, account: account.account.rawValue, in: connection)
            try AuditLog.record("job.cancelled", subject: String(id), by: account, connection)
        }
    }
}
