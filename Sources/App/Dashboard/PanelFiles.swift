import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore
import Stats

/// A panel as a file: `.json`, `.csv`, `.svg`.
enum PanelFiles {
    /// The file that an address with this ending is; nil for the page.
    ///
    /// - Parameter name: of the file, without the ending.
    static func response(
        _ ending: String, name: @autoclosure () -> String, json: @autoclosure () -> some Encodable,
        csv: @autoclosure () -> String, svg: @autoclosure () -> String
    ) -> Response? {
        switch ending {
        case ".json": .json(json())
        case ".csv":
            .file(ByteBuffer(string: csv()), name: name() + ending, type: "text/csv; charset=utf-8")
        case ".svg": .text(svg(), type: "image/svg+xml; charset=utf-8")
        default: nil
        }
    }

    struct JSON: Encodable {
        struct Row: Encodable {
            let value: String
            let label: String
            /// Numbers; null where there is none; amounts by currency for money.
            let metrics: [String: JSONFigure]
        }
        let panel: String
        let dimension: String
        let rows: [Row]
        let total: Int
    }

    enum JSONFigure: Encodable {
        case none
        case number(Double)
        case money([String: Double])

        init(_ figure: Figure) {
            switch figure {
            case .none: self = .none
            case .number(let number): self = .number(number)
            case .money(let money):
                self = .money(Dictionary(money.map { ($0.currency, $0.amount) }) { first, _ in first })
            }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .none: try container.encodeNil()
            case .number(let number): try container.encode(number)
            case .money(let money): try container.encode(money)
            }
        }
    }

    static func json(_ panel: Panel, _ answer: PanelQuery.Answer) -> JSON {
        JSON(
            panel: panel.id, dimension: panel.dimension.id,
            rows: answer.figures.rows.map { row in
                JSON.Row(
                    value: row.values[0], label: ValueText.label(row.values[0], panel.dimension),
                    metrics: Dictionary(
                        uniqueKeysWithValues: zip(answer.metrics, row.figures).map { ($0.id, JSONFigure($1)) }
                    ))
            }, total: answer.figures.total)
    }

    static func csv(_ panel: Panel, _ answer: PanelQuery.Answer) -> String {
        var csv = CSV()
        // Country codes are for programs, names for people.
        let hasLabel = panel.dimension == .country || panel.dimension == .language
        csv.add([panel.dimension.id] + (hasLabel ? ["name"] : []) + answer.metrics.map(\.id))
        for row in answer.figures.rows {
            csv.add(
                [row.values[0]] + (hasLabel ? [ValueText.label(row.values[0], panel.dimension)] : [])
                    + row.figures.map { CSV.text($0) })
        }
        return csv.text
    }

    /// Bars with their labels, drawn for either background.
    static func svg(_ panel: Panel, _ answer: PanelQuery.Answer) -> String {
        if panel.isMap {
            return WorldMap(answer.figures.rows)
                .svg(title: "\(answer.domain): visitors by country")
        }
        let rows = answer.figures.rows.prefix(50)
        let largest = rows.compactMap { $0.figures[0].number }.max() ?? 0
        let (width, line) = (640, 30)
        let height = 52 + max(rows.count, 1) * line
        var svg =
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(width) \(height)\" width=\"\(width)\" height=\"\(height)\" "
            + "font-family=\"system-ui, sans-serif\" font-size=\"14\">"
            + "<rect width=\"\(width)\" height=\"\(height)\" rx=\"12\" fill=\"#ffffff\"/>"
            + "<text x=\"20\" y=\"30\" font-weight=\"600\" fill=\"#2a2522\">\(escaped(answer.domain)): \(escaped(panel.title))</text>"
        if rows.isEmpty {
            svg += "<text x=\"20\" y=\"60\" fill=\"#665e57\">Nothing in this period.</text>"
        }
        for (index, row) in rows.enumerated() {
            let top = 46 + index * line
            let count = row.figures[0].number ?? 0
            let bar = Chart.number(largest > 0 ? 500 * count / largest : 0)
            let label = ValueText.label(row.values[0], panel.dimension)
            svg +=
                "<rect x=\"12\" y=\"\(top)\" width=\"\(bar)\" height=\"24\" rx=\"5\" fill=\"#f8e6ea\"/>"
                + "<text x=\"20\" y=\"\(top + 17)\" fill=\"#2a2522\">\(escaped(String(label.prefix(60))))</text>"
                + "<text x=\"\(width - 20)\" y=\"\(top + 17)\" text-anchor=\"end\" fill=\"#2a2522\">"
                + "\(escaped(FigureText.long(row.figures[0], .visitors)))</text>"
        }
        return svg + "</svg>"
    }

    /// Without what XML 1.0 cannot hold.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF:
                escaped += " "
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}

/// Comma-separated values as RFC 4180 has them, safe to open in a spreadsheet.
struct CSV: Sendable {
    private(set) var text = ""

    mutating func add(_ cells: [String]) {
        text += cells.map(CSV.cell).joined(separator: ",") + "\r\n"
    }

    static func cell(_ value: String) -> String {
        let value = guarded(value)
        guard
            value.utf8.contains(where: { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D || $0 == 0x3B })
        else {
            return value
        }
        return quoted(value)
    }

    /// A spreadsheet takes a text that begins with one of these for a formula, and a formula can fetch and run things
    /// (OWASP, "CSV Injection"). An apostrophe before it says that it is a text. Numbers of ours are none of that: only
    /// a minus sign and digits.
    static func guarded(_ value: String) -> String {
        let blanks = value.unicodeScalars.prefix {
            $0.properties.isWhitespace || $0.value < 0x20 || $0 == "\u{feff}"
        }
        let first = value.unicodeScalars.dropFirst(blanks.count).first
        if let first, "=+-@|%＝＋－＠".unicodeScalars.contains(first), Double(value) == nil {
            return "'" + value
        }
        if let start = value.unicodeScalars.first, start == "\t" || start == "\r" || start == "\n" {
            return "'" + value
        }
        return value
    }

    /// By scalars: a quote with a mark above it is one character, and would not be found among characters.
    static func quoted(_ value: String) -> String {
        var quoted = String.UnicodeScalarView("\"".unicodeScalars)
        for scalar in value.unicodeScalars {
            if scalar == "\"" { quoted.append(scalar) }
            quoted.append(scalar)
        }
        quoted.append("\"")
        return String(quoted)
    }

    static func text(_ figure: Figure) -> String {
        switch figure {
        case .none: ""
        case .number(let figure): number(figure)
        case .money(let money): money.map { "\(number($0.amount)) \($0.currency)" }.joined(separator: " + ")
        }
    }

    /// At most four decimals, never an exponent.
    static func number(_ value: Double) -> String {
        guard value.magnitude < 1e14 else { return value < 0 ? "-100000000000000" : "100000000000000" }
        if value == value.rounded() { return String(Int64(value)) }
        let scaled = Int64((value.magnitude * 10_000).rounded())
        var digits = String(scaled % 10_000)
        digits = String(repeating: "0", count: 4 - digits.count) + digits
        while digits.hasSuffix("0") { digits.removeLast() }
        let sign = value < 0 && scaled > 0 ? "-" : ""
        return "\(sign)\(scaled / 10_000)" + (digits.isEmpty ? "" : ".\(digits)")
    }
}

extension Response {
    /// What a browser saves instead of showing it.
    static func file(_ bytes: ByteBuffer, name: String, type: String) -> Response {
        Response(
            status: .ok,
            headers: [.contentType: type, .contentDisposition: "attachment; filename=\"\(name)\""],
            body: .init(byteBuffer: bytes))
    }
}
