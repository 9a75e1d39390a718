import Auth
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Postgres
import Stats

/// Makes an answer of every error: a page in the same frame, or JSON for programs. What a visitor caused
/// explains itself; the rest becomes one plain page and one line in the log.
struct ErrorPages: RouterMiddleware {
    let web: Web

    func handle(
        _ request: Request, context: AppContext, next: (Request, AppContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let redirect as Redirect {
            return redirect.response
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            let fault = Fault(error)
            if fault.isOurs {
                context.logger.error(
                    "request failed",
                    metadata: [
                        "route": "\(context.endpointPath ?? "")",
                        "error": "\(String(reflecting: type(of: error)))",
                        "reason": "\(ErrorPages.reason(error))",
                    ])
            }
            var response = await answer(fault, to: request, context)
            response.headers.append(contentsOf: fault.headers)
            response.headers[.cacheControl] = "no-store"
            return response
        }
    }

    /// What may stand in a log: descriptions of our own errors, which are made without personal data.
    private static func reason(_ error: any Error) -> String {
        switch error {
        case let error as PostgresError: error.description
        case let error as DatabaseError: error.description
        case let error as UnexpectedResult: error.description
        default: ""
        }
    }

    private func answer(_ fault: Fault, to request: Request, _ context: AppContext) async -> Response {
        switch Format(of: request) {
        case .json:
            let path = request.uri.path
            if path.hasPrefix("/api/v1/") || path.hasPrefix("/api/v2/") {
                return .json(["error": fault.message], status: fault.status)
            }
            let body = ErrorBody(error: .init(code: fault.code, message: fault.message, field: fault.field))
            return .json(body, status: fault.status)
        case .html:
            // The frame shows members their own menu, unless that takes the database that is away.
            var context = context
            if fault.status != .serviceUnavailable, let browser = try? await Browser(request, web) {
                context.browser = browser
            }
            let page = ErrorPage(
                fault: fault, isMember: context.browser.session != nil,
                reference: fault.isOurs ? context.requestID : nil)
            return web.page(page, for: request, PublicContext(context: context), status: fault.status)
        }
    }

    private struct ErrorBody: Encodable {
        struct Content: Encodable {
            let code: String
            let message: String
            let field: String?
        }
        let error: Content
    }
}

/// In what an error is told.
enum Format {
    case html, json

    init(of request: Request) {
        let path = request.uri.path
        let isForProgram = path.hasPrefix("/api/") || path.hasSuffix(".json") || path.hasSuffix("/status")
        self = isForProgram ? .json : .html
    }
}

extension Fault {
    init(_ error: any Error) {
        switch error {
        case let error as PageError:
            self.init(status: error.status, code: "forbidden", heading: error.heading, message: error.message)
        case let error as APIError:
            self.init(
                status: error.status, code: error.code, heading: error.message, message: error.message,
                field: error.field)
            if error.status == .unauthorized { headers[.wwwAuthenticate] = "Bearer" }
        case let error as FormError:
            self.init(
                status: error.isTaken ? .conflict : .badRequest, code: error.isTaken ? "taken" : "invalid",
                heading: "That cannot be taken", message: error.message, field: error.field)
        case let error as QuestionError:
            self.init(
                status: .badRequest, code: "invalid", heading: "That cannot be asked",
                message: error.description)
        case let error as TooManyRequests:
            self.init(.tooManyRequests)
            headers[.retryAfter] = String(error.retryAfter)
        case is NIOTooManyBytesError:
            self.init(.contentTooLarge)
        case is Fields.Malformed:
            self.init(.badRequest)
        case is PasswordHasher.Busy:
            self.init(.serviceUnavailable)
            headers[.retryAfter] = "5"
        case DatabaseError.unavailable:
            self = .databaseAway
        case let error as PostgresError where Fault.meansAway.contains(error.kind):
            self = .databaseAway
        case is DatabaseError:
            self = .databaseBusy
        case let error as PostgresError where error.kind == .queryCancelled:
            self = .databaseBusy
        case let error as HTTPError:
            self.init(error.status)
            headers = error.headers
        default:
            self.init(.internalServerError)
            isOurs = true
        }
    }

    private static let meansAway: Set<PostgresError.Kind?> = [
        .adminShutdown, .cannotConnectNow, .connectionFailure, .tooManyConnections,
    ]

    private static let databaseAway = Fault(
        status: .serviceUnavailable, code: "unavailable", heading: "The database is away",
        message:
            "Mochi cannot reach its database at the moment. Page views are still being collected; this page "
            + "works again as soon as the database does.",
        headers: [.retryAfter: "5"], isOurs: true)

    private static var databaseBusy: Fault {
        var fault = Fault(.serviceUnavailable)
        fault.headers[.retryAfter] = "5"
        fault.isOurs = true
        return fault
    }

    private init(_ status: HTTPResponse.Status) {
        let (code, heading, message) =
            Fault.texts[status.code]
            ?? ("error", status.reasonPhrase.isEmpty ? "Something is wrong" : status.reasonPhrase, "")
        self.init(status: status, code: code, heading: heading, message: message)
    }

    private static let texts: [Int: (code: String, heading: String, message: String)] = [
        400: (
            "bad_request", "This request makes no sense", "Something in it is not written as it should be."
        ),
        401: ("unauthorized", "Log in first", "This needs somebody who is signed in."),
        403: ("forbidden", "This is not yours to change", "Your role in this account does not include it."),
        404: (
            "not_found", "There is nothing here",
            "The page has moved, or never was, or belongs to somebody else."
        ),
        413: ("too_large", "That is too much", "What was sent is larger than this page takes."),
        415: ("unsupported_type", "Not in this form", "Send it as the page’s own form does."),
        429: ("rate_limited", "Too many attempts", "Wait a little, then try again."),
        500: (
            "internal", "Something broke on our side", "It has been noted. Trying again in a moment may help."
        ),
        503: (
            "unavailable", "Too busy at the moment",
            "Mochi has more to do than it can. Try again in a few seconds."
        ),
    ]
}
