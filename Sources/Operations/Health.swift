import Synchronization

/// What a check found.
package enum CheckResult: Hashable, Sendable {
    case ok
    /// Why not, in words for the operator: no secrets, the page is public.
    case failing(String)
}

/// An answer to a question about the process's state.
package struct StatusAnswer: Hashable, Sendable {
    package let status: Int
    package let contentType: String
    package let body: String

    package init(status: Int, contentType: String, body: String) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }
}

/// Whether this process lives, serves, and how it does: `/healthz`, `/readyz`, `/metrics`.
package final class Health: Sendable {
    package typealias Check = @Sendable () async -> CheckResult

    /// After this a check counts as failing. A check should give up when its task is cancelled.
    static let patience: Duration = .seconds(2)
    /// For so long an answer is repeated, so that asking often costs nothing.
    static let freshness: Duration = .milliseconds(250)

    private struct State {
        var checks: [(name: String, check: Check)] = []
        var isStopping = false
        var last: (answer: StatusAnswer, at: ContinuousClock.Instant)?
    }
    private let state = Mutex(State())
    private let process: String
    private let metrics: MetricsRegistry

    package init(process: String, metrics: MetricsRegistry = .shared) {
        self.process = process
        self.metrics = metrics
    }

    /// Adds to what `/readyz` asks; a name registered again replaces the earlier check.
    package func register(_ name: String, _ check: @escaping Check) {
        state.withLock { state in
            state.checks.removeAll { $0.name == name }
            state.checks.append((name, check))
            state.last = nil
        }
    }

    /// From here on `/readyz` says that the process stops, so that a load balancer sends nothing new.
    package func stopping() {
        state.withLock { state in
            state.isStopping = true
            state.last = nil
        }
    }

    /// The answer for one of the three paths, nil for any other.
    package func answer(path: String) async -> StatusAnswer? {
        switch path {
        case "/healthz": StatusAnswer(status: 200, contentType: "text/plain; charset=utf-8", body: "ok\n")
        case "/readyz": await readiness()
        case "/metrics":
            StatusAnswer(
                status: 200, contentType: "text/plain; version=0.0.4; charset=utf-8", body: metrics.text())
        default: nil
        }
    }

    private func readiness() async -> StatusAnswer {
        let (checks, isStopping, last) = state.withLock { ($0.checks, $0.isStopping, $0.last) }
        if let last, last.at.duration(to: .now) < Health.freshness { return last.answer }
        var results = await Health.results(of: checks)
        if isStopping { results.append(("process", .failing("stopping"))) }
        let answer = readiness(results)
        state.withLock { $0.last = (answer, .now) }
        return answer
    }

    private func readiness(_ results: [(name: String, result: CheckResult)]) -> StatusAnswer {
        let isReady = results.allSatisfy { $0.result == .ok }
        var bytes: [UInt8] = []
        bytes += #"{"status":"\#(isReady ? "ok" : "failing")","process":"#.utf8
        LogLine.appendQuoted(process, to: &bytes)
        bytes += #","checks":{"#.utf8
        for (index, one) in results.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            LogLine.appendQuoted(one.name, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            switch one.result {
            case .ok: LogLine.appendQuoted("ok", to: &bytes)
            case .failing(let reason): LogLine.appendQuoted(reason, to: &bytes)
            }
        }
        bytes += "}}\n".utf8
        return StatusAnswer(
            status: isReady ? 200 : 503, contentType: "application/json",
            body: String(decoding: bytes, as: UTF8.self))
    }

    /// Side by side, in the order of registration.
    private static func results(
        of checks: [(name: String, check: Check)]
    ) async -> [(name: String, result: CheckResult)] {
        await withTaskGroup(of: (Int, CheckResult).self) { group in
            for (index, one) in checks.enumerated() {
                group.addTask { (index, await result(of: one.check)) }
            }
            var results = checks.map { (name: $0.name, result: CheckResult.ok) }
            for await (index, result) in group { results[index].result = result }
            return results
        }
    }

    private static func result(of check: @escaping Check) async -> CheckResult {
        await withTaskGroup(of: CheckResult?.self) { group in
            group.addTask { await check() }
            group.addTask {
                try? await Task.sleep(for: patience)
                return Task.isCancelled ? nil : .failing("no answer within \(patience.components.seconds) s")
            }
            defer { group.cancelAll() }
            for await result in group {
                if let result { return result }
            }
            return .failing("no answer")
        }
    }
}
