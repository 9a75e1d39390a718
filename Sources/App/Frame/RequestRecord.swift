import HTTPTypes
import Hummingbird
import Logging
import Metrics

/// Gives each request an id, one line in the log, and its place in the metrics.
///
/// The line has the route's pattern, not the path, and neither address nor user agent: what a person did is
/// nobody's business, how the program did is.
struct RequestRecord: RouterMiddleware {
    typealias Context = AppContext

    func handle(
        _ request: Request, context: AppContext, next: (Request, AppContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.requestID = RequestRecord.newID()
        context.logger[metadataKey: "hb.request.id"] = nil
        context.logger[metadataKey: "request"] = "\(context.requestID)"
        let start = ContinuousClock.now
        var response = try await next(request, context)
        response.headers[RequestRecord.header] = context.requestID

        // Of requests that match no row, the path is anything: one pattern for all.
        let route = context.endpointPath ?? "NotFound"
        let duration = start.duration(to: .now)
        note(request.method, route, response.status.code, duration)
        context.logger.log(
            level: RequestRecord.quiet.contains(route) ? .debug : .info, "request",
            metadata: [
                "method": "\(request.method.rawValue.prefix(16))", "route": "\(route)",
                "status": "\(response.status.code)", "ms": "\(RequestRecord.milliseconds(duration))",
            ])
        return response
    }

    private static let header = HTTPField.Name("X-Request-ID")!
    /// What machines ask all day.
    private static let quiet: Set<String> = ["/healthz", "/readyz", "/metrics", "/assets/{file}"]

    private func note(_ method: HTTPRequest.Method, _ route: String, _ status: Int, _ duration: Duration) {
        // Anybody can invent a method; nobody should be able to invent a time series.
        let known: Set<HTTPRequest.Method> = [.get, .head, .post, .put, .patch, .delete, .options]
        let name = known.contains(method) ? method.rawValue : "other"
        Counter(
            label: "mochi_http_requests_total",
            dimensions: [("method", name), ("route", route), ("status", String(status))]
        ).increment()
        let (seconds, attoseconds) = duration.components
        Metrics.Timer(label: "mochi_http_request_duration_seconds", dimensions: [("route", route)])
            .recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }

    private static func newID() -> String {
        let id = String(UInt64.random(in: .min ... .max), radix: 16)
        return String(repeating: "0", count: 16 - id.count) + id
    }

    private static func milliseconds(_ duration: Duration) -> String {
        let microseconds =
            duration.components.seconds * 1_000_000 + duration.components.attoseconds / 1_000_000_000_000
        let tenths = microseconds / 100
        return "\(tenths / 10).\(tenths % 10)"
    }
}
