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

    /// The same, from memory if they came before.
    init(_ text: String, _ hints: ClientHints, _ memory: Recollection<UserAgent>) {
        var hasher = Hasher()
        hasher.combine(bytesOf: text)
        if !hints.isEmpty {
            hasher.combine(bytesOf: hints.brands)
            hasher.combine(bytesOf: hints.platform)
            hasher.combine(bytesOf: hints.mobile)
            hasher.combine(bytesOf: hints.platformVersion)
            hasher.combine(bytesOf: hints.fullVersionList)
        }
        self = memory.outcome(of: hasher) { UserAgent(text, hints) }
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
            if let name = ClientHints.names[brand.name],
                isEngine ? name != "Chromium" || browser.isEmpty : name == browser
            {
                browser = name
                if !brand.version.isEmpty { browserVersion = brand.version }
            }
        }
        let version =
            hints.platformVersion.isEmpty ? "" : hints.platformVersion.withBytes(VersionNumber.quoted)
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
        "Google Chrome": "Chrome", "Chromium": "Chromium", "Microsoft Edge": "Edge", "Brave": "Brave",
        "Opera": "Opera",
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

    /// The brand that is neither made up nor Chromium, which all of them are; else Chromium. `"Google Chrome"`
    /// stands beside a derivative's own brand in some.
    static func brand(in list: String) -> (name: String, version: String)? {
        list.withBytes { bytes in
            var chosen: (name: String, version: Range<Int>)?
            var index = 0
            while index < bytes.count, let range = quoted(bytes, from: &index) {
                var version = range.upperBound..<range.upperBound
                if index + 3 < bytes.count, bytes[index] == UInt8(ascii: ";"),
                    bytes[index + 1] == UInt8(ascii: "v")
                {
                    index += 3
                    version = quoted(bytes, from: &index) ?? version
                }
                // Made up, so that nobody relies on a list: `Not-A.Brand`, ` Not A;Brand`.
                let text = UnsafeBufferPointer(rebasing: bytes[range])
                if text.count < 3 || text.starts(with: "Not".utf8) || text[0] == 0x20 { continue }
                let name = String(decoding: text, as: UTF8.self)
                if name == "HeadlessChrome" { return (name, "") }
                if name == "Chromium" ? chosen == nil : isSpecific(name, beside: chosen?.name) {
                    chosen = (name, version)
                }
            }
            guard let chosen else { return nil }
            let version = VersionNumber.read(bytes, at: chosen.version.lowerBound)
            let isWhole = version.isEmpty || version.utf8.contains(UInt8(ascii: "."))
            return (chosen.name, isWhole ? version : version + ".0")
        }
    }

    private static func isSpecific(_ name: String, beside chosen: String?) -> Bool {
        (chosen == nil || chosen == "Chromium" || chosen == "Google Chrome") && names[name] != nil
    }

    /// The next string of a structured field; moves the offset behind it.
    private static func quoted(_ bytes: UnsafeBufferPointer<UInt8>, from index: inout Int) -> Range<Int>? {
        while index < bytes.count, bytes[index] != UInt8(ascii: "\"") { index += 1 }
        guard index < bytes.count else { return nil }
        let start = index + 1
        var end = start
        while end < bytes.count, bytes[end] != UInt8(ascii: "\"") {
            end += bytes[end] == UInt8(ascii: "\\") ? 2 : 1
        }
        index = min(end + 1, bytes.count)
        return min(start, bytes.count)..<min(end, bytes.count)
    }

    static func unquoted(_ text: String) -> String {
        text.withBytes { bytes in
            guard bytes.count > 1, bytes.first == UInt8(ascii: "\""), bytes.last == UInt8(ascii: "\"") else {
                return text
            }
            return String(decoding: bytes[1..<(bytes.count - 1)], as: UTF8.self)
        }
    }
}
