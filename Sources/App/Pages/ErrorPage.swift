import HTTPTypes

/// What went wrong, and where to go from here.
struct ErrorPage: Page {
    static let template = "error"

    let fault: Fault
    var isMember = false
    /// The request's id, for what is ours to repair.
    var reference: String?

    var title: String { "\(fault.heading) · Mochi" }

    var model: Model {
        let (link, label) =
            if isMember {
                ("/sites", "Go to your sites")
            } else if fault.status == .unauthorized {
                ("/login", "Log in")
            } else {
                ("/", "Go to the start page")
            }
        return [
            "heading": fault.heading, "message": fault.message, "reference": reference ?? false,
            "action": ["link": link, "label": label] as Model,
        ]
    }
}
