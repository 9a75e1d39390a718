import Glibc
import Stats

/// Countries on a map, the darker the more visitors came from there.
///
/// Shades are steps of the cube root: one country usually has most of the visitors, and in steps of the figures themselves
/// the others would all look alike; in those of the logarithm, all that have some.
/// For the keyboard and for screen readers the map is one thing; its figures stand in the table with it.
struct WorldMap: Sendable {
    /// An outline, or the middle of what is too small to have one.
    private enum Shape: Sendable {
        case outline(String)
        case dot(x: String, y: String)
    }

    private struct Place {
        let code: String
        let shape: Shape
        let title: String
        /// 1 to ``shades``.
        let shade: Int
    }

    static let width = 1_000
    static let shades = 5
    /// All that there may be.
    static let mostCountries = 300

    private static let shapes: [(code: String, shape: Shape)] = outlines.split(separator: "\n").map { line in
        let parts = line.split(separator: " ", maxSplits: 1)
        let code = String(parts[0])
        guard parts[1].first == "M" else {
            let point = parts[1].split(separator: " ")
            return (code, .dot(x: String(point[0]), y: String(point[1])))
        }
        return (code, .outline(String(parts[1])))
    }

    static let codes = shapes.map(\.code)

    private let counts: [String: Double]
    private let everybody: Double?
    /// Of those that are on the map.
    private let largest: Double

    /// - Parameters:
    ///   - rows: visitors by country.
    ///   - everybody: visitors of all countries, where shares shall be told.
    init(_ rows: [Figures.Row], everybody: Double? = nil) {
        let counts = Dictionary(rows.map { ($0.values[0], $0.figures[0].number ?? 0) }) { first, _ in first }
        self.counts = counts
        self.everybody = everybody
        largest = WorldMap.codes.compactMap { counts[$0] }.max() ?? 0
    }

    private func shade(_ count: Double) -> Int {
        let ratio = cbrt(count / max(largest, count))
        return min(WorldMap.shades, max(1, Int((ratio * Double(WorldMap.shades)).rounded(.up))))
    }

    /// Those with visitors, and the land around them.
    private var places: (visited: [Place], rest: [Place]) {
        var (visited, rest): ([Place], [Place]) = ([], [])
        for (code, shape) in WorldMap.shapes {
            let name = Countries.name(code)
            if let count = counts[code], count > 0 {
                let share = everybody.map { $0 > 0 ? " (\(FigureText.percent(100 * count / $0)))" : "" } ?? ""
                let figure = FigureText.long(.number(count), .visitors)
                visited.append(
                    Place(
                        code: code, shape: shape,
                        title: "\(name): \(figure) visitor\(count == 1 ? "" : "s")\(share)",
                        shade: shade(count)))
            } else if case .outline = shape {
                rest.append(Place(code: code, shape: shape, title: "\(name): no visitors", shade: 0))
            }
        }
        // The arrow keys go from the most to the fewest.
        visited.sort { (counts[$0.code] ?? 0, $1.code) > (counts[$1.code] ?? 0, $0.code) }
        return (visited, rest)
    }

    /// For the template `map`.
    ///
    /// - Parameter link: where a country leads to.
    func model(isFocusable: Bool, link: (String) -> String) -> Model {
        let (visited, rest) = places
        return [
            "viewBox": "0 0 \(WorldMap.width) \(WorldMap.height)", "focusable": isFocusable,
            "summary": "World map of visitors by country. The table has its figures.",
            "land": rest.map { place in
                guard case .outline(let path) = place.shape else { return [:] as Model }
                return ["path": path, "title": place.title] as Model
            },
            "visited": visited.map { place in
                var model: Model = [
                    "href": link(place.code), "title": place.title, "shade": String(place.shade),
                    "path": false, "x": false, "y": "",
                ]
                switch place.shape {
                case .outline(let path): model["path"] = path
                case .dot(let x, let y): (model["x"], model["y"]) = (x, y)
                }
                return model
            },
            "steps": (1...WorldMap.shades).map {
                ["shade": String($0), "at": String(20 * $0 - 20)] as Model
            },
            "most": Numbers.whole(Int(largest)),
        ]
    }

    // MARK: As a file

    private static let colours = ["#eee8df", "#f6dbe2", "#e9b3c1", "#d9839a", "#bf5876", "#8c2a49"]

    /// The same as a picture of its own.
    func svg(title: String) -> String {
        let (visited, rest) = places
        var svg =
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"-20 -56 \(WorldMap.width + 40) \(WorldMap.height + 76)\" "
            + "width=\"\(WorldMap.width + 40)\" height=\"\(WorldMap.height + 76)\" "
            + "font-family=\"system-ui, sans-serif\" font-size=\"16\">"
            + "<rect x=\"-20\" y=\"-56\" width=\"100%\" height=\"100%\" rx=\"12\" fill=\"#ffffff\"/>"
            + "<text y=\"-24\" font-weight=\"600\" fill=\"#2a2522\">\(PanelFiles.escaped(title))</text>"
            + "<g stroke=\"#ffffff\" stroke-width=\".7\" stroke-linejoin=\"round\">"
        for place in rest + visited {
            let fill = "fill=\"\(WorldMap.colours[place.shade])\""
            let shape =
                switch place.shape {
                case .outline(let path): "<path \(fill) d=\"\(path)\">"
                case .dot(let x, let y): "<circle \(fill) cx=\"\(x)\" cy=\"\(y)\" r=\"4\">"
                }
            let end = if case .outline = place.shape { "</path>" } else { "</circle>" }
            svg += shape + "<title>\(PanelFiles.escaped(place.title))</title>" + end
        }
        return svg + "</g></svg>"
    }
}
