/// Operating systems, and the words that name them in a browser's string. The first row that matches wins.
enum SystemWords {
    struct Row: Sendable {
        var name: String
        var words: [String]
        var version: Version

        init(_ name: String, _ words: String..., version: Version = .here) {
            self.name = name
            self.words = words
            self.version = version
        }
    }

    enum Version: Sendable {
        /// After the word, as far as it stands there.
        case here
        /// The number of Windows NT, as Microsoft sells it.
        case windows
        /// The number of Apple's kernel, in the requests of apps.
        case apple
        /// In the word: `windows vista`.
        case word
        case none
    }

    static let all: [Row] = [
        Row("Windows Phone", "windows phone os ", "<wds "),
        Row("Windows Phone", "windows phone ", "windows phone", "xblwp7", "zunewp7"),
        Row("Windows Mobile", "windows mobile", "windows ce", "windowsce"),
        Row("Xbox", "xbox", version: .none),
        Row("PlayStation", "playstation", version: .none),
        Row("Nintendo", "nintendo", version: .none),
        Row("KaiOS", "kaios/"),
        Row("HarmonyOS", "harmonyos", "openharmony"),
        Row("Tizen", "tizen "),
        Row("webOS", "web0s", "webos/", "hpwos/", "webos."),
        Row("VIDAA", "vidaa"),
        Row("Roku", "<roku/dvp-"),
        Row("Roku", "<roku", version: .none),
        Row("tvOS", "tvos ", "tvos/"),
        Row("watchOS", "watchos/", "watchos "),
        Row("tvOS", "apple tv", "appletv", "<tvos", version: .none),
        Row("Chromecast", "crkey/"),
        Row("Tizen", "tizen", version: .none),
        Row("Google TV", "googletv "),
        Row("Google TV", "googletv/", version: .none),
        Row("NetCast", "netcast "),
        Row("Smart TV", "viera", "hbbtv/", "smarttv20", version: .none),
        Row("BlackBerry", "<bb10;", "blackberry", "playbook", "rim tablet", version: .none),
        Row(
            "Symbian", "symbianos/", "symbianos ", "symbian/", "series60/", "series 60", "series60", "symbos",
            "<s60"),
        Row("Series 40", "series40", version: .none),
        Row("Bada", "bada/", "<bada"),
        Row("MeeGo", "meego", version: .none),
        Row("BREW", "<brew ", "<brew", "<bmp/", version: .none),
        Row("Sailfish OS", "sailfish"),
        Row("Firefox OS", "(mobile; rv:", "(tablet; rv:", version: .none),
        Row("Android", "android ", "android/", "<adr ", "android mobile/"),
        Row("Android", "android", "<silk/", "oculusbrowser", "<kfot", "<kftt", "juc(linux", version: .none),
        Row(
            "iOS", "iphone os ", "ipad os ", "cpu os ", "cpu ios ", "<ios/", "<ios ", "cpu os_", "cpu+os+",
            "iphone+os+"),
        Row("iOS", "cpu iphone ", "(iphone/"),
        Row("iOS", "iphone", "ipad", "ipod", "<ios>", version: .none),
        Row("Chrome OS", "<cros ", version: .none),
        Row("Chrome OS", "x11; windows ", version: .none),
        Row("Mac", "mac os x ", "mac os x/", "macos x ", "mac os x; u", "mac+os+x+", "<os x "),
        Row(
            "Mac", "mac os x", "macintosh", "mac_powerpc", "os/macos", "(macos;", "macos", "macbook",
            version: .none),
        Row("Windows", "windows nt ", "windows nt", "winnt", "win nt ", version: .windows),
        Row(
            "Windows", "windows/", "windows xp", "windows vista", "windows 7", "windows 8.1", "windows 8",
            "windows 10",
            "windows 11", "windows 2000", "windows 98", "windows 95", "windows me", "windows 3", "win98",
            "win95",
            "win3", "win 9x", "win9x", version: .word),
        Row("Windows", "windows", version: .none),
        Row("Ubuntu", "ubuntu/", "ubuntu ", "ubuntu;", "ubuntu"),
        Row("FreeBSD", "freebsd ", "freebsd"),
        Row("OpenBSD", "openbsd ", "openbsd"),
        Row("NetBSD", "netbsd"),
        Row("Solaris", "sunos", version: .none),
        Row("iOS", "cfnetwork/", version: .apple),
        Row("Android", "<dalvik/", version: .none),
        Row("Linux", "linux", "<x11;", version: .none),
    ]

    /// Microsoft's numbers of the kernel (Windows 11 says 10.0: only client hints tell it).
    fileprivate static func windowsVersion(_ kernel: String) -> String {
        switch kernel {
        case "10.0", "6.4": "10"
        case "6.3": "8.1"
        case "6.2": "8"
        case "6.1": "7"
        case "6.0": "Vista"
        case "5.1", "5.2": "XP"
        case "5.0", "5.01": "2000"
        default: ""
        }
    }

    /// The word itself, after `Windows `.
    fileprivate static func windowsName(_ text: UnsafeBufferPointer<UInt8>, endingAt end: Int) -> String {
        var start = end
        while start > 0, text[start - 1] != 0x20, text[start - 1] != UInt8(ascii: "/") { start -= 1 }
        let name = String(decoding: text[start..<end], as: UTF8.self)
        switch name.lowercased() {
        case "": return VersionNumber.read(text, at: end, parts: 1)
        case "xp", "vista", "2000", "me": return name
        case "7", "8", "8.1", "10", "11", "95", "98": return name
        default: return ""
        }
    }

    /// An app's requests name the kernel. Apple counts: Darwin 20 is iOS 14 and macOS 11, each year one more, until
    /// 25, which is 26 for both. A Macintosh gives its processor with it.
    fileprivate static func appleLibrary(
        _ text: UnsafeBufferPointer<UInt8>, _ seen: Sightings
    ) -> (name: String, version: String) {
        let darwin = "Darwin/".utf8.withContiguousStorageIfAvailable { text.firstEnd(of: $0) } ?? nil
        guard let darwin, let kernel = VersionNumber.major(VersionNumber.read(text, at: darwin)) else {
            return ("iOS", "")
        }
        if seen.traits.contains(.processor) {
            return (
                "Mac",
                kernel >= 25 ? "\(kernel + 1)" : kernel >= 20 ? "\(kernel - 9)" : "10.\(max(0, kernel - 4))"
            )
        }
        switch kernel {
        case 25...: return ("iOS", "\(kernel + 1)")
        case 13...: return ("iOS", "\(kernel - 6)")
        default: return ("iOS", "")
        }
    }
}

extension SystemWords.Row {
    /// Name and version, in a text in which one of the words was seen.
    func read(_ text: UnsafeBufferPointer<UInt8>, _ seen: Sightings) -> (name: String, version: String) {
        switch version {
        case .none: (name, "")
        case .here: (name, VersionNumber.read(text, at: seen.systemEnd))
        case .word: (name, SystemWords.windowsName(text, endingAt: seen.systemEnd))
        case .windows: (name, SystemWords.windowsVersion(VersionNumber.read(text, at: seen.systemEnd)))
        case .apple: SystemWords.appleLibrary(text, seen)
        }
    }
}
