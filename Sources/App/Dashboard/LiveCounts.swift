import Auth
import Days
import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore
import ServiceLifecycle
import Stats
import Synchronization

/// Who watches a site's current visitors, and how many there are: asked once for all who watch.
final class LiveCounts: Sendable {
    /// Streams that are open at once: of one session, and of the process. One that nobody reads any more is noticed when
    /// its next number is written, so that somebody who turns pages quickly has several.
    static let mostOfSession = 30
    static let mostOfProcess = 500
    /// Between two numbers.
    let pause: Duration
    /// After that the browser asks anew.
    let longest: Duration

    init(pause: Duration = .seconds(5), longest: Duration = .seconds(300)) {
        (self.pause, self.longest) = (pause, longest)
    }

    private struct Watching {
        var sessions: [String: Int] = [:]
        var total = 0
    }

    private struct Count {
        let value: Int
        let until: ContinuousClock.Instant
    }

    private let watching = Mutex(Watching())
    private let counts = Mutex<[String: Count]>([:])

    /// False when there are enough of them.
    func enter(_ session: String) -> Bool {
        watching.withLock { watching in
            guard watching.total < LiveCounts.mostOfProcess,
                watching.sessions[session, default: 0] < LiveCounts.mostOfSession
            else { return false }
            watching.total += 1
            watching.sessions[session, default: 0] += 1
            return true
        }
    }

    func leave(_ session: String) {
        watching.withLock { watching in
            watching.total -= 1
            let left = watching.sessions[session, default: 1] - 1
            watching.sessions[session] = left > 0 ? left : nil
        }
    }

    /// At most a few seconds old.
    func count(_ key: String, _ ask: () async throws -> Int) async throws -> Int {
        let now = ContinuousClock.now
        if let known = counts.withLock({ $0[key] }), known.until > now { return known.value }
        let value = try await ask()
        counts.withLock { counts in
            if counts.count > 10_000 { counts = counts.filter { $0.value.until > now } }
            counts[key] = Count(value: value, until: now + pause * 0.9)
        }
        return value
    }
}

/// `/sites/{domain}/live`: the number of current visitors as server-sent events, for the script.
enum LiveStream {
    static func show(_ request: Request, _ context: SiteContext, _ web: Web) async throws -> Response {
        // Anybody may hold a link: they see the number that the page came with. After 204 a browser does not ask again.
        guard context.placement == .everybody else { return Response(status: .noContent) }
        guard let token = context.browser.token else { return Response(status: .noContent) }
        let site = context.site
        return try await show(request, site, viewer: token.text, web) {
            try await Admission.mayStillRead(site, token: token, web)
        }
    }

    /// - Parameters:
    ///   - viewer: whose streams are counted together.
    ///   - mayRead: asked before each number, since somebody may have signed out or left the account; the stream ends when
    ///     it is false.
    static func show(
        _ request: Request, _ site: SiteAccess, viewer: String, _ web: Web,
        while mayRead: @escaping @Sendable () async throws -> Bool
    ) async throws -> Response {
        let state = try BoardState(try Fields(query: request))
        // Nothing has ever arrived: a browser that gets 204 does not ask again.
        guard try await web.statistics.hasEvents(site) else { return Response(status: .noContent) }
        // What cannot be asked is refused before the stream begins.
        let first = try await count(site, state, web)
        guard web.live.enter(viewer) else { throw TooManyRequests(retryAfter: 60) }
        // Entered here, left when the body ends; a body that is never written (HEAD) has to leave as well.
        guard request.method == .get else {
            web.live.leave(viewer)
            return Response(status: .ok, headers: headers)
        }
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody { writer in
                defer { web.live.leave(viewer) }
                // Proxies pass on what fills their buffers; 2 KB of a comment does.
                try await writer.write(
                    ByteBuffer(string: "retry: 10000\n: \(String(repeating: " ", count: 2_048))\n\n"))
                try await writer.write(event(first))
                let end = ContinuousClock.now + web.live.longest
                while ContinuousClock.now < end, await LiveStream.rests(web.live.pause) {
                    guard (try? await mayRead()) == true, let next = try? await count(site, state, web) else {
                        break
                    }
                    try await writer.write(event(next))
                }
                try await writer.finish(nil)
            })
    }

    /// False when the process ends.
    private static func rests(_ pause: Duration) async -> Bool {
        do {
            try await cancelWhenGracefulShutdown { try await Task.sleep(for: pause) }
            return !Task.isShuttingDownGracefully
        } catch {
            return false
        }
    }

    private static let headers: HTTPFields = [
        .contentType: "text/event-stream; charset=utf-8", .cacheControl: "no-store",
        HTTPField.Name("X-Accel-Buffering")!: "no",
    ]

    private static func event(_ count: Int) -> ByteBuffer {
        ByteBuffer(string: "data: {\"visitors\":\(count),\"text\":\"\(Numbers.whole(count))\"}\n\n")
    }

    private static func count(_ site: SiteAccess, _ state: BoardState, _ web: Web) async throws -> Int {
        // Everybody's segments have one id; a person's own may be named by that person alone.
        let isShared = !state.allTerms.contains { $0.key == FilterTerm.segment }
        let key =
            "\(site.site.id.rawValue)\(isShared ? "" : "\(site.account.user.map { "\($0)" } ?? "")")\(state.query)"
        return try await web.live.count(key) {
            guard let selection = try await Selection.load(site, state, web) else { return 0 }
            let second = Int64(selection.now.timeIntervalSince1970.rounded(.down))
            let window = second - BoardPlan.liveSeconds + 1..<second + 1
            let history = selection.calendar.history
            let span = Span(
                days: history.localDay(at: window.lowerBound).day...history.localDay(at: second).day,
                window: window)
            let answer = try await web.statistics.answer(
                Question(span: span, filter: selection.filter, metrics: [.visitors]), of: site)
            return Int(answer.rows[0].figures[0].number ?? 0)
        }
    }
}
