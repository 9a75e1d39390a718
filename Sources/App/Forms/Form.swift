import Auth

/// A form as it is shown: empty, or as somebody sent it, with what is wrong with it.
struct Form: Sendable {
    var action: String
    var submit: String
    var fields: [Field]
    var hidden: [Hidden] = []
    /// What is wrong with the whole.
    var problem: String?
    /// Not what the page is for.
    var isQuiet = false

    struct Hidden: Sendable {
        var name: String
        var value: String
        /// Whether the script puts the browser's time zone in.
        var guessesZone = false
    }

    struct Field: Sendable {
        enum Kind: Sendable {
            case text, email, password, date
            /// One of these; the script may preselect the browser's zone.
            case choice([(value: String, label: String)], guessesZone: Bool)
        }
        var name: String
        var label: String
        var kind = Kind.text
        var value = ""
        /// As the HTML standard names it.
        var autocomplete = "off"
        var placeholder: String?
        var hint: String?
        var maxLength = 200
        var isRequired = true
        /// Not prose: neither capitals nor corrections.
        var isVerbatim = false
        var error: String?
        /// Whether the script says how good a password is while it is typed.
        var showsStrength = false

        static func newPassword(_ label: String) -> Field {
            Field(
                name: "password", label: label, kind: .password, autocomplete: "new-password",
                hint: Password.advice, maxLength: 256, showsStrength: true)
        }
    }

    /// Ties an error to its field; what belongs to no field is about the whole.
    mutating func mark(_ error: FormError) {
        if let index = fields.firstIndex(where: { $0.name == error.field }) {
            fields[index].error = error.message
        } else {
            problem = error.message
        }
    }

    var model: Model { model(of: "") }

    /// - Parameter card: which of several forms of a page it is; "" is the only one, whose first field has the focus.
    func model(of card: String) -> Model {
        let firstError = fields.firstIndex { $0.error != nil }
        let focused = firstError ?? (card.isEmpty ? fields.firstIndex { $0.value.isEmpty } : nil)
        return [
            "action": action, "submit": submit, "problem": problem ?? false, "quiet": isQuiet,
            "hidden": hidden.map {
                ["name": $0.name, "value": $0.value, "guessZone": $0.guessesZone] as Model
            },
            "fields": fields.enumerated().map { index, field in
                field.model(
                    id: card.isEmpty ? field.name : "\(card)-\(field.name)", isFocused: index == focused)
            },
        ]
    }
}

extension Form.Field {
    func model(id: String, isFocused: Bool) -> Model {
        var model: Model = [
            "id": id, "name": name, "label": label, "value": value, "autocomplete": autocomplete,
            "placeholder": placeholder ?? false, "hint": hint ?? false, "error": error ?? false,
            "maxLength": maxLength, "required": isRequired, "verbatim": isVerbatim, "focus": isFocused,
            "describedBy": describedBy(id) ?? false, "type": "text", "input": true, "select": false,
            "options": [Model](), "guessZone": false, "strength": showsStrength,
        ]
        switch kind {
        case .text: break
        case .email: model["type"] = "email"
        case .password: model["type"] = "password"
        case .date: model["type"] = "date"
        case .choice(let options, let guessesZone):
            model["input"] = false
            model["select"] = true
            model["guessZone"] = guessesZone
            model["options"] = options.map {
                ["value": $0.value, "label": $0.label, "selected": $0.value == value] as Model
            }
        }
        return model
    }

    private func describedBy(_ id: String) -> String? {
        let ids = [error.map { _ in "\(id)-error" }, hint.map { _ in "\(id)-hint" }].compactMap { $0 }
        return ids.isEmpty ? nil : ids.joined(separator: " ")
    }
}
