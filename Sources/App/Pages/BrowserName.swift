import HTTPTypes
import Hummingbird

/// "Firefox on Linux": what a list of sessions shows. The header itself goes no further than this.
enum BrowserName {
    static func of(_ request: Request) -> String {
        let agent = request.headers[.userAgent] ?? ""
        let browser = first(of: browsers, in: agent)
        let system = first(of: systems, in: agent)
        switch (browser, system) {
        case (let browser?, let system?): return "\(browser) on \(system)"
        case (let name?, nil), (nil, let name?): return name
        case (nil, nil): return "Unknown browser"
        }
    }

    private static func first(of names: [(mark: String, name: String)], in agent: String) -> String? {
        names.first { agent.contains($0.mark) }?.name
    }

    /// The order matters: most claim to be several.
    private static let browsers = [
        ("Edg/", "Edge"), ("OPR/", "Opera"), ("Vivaldi/", "Vivaldi"), ("SamsungBrowser/", "Samsung Internet"),
        ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"), ("Chrome/", "Chrome"),
        ("Safari/", "Safari"), ("curl/", "curl"),
    ].map { (mark: $0.0, name: $0.1) }
    private static let systems = [
        ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("CrOS", "ChromeOS"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"), ("Linux", "Linux"),
    ].map { (mark: $0.0, name: $0.1) }
}
