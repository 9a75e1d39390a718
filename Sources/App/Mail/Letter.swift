import Outbound

/// A mail of ours: a few paragraphs and at most one thing to do, as text and in the design system's colours.
struct Letter: Sendable {
    let subject: String
    /// Whom it greets; "" is nobody in particular.
    var name = ""
    let paragraphs: [String]
    var action: (label: String, link: String)?
    /// What to do for who did not expect it.
    var closing: [String] = []

    func message(to address: String, name: String = "") throws -> Message {
        Message(to: try Mailbox(name: name, address: address), subject: subject, text: text, html: html)
    }

    private var greeting: String { name.isEmpty ? "Hello," : "Hello \(name)," }

    var text: String {
        ([greeting] + paragraphs + (action.map { ["\($0.label):", $0.link] } ?? []) + closing)
            .joined(separator: "\n\n") + "\n"
    }

    /// Readers of mail know no style sheets: what there is stands at its element. Everything works in light and dark,
    /// because only the button has colours of its own.
    var html: String {
        let button = action.map { action in
            """
            <p style="margin:24px 0"><a href="\(Letter.escaped(action.link))" style="background:#a8385a;color:#ffffff;\
            border-radius:8px;padding:11px 20px;text-decoration:none;font-weight:600">\(Letter.escaped(action.label))</a></p>
            <p style="font-size:13px;opacity:.75">If the button does nothing, open this address:<br>\
            <span style="word-break:break-all">\(Letter.escaped(action.link))</span></p>
            """
        }
        let body = ([greeting] + paragraphs).map { "<p>\(Letter.escaped($0))</p>" }.joined(separator: "\n")
        let end = closing.map { "<p style=\"font-size:13px;opacity:.75\">\(Letter.escaped($0))</p>" }
            .joined(separator: "\n")
        return """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark">
            <title>\(Letter.escaped(subject))</title></head>
            <body style="margin:0;padding:24px;font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,Arial,sans-serif">
            <div style="max-width:34em;margin:0 auto">
            <p style="font-weight:700;color:#a8385a">Mochi</p>
            \(body)
            \(button ?? "")
            \(end)
            </div></body></html>
            """
    }

    static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}
