import HTTPTypes
import Hummingbird

/// Go there instead, with GET.
struct Redirect: Error {
    let location: String

    init(to location: String) {
        self.location = location
    }

    var response: Response { Response(status: .seeOther, headers: [.location: location]) }
}

/// A page that says what went wrong and what to do about it, where the status alone would not.
struct PageError: Error {
    let status: HTTPResponse.Status
    let heading: String
    let message: String

    static let crossSite = PageError(
        status: .forbidden, heading: "This came from another site",
        message: "Forms are only accepted from Mochi’s own pages. Open the page here and try again.")
    static let expiredForm = PageError(
        status: .forbidden, heading: "This form has expired",
        message:
            "Perhaps you have signed in or out in another tab. Go back, reload the page, and send it again.")
}

/// The throttle has had enough of an address.
struct TooManyRequests: Error {
    /// In seconds.
    let retryAfter: Int
}

/// An answer to a program, in the shape of docs/api.
struct APIError: Error {
    let status: HTTPResponse.Status
    let code: String
    let message: String
    let field: String?

    init(_ status: HTTPResponse.Status, _ code: String, _ message: String, field: String? = nil) {
        self.status = status
        self.code = code
        self.message = message
        self.field = field
    }
}

/// What somebody is shown of an error, whatever it was.
struct Fault: Sendable {
    var status: HTTPResponse.Status
    var code: String
    var heading: String
    var message: String
    var field: String?
    var headers: HTTPFields = [:]
    /// Ours to repair: logged, and shown with a reference.
    var isOurs = false
}
