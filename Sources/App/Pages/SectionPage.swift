/// A page of settings: tabs, and on each of them cards with tables, forms and links.
struct SectionPage: Page {
    static let template = "section"
    static let hasForm = true

    struct Tab: Sendable {
        let label: String
        let link: String
    }

    struct Notice: Sendable {
        let text: String
        var isGood = true
    }

    struct Card: Sendable {
        let id: String
        let heading: String
        var lead: String?
        var code: QRCode?
        /// To be copied, and shown this once.
        var secret: String?
        var table: Table?
        var form: Form?
        var links: [Tab] = []
    }

    struct Table: Sendable {
        let columns: [String]
        let rows: [Row]
        /// Instead of a table without rows.
        let empty: String
    }

    struct Row: Sendable {
        let cells: [Cell]
        var actions: [Action] = []
        /// Over: it is shown, and does nothing any more.
        var isFaded = false
    }

    struct Cell: Sendable, ExpressibleByStringInterpolation {
        let text: String
        var note: String?
        var link: String?

        init(_ text: String, note: String? = nil, link: String? = nil) {
            self.text = text
            self.note = note
            self.link = link
        }

        init(stringLiteral text: String) { self.init(text) }
    }

    /// A button that does something with its row.
    struct Action: Sendable {
        struct Choice: Sendable {
            let name: String
            let label: String
            let options: [(value: String, label: String)]
            let selected: String
        }
        let label: String
        let path: String
        var fields: [(name: String, value: String)] = []
        var choice: Choice?
        var isPlain = false
    }

    let title: String
    let heading: String
    var place: Place?
    var crumb: Tab?
    var tabs: [Tab]
    /// The link of the tab that is shown.
    let current: String
    var notice: Notice?
    var cards: [Card]

    var model: Model {
        [
            "heading": heading,
            "crumbs": [crumb].compactMap { $0?.model },
            "tabs": tabs.map { $0.model.merging(["current": $0.link == current]) { _, new in new } },
            "notice": Model.orNone(notice?.model),
            "cards": cards.map(\.model),
        ]
    }
}

extension Model {
    /// False for what is not there.
    static func orNone(_ model: Model?) -> any Sendable {
        if let model { model } else { false }
    }
}

extension SectionPage.Notice {
    var model: Model { ["text": text, "look": isGood ? "good" : "bad"] }
}

extension SectionPage.Tab {
    var model: Model { ["label": label, "link": link] }
}

extension SectionPage.Card {
    var model: Model {
        [
            "id": id, "heading": heading, "lead": lead ?? false, "code": Model.orNone(code?.model),
            "secret": secret ?? false,
            "table": Model.orNone(table?.model), "form": Model.orNone(form?.model(of: id)),
            "links": links.map(\.model),
        ]
    }
}

extension SectionPage.Table {
    var model: Model {
        [
            "any": !rows.isEmpty, "columns": columns, "rows": rows.map { $0.model(columns) }, "empty": empty,
        ]
    }
}

extension SectionPage.Row {
    func model(_ columns: [String]) -> Model {
        [
            "faded": isFaded, "actions": actions.map(\.model), "acts": !actions.isEmpty,
            "cells": zip(columns, cells).map { column, cell in
                ["column": column, "text": cell.text, "note": cell.note ?? false, "link": cell.link ?? false]
                    as Model
            },
        ]
    }
}

extension SectionPage.Action {
    var model: Model {
        [
            "label": label, "action": path, "look": isPlain ? "plain" : "quiet",
            "hidden": fields.map { ["name": $0.name, "value": $0.value] as Model },
            "choice": Model.orNone(choice?.model),
        ]
    }
}

extension SectionPage.Action.Choice {
    var model: Model {
        [
            "name": name, "label": label,
            "options": options.map {
                ["value": $0.value, "label": $0.label, "selected": $0.value == selected] as Model
            },
        ]
    }
}
