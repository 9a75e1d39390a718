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
    let form: Form
    var other: Other?
    var place: Place?

    var model: Model {
        let other: any Sendable =
            if let other {
                ["question": other.question, "answer": other.answer, "link": other.link] as Model
            } else {
                false
            }
        return ["heading": heading, "lead": lead ?? false, "form": form.model, "other": other]
    }
}
