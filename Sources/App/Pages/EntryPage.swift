/// A page with one form on it: signing up, logging in, adding a site.
struct EntryPage: Page {
    static let template = "entry"
    static let hasForm = true

    struct Other: Sendable {
        let question: String
        let answer: String
        let link: String
    }

    let title: String
    let heading: String
    var lead: String?
    var notice: String?
    /// Nil when there is nothing to enter.
    let form: Form?
    var other: Other?
    var another: Other?
    var place: Place?

    var model: Model {
        let others = [other, another].compactMap { $0 }.map {
            ["question": $0.question, "answer": $0.answer, "link": $0.link] as Model
        }
        return [
            "heading": heading, "lead": lead ?? false, "notice": notice ?? false,
            "form": Model.orNone(form?.model), "other": others,
        ]
    }
}
