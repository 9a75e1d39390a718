/// What a browser says of itself in the `Sec-CH-UA…` headers (W3C's draft "User-Agent Client Hints"), which are
/// truer than its string: the string has frozen the system's version and hides Windows 11 and many a Chromium.
///
/// Without asking, Chromium sends the first three of them, over HTTPS; the others where the site asked for them.
struct ClientHints: Equatable, Sendable {
    /// `Sec-CH-UA`: `"Chromium";v="124", "Brave";v="124", "Not-A.Brand";v="99"`.
    var brands = ""
    /// `Sec-CH-UA-Platform`: `"Windows"`.
    var platform = ""
    /// `Sec-CH-UA-Mobile`: `?1`.
    var mobile = ""
    /// `Sec-CH-UA-Platform-Version`: `"15.0.0"`.
    var platformVersion = ""
    /// `Sec-CH-UA-Full-Version-List`, as ``brands``.
    var fullVersionList = ""
    /// `Sec-CH-UA-Model`: `"Pixel 8"`; empty on what is no telephone or tablet.
    var model = ""

    var isEmpty: Bool { brands.isEmpty && platform.isEmpty && fullVersionList.isEmpty }
}

extension UserAgent {
    /// What string and hints say together.
    init(_ text: String, _ hints: ClientHints) {
        self.init(text)
        if bot == nil, !hints.isEmpty { heed(hints) }
    }

    private mutating func heed(_ hints: ClientHints) {
        let list = hints.fullVersionList.isEmpty ? hints.brands : hints.fullVersionList
        if let brand = ClientHints.brand(in: list) {
            if brand.name == "HeadlessChrome" {
                self = UserAgent(bot: .headless)
                return
            }
            // A string that tells more than the engine's name is a derivative's that did not set a brand.
            let isEngine = browser.isEmpty || browser == "Chrome" || browser == "Chromium"
            if let name = ClientHints.names[brand.name], isEngine ? name != "Chromium" || browser.isEmpty : name == browser {
                browser = name
                if !brand.version.isEmpty { browserVersion = brand.version }
            }
        }
        let version = ClientHints.unquoted(hints.platformVersion).withBytes { VersionNumber.read($0, at: 0) }
        switch ClientHints.unquoted(hints.platform) {
        case "Windows":
            os = "Windows"
            // Microsoft: 13 and above is Windows 11, 1 to 10 is Windows 10, 0.x an older one.
            if let major = VersionNumber.major(version), major > 0 { osVersion = major >= 13 ? "11" : "10" }
        case "macOS": (os, osVersion) = ("Mac", version.isEmpty ? osVersion : version)
        case "Android" where os != "HarmonyOS":
            // In desktop mode the string says Linux.
            if os != "Android" { osVersion = "" }
            os = "Android"
            if let major = VersionNumber.major(version) { osVersion = String(major) }
            if device != .tv, device != .tablet || hints.mobile == "?1" {
                device = hints.mobile == "?1" ? .mobile : .tablet
            }
        case "Chrome OS", "Chromium OS": os = "Chrome OS"
        case "iOS": (os, osVersion) = ("iOS", version.isEmpty ? osVersion : version)
        case "Linux" where os.isEmpty: os = "Linux"
        default: break
        }
        if device == .unknown || device == .desktop, hints.mobile == "?1" { device = .mobile }
        if device == .unknown, hints.mobile == "?0", !os.isEmpty { device = .desktop }
    }
}

extension ClientHints {
    /// The names of brands, as we write them.
    static let names = [
        "Google Chrome": "Chrome", "Chromium": "Chromium", "Microsoft Edge": "Edge", "Brave": "Brave", "Opera": "Opera",
        "Opera GX": "Opera GX", "OperaMobile": "Opera Mobile", "Opera Mini Android": "Opera Mini",
        "Vivaldi": "Vivaldi", "YaBrowser": "Yandex Browser",
        "Yandex": "Yandex Browser", "Samsung Internet": "Samsung Internet", "DuckDuckGo": "DuckDuckGo",
        "HuaweiBrowser": "Huawei Browser", "Whale": "Whale", "CocCoc": "Cốc Cốc", "Ecosia": "Ecosia",
        "Avast Secure Browser": "Avast Secure Browser", "AVG Secure Browser": "AVG Secure Browser",
        "CCleaner Browser": "CCleaner Browser", "Norton Private Browser": "Norton Browser",
        "Oculus Browser": "Meta Quest Browser", "Android WebView": "Android WebView",
        "Microsoft Edge WebView2": "Edge", "Electron": "Electron", "Iron": "Iron", "Aloha": "Aloha",
        "Miui Browser": "Xiaomi Browser", "UCBrowser": "UC Browser", "360Browser": "360 Browser",
    ]

    /// The brand that is neither made up nor Chromium, which all of them are; else Chromium.
    static func brand(in list: String) -> (name: String, version: String)? {
        list.withBytes { bytes in
            var chosen: (name: String, version: String)?
            var index = 0
            while index < bytes.count, let name = quoted(bytes, from: &index) {
                var version = ""
                if index + 3 < bytes.count, bytes[index] == UInt8(ascii: ";"), bytes[index + 1] == UInt8(ascii: "v") {
                    index += 3
                    let start = index + 1
                    if quoted(bytes, from: &index) != nil { version = VersionNumber.read(bytes, at: start) }
                    if !version.isEmpty, !version.utf8.contains(UInt8(ascii: ".")) { version += ".0" }
                }
                if name == "HeadlessChrome" { return (name, version) }
                if name == "Chromium" {
                    if chosen == nil { chosen = (name, version) }
                } else if names[name] != nil {
                    // `"Google Chrome"` stands beside a derivative's own brand in some.
                    if chosen == nil || chosen!.name == "Chromium" || chosen!.name == "Google Chrome" {
                        chosen = (name, version)
                    }
                }
            }
            return chosen
        }
    }

    /// The next string of a structured field, and the offset after it.
    private static func quoted(_ bytes: UnsafeBufferPointer<UInt8>, from index: inout Int) -> String? {
        while index < bytes.count, bytes[index] != UInt8(ascii: "\"") { index += 1 }
        guard index < bytes.count else { return nil }
        let start = index + 1
        var end = start
        while end < bytes.count, bytes[end] != UInt8(ascii: "\"") {
            end += bytes[end] == UInt8(ascii: "\\") ? 2 : 1
        }
        index = min(end + 1, bytes.count)
        return String(decoding: bytes[min(start, bytes.count)..<min(end, bytes.count)], as: UTF8.self)
    }

    static func unquoted(_ text: String) -> Substring {
        text.utf8.first == UInt8(ascii: "\"") && text.utf8.last == UInt8(ascii: "\"") && text.utf8.count > 1
            ? text.dropFirst().dropLast() : text[...]
    }
}
