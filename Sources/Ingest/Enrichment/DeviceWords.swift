/// What a string says about the thing that the browser runs on.
struct Traits: OptionSet, Sendable {
    let rawValue: UInt16

    static let television = Traits(rawValue: 1 << 0)
    static let tablet = Traits(rawValue: 1 << 1)
    static let mobile = Traits(rawValue: 1 << 2)
    static let desktop = Traits(rawValue: 1 << 3)
    /// A Macintosh's, behind the name of the system's library.
    static let processor = Traits(rawValue: 1 << 4)
    /// An `@`: perhaps the address of whoever operates it.
    static let at = Traits(rawValue: 1 << 5)
}

/// The words that tell a device, and the rule for where there are none.
enum DeviceWords {
    static let all: [(word: String, trait: Traits)] =
        words(
            .television,
            "smart-tv", "smarttv", "smart tv", "googletv", "google tv", "android tv", "androidtv", "apple tv",
            "appletv",
            "hbbtv", "netcast", "web0s", "viera", "bravia", "<roku", "crkey", "<aft", "firetv",
            "tizen 2.4; tv", "dtv",
            "inettvbrowser", "large screen", "vidaa", "opera tv", "philipstv", "nexus player",
            "shield android",
            "mitv", "mi box", "playstation", "xbox", "nintendo", "vizio", "<stb", "webtv", "tvos", "<tsv2",
            "<tv;",
            "<omi/", "<ctv>", "lg tv", "sonydtv", "netbox", "webos.tv", "<ce-html", "<maple"
        )
        + words(
            .tablet,
            "ipad", "tablet;", "tablet ", "tablet/", "playbook", "touchpad", "hp-tablet", "kindle", "<silk/",
            "<sm-t",
            "<sm-x", "<gt-p", "nexus 7", "nexus 9", "nexus 10", "xoom", "<kf", "<nook", "transformer",
            "pixel c",
            "<lenovo tb", "<tb-", "mediapad", "matepad", "mi pad", "redmi pad", "xiaomi pad", "pixel tablet",
            "<oppo pad", "galaxy tab", "surface duo"
        )
        + words(
            .mobile,
            "mobile", "iphone", "ipod", "phone", "opera mini", "opera mobi", "midp", "blackberry", "<bb10;",
            "symbian",
            "series60", "series40", "nokia", "sonyericsson", "ucweb", "up.browser", "obigo", "kaios",
            "watchos",
            "brew", "fban/fb4a", "fban/fbios", "windows ce", "<iemobile", "<psp", "wap2", "<j2me", "palm",
            "moto g"
        )
        + words(.desktop, "<cros ", "macintosh", "windows nt", "<x11;")
        + words(.processor, "(x86_64)", "(i386)", "(arm64)", "macbook", "(macintosh)")
        + words(.at, "@")

    private static func words(_ trait: Traits, _ words: String...) -> [(word: String, trait: Traits)] {
        words.map { ($0, trait) }
    }

    /// Google asks makers to write `Mobile` for telephones and leave it out for tablets
    /// (developer.chrome.com/docs/multidevice/user-agent), and most do.
    static func judge(_ home: Home, _ seen: Sightings) -> UserAgent.Device {
        let traits = seen.traits
        if traits.contains(.television) { return .tv }
        switch home {
        case .desk: return .desktop
        case .mac: return traits.contains(.mobile) && !traits.contains(.desktop) ? .mobile : .desktop
        case .livingRoom: return .tv
        case .pocket: return .mobile
        case .android, .hand, .anywhere, .unknown: break
        }
        if traits.contains(.tablet) { return .tablet }
        if traits.contains(.mobile) { return .mobile }
        return switch home {
        case .android: seen.browser < Int.max ? .tablet : .mobile
        case .hand: .mobile
        case .anywhere: .desktop
        default: .unknown
        }
    }

    /// Where a system is at home.
    enum Home {
        case desk, mac, livingRoom, pocket, android
        /// In telephones and tablets.
        case hand
        /// Linux.
        case anywhere
        case unknown
    }

    static func home(ofSystem name: String) -> Home {
        switch name {
        case "Windows", "Chrome OS", "Ubuntu", "FreeBSD", "OpenBSD", "NetBSD", "Solaris": .desk
        case "Mac": .mac
        case "Xbox", "PlayStation", "Nintendo", "Roku", "tvOS", "Google TV", "Smart TV", "Chromecast":
            .livingRoom
        case "Windows Phone", "Windows Mobile", "watchOS", "KaiOS": .pocket
        case "Android": .android
        case "HarmonyOS", "iOS", "Symbian", "Bada", "BREW", "webOS", "BlackBerry", "Firefox OS": .hand
        case "Linux": .anywhere
        default: .unknown
        }
    }
}
