import Auth

/// A form of a settings page: fields of more kinds than the entry forms have.
struct SettingsForm: Sendable {
    enum Kind: Sendable {
        case text
        case number(ClosedRange<Int>)
        case choice([(value: String, label: String)])
        /// One entry a line.
        case lines
        case checks([(name: String, title: String, hint: String, isChecked: Bool)])
    }

    struct Field: Sendable {
        var name: String
        /// On a page with several forms that have a field of this name, another in each.
        var id: String?
        var label: String
        var kind = Kind.text
        var value = ""
        var hint: String?
        var isRequired = false
        var error: String?
    }

    var heading: String
    var lead: String?
    var action: String
    var submit = "Save"
    var fields: [Field] = []
    /// What it does cannot be undone.
    var isDangerous = false
    /// What is wrong with the whole.
    var problem: String?

    /// Ties an error to its field.
    mutating func mark(_ error: FormError) {
        if let index = fields.firstIndex(where: { $0.name == error.field }) {
            fields[index].error = error.message
        } else {
            problem = error.message
        }
    }

    var model: Model {
        [
            "heading": heading, "lead": lead ?? false, "action": action, "submit": submit,
            "danger": isDangerous, "problem": problem ?? false, "fields": fields.map(\.model),
        ]
    }
}

extension SettingsForm.Field {
    var model: Model {
        var model: Model = [
            "name": name, "field": id ?? name, "label": label, "value": value, "hint": hint ?? false,
            "error": error ?? false,
            "required": isRequired, "text": false, "number": false, "select": false, "lines": false,
            "checks": false, "options": [Model](), "boxes": [Model](), "least": "", "most": "",
            "describedBy": describedBy ?? false,
        ]
        switch kind {
        case .text: model["text"] = true
        case .number(let range):
            model["number"] = true
            model["least"] = String(range.lowerBound)
            model["most"] = String(range.upperBound)
        case .choice(let options):
            model["select"] = true
            model["options"] = options.map {
                ["option": $0.value, "optionLabel": $0.label, "selected": $0.value == value] as Model
            }
        case .lines: model["lines"] = true
        case .checks(let boxes):
            model["checks"] = true
            model["boxes"] = boxes.map {
                ["box": $0.name, "boxTitle": $0.title, "boxHint": $0.hint, "checked": $0.isChecked] as Model
            }
        }
        return model
    }

    private var describedBy: String? {
        let ids = [error.map { _ in "\(id ?? name)-error" }, hint.map { _ in "\(id ?? name)-hint" }]
            .compactMap { $0 }
        return ids.isEmpty ? nil : ids.joined(separator: " ")
    }
}
