import HTTPTypes
import Hummingbird

/// On every answer, errors and files included. Nothing is inline, so nothing inline is allowed.
struct SecurityHeaders: RouterMiddleware {
    typealias Context = AppContext

    private let fields: [(HTTPField.Name, String)]

    init(isSecure: Bool) {
        var fields: [(HTTPField.Name, String)] = [
            (.contentSecurityPolicy, SecurityHeaders.policy),
            (.xContentTypeOptions, "nosniff"),
            (HTTPField.Name("Referrer-Policy")!, "strict-origin-when-cross-origin"),
            (
                HTTPField.Name("Permissions-Policy")!,
                "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()"
            ),
            (HTTPField.Name("Cross-Origin-Opener-Policy")!, "same-origin"),
            (HTTPField.Name("Cross-Origin-Resource-Policy")!, "same-origin"),
        ]
        if isSecure { fields.append((.strictTransportSecurity, "max-age=31536000; includeSubDomains")) }
        self.fields = fields
    }

    static let frameOptions = HTTPField.Name("X-Frame-Options")!

    static let policy = policy(frameAncestors: "'none'")

    static func policy(frameAncestors: String) -> String {
        [
            "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:",
            "connect-src 'self'", "form-action 'self'", "frame-ancestors \(frameAncestors)",
            "base-uri 'none'",
        ].joined(separator: "; ")
    }

    func handle(
        _ request: Request, context: AppContext, next: (Request, AppContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        // A dashboard that is shown in a frame says itself who may do that.
        for (name, value) in fields where response.headers[name] == nil { response.headers[name] = value }
        // For who does not know frame-ancestors; it cannot say which origins may.
        if response.headers[.contentSecurityPolicy] == SecurityHeaders.policy {
            response.headers[SecurityHeaders.frameOptions] = "DENY"
        }
        // A page shows what its reader may see: no cache keeps it. Files say otherwise themselves.
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
        return response
    }
}
