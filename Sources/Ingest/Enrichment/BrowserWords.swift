/// Browsers, and the words that their strings have and others' have not.
///
/// The first row that matches wins: apps that show pages in a view of their own before browsers that build upon
/// another before those that are built upon. To know another, add a row where it belongs.
enum BrowserWords {
    struct Row: Sendable {
        var name: String
        var words: [String]
        var version = Version.here

        init(_ name: String, _ words: String..., version: Version = .here) {
            self.name = name
            self.words = words
            self.version = version
        }
    }

    enum Version: Sendable {
        /// After the word.
        case here
        /// After `Version/`.
        case version
        /// Internet Explorer's, which claims to be older for pages made for the older one: by its engine.
        case trident
        /// After another word: Facebook's `FBAV/`.
        case after(StaticString)
        case none

        func read(_ text: UnsafeBufferPointer<UInt8>, after end: Int, _ seen: Sightings) -> String {
            switch self {
            case .here: return VersionNumber.read(text, at: end)
            case .version: return seen.versionEnd == 0 ? "" : VersionNumber.read(text, at: seen.versionEnd)
            case .trident:
                guard seen.tridentEnd > 0,
                    let engine = VersionNumber.major(VersionNumber.read(text, at: seen.tridentEnd)),
                    (4...8).contains(engine)
                else { return VersionNumber.read(text, at: end) }
                return "\(min(11, engine + 4)).0"
            case .after(let word):
                return word.withUTF8Buffer { text.firstEnd(of: $0) }.map { VersionNumber.read(text, at: $0) }
                    ?? ""
            case .none: return ""
            }
        }
    }

    static let all: [Row] = [
        // Apps
        Row("Instagram", "<instagram"),
        Row("Messenger", "fb_iab/messenger", "fban/messenger", version: .after("FBAV/")),
        Row("Threads", "<barcelona "),
        Row("Facebook", "fban/", "fb_iab/", "[fban", "metaiab facebook", version: .after("FBAV/")),
        Row("Pinterest", "pinterest for android tablet/", "pinterest for android/"),
        Row("Pinterest", "<pinterest"),
        Row("TikTok", "musical_ly_2", "bytedancewebview", "<trill_2", version: .after("app_version/")),
        Row("TikTok", "musical_ly", "<trill"),
        Row("Snapchat", "<snapchat"),
        Row("LinkedIn", "linkedinapp"),
        Row("X", "twitter for iphone", "twitter for ipad", "twitterandroid"),
        Row("Telegram", "telegram-android", "telegram-ios", "<telegram/"),
        Row("WeChat", "micromessenger", "wxwork", "wechat/"),
        Row("KakaoTalk", "kakaotalk"),
        Row("LINE", "<line/"),
        Row("Naver", "naver(", "<naver/", version: .none),
        Row("Weibo", "<weibo (", "<weibo", version: .after("__weibo__")),
        Row("Viber", "<viber"),
        Row("Reddit", "<reddit/", "reddit/version"),
        Row("Flipboard", "<flipboard/"),
        Row("Google", "<gsa/", "googleapp/", "geminiios/", "gnews android"),
        Row("Bing", "bingweb/", "bingsapphire/"),
        Row("Start", "newssapphire/"),
        Row("Honor Browser", "<bdhonorbrowser/"),
        Row("Baidu", "baiduboxapp"),
        Row("Phantom", "phantom/ios", "phantom/android"),
        Row("Spotify", "<spotify/"),
        Row("Slack", "slack_ssb", "<slack/"),
        Row("Discord", "<discord/"),
        Row("Microsoft Teams", "<teams/"),
        Row("Steam", "valve steam", "valve client", "steam gameoverlay", version: .none),
        Row(
            "Outlook", "microsoft outlook mail", "microsoft outlook", "outlook-ios", "outlook-express",
            version: .none),
        Row("Outlook", "msoffice ", version: .here),
        Row("Windows Live Mail", "windows live mail"),
        Row("Lotus Notes", "lotus-notes"),
        Row("Thunderbird", "thunderbird"),
        Row("Postbox", "postbox/"),

        // Built on Chromium, and on Firefox and WebKit
        Row("Opera Mini", "opera mini", "opios/"),
        Row("UC Browser", "ucbrowser", "uc browser", "ucweb", "<ubrowser/", "ucmobile/", "ucpro/", "<uc/"),
        Row("Opera Mobile", "opera mobi", "opera tablet", version: .version),
        Row("Opera Touch", "opt/"),
        Row("Opera GX", "oprgx/", "opx/"),
        Row("Opera Coast", "<coast/"),
        Row("Opera Neon", "<mms/1.0.2", version: .none),
        Row("Edge", "edg/", "edge/", "edga/", "edgios/", "edgw/"),
        Row("Meta Quest Browser", "oculusbrowser/"),
        Row("Wolvic", "wolvic/"),
        Row("Silk", "<silk/"),
        Row("Samsung Internet", "samsungbrowser"),
        Row("Yandex Browser", "yabrowser", "yasearchbrowser", "yaapp_android", "yandexsearch"),
        Row("Whale", "<whale/"),
        Row("Vivaldi", "vivaldi"),
        Row("Brave", "<brave/", "bravesoftware"),
        Row("DuckDuckGo", "duckduckgo/", "<ddg/"),
        Row("Ecosia", "ecosia android", "ecosia ios", "(ecosia"),
        Row("Xiaomi Browser", "miuibrowser", "mint browser"),
        Row("Huawei Browser", "huaweibrowser", "hbpc/"),
        Row("Honor Browser", "honorbrowser"),
        Row("Vivo Browser", "vivobrowser"),
        Row("OPPO Browser", "heytapbrowser", "oppobrowser"),
        Row("Lenovo Browser", "slbrowser"),
        Row("HiBrowser", "hibrowser"),
        Row("Phoenix", "<phx/"),
        Row("QQ Browser", "mqqbrowser/mini", "mqqbrowser", "qqbrowser"),
        Row("Quark", "quarkpc/", "<quark/"),
        Row("Sogou Explorer", "metasr", "sogoumobilebrowser"),
        Row("360 Browser", "360se", "360ee", "qihu 360", "qhbrowser"),
        Row("Cốc Cốc", "coc_coc_browser"),
        Row("Aloha", "alohabrowser"),
        Row("Maxthon", "mxbrowser", "maxthon", "mxios/"),
        Row("Puffin", "puffin"),
        Row("Seznam", "sznprohlizec"),
        Row("Avast Secure Browser", "<avast/"),
        Row("AVG Secure Browser", "<avg/"),
        Row("Norton Browser", "<norton/"),
        Row("CCleaner Browser", "ccleaner/"),
        Row("AOL Shield", "aolshield"),
        Row("Sber Browser", "sberbrowser"),
        Row("Sleipnir", "sleipnir"),
        Row("Iron", "<iron"),
        Row("Comodo Dragon", "comodo_dragon"),
        Row("Epic", "<epic/"),
        Row("Iridium", "iridium/"),
        Row("Falkon", "falkon/", "qupzilla/"),
        Row("qutebrowser", "qutebrowser"),
        Row("Vewd", "<omi/"),
        Row("Crosswalk", "crosswalk/"),
        Row("Kiwi", "<kiwi"),
        Row("Ghostery", "ghostery"),
        Row("Baidu Browser", "baidubrowser", "bidubrowser", "flyflow"),
        Row("Mullvad Browser", "mullvadbrowser"),
        Row("Pale Moon", "palemoon", "goanna"),
        Row("Waterfox", "waterfox"),
        Row("LibreWolf", "librewolf"),
        Row("SeaMonkey", "seamonkey"),
        Row("IceCat", "icecat", "iceweasel"),
        Row("Mypal", "mypal/"),
        Row("Basilisk", "basilisk"),
        Row("K-Meleon", "k-meleon"),
        Row("Camino", "camino/"),
        Row("Konqueror", "konqueror"),
        Row("Epiphany", "epiphany"),
        Row("Midori", "midori"),
        Row("Arora", "arora/"),
        Row("Ladybird", "ladybird"),
        Row("Lynx", "^lynx/"),
        Row("Nokia Browser", "nokiabrowser", "browserng/", "s40ovibrowser"),
        Row("Nokia Browser", "symbianos/9", "symbian/3", version: .none),
        Row("webOS Browser", "wosbrowser", "<webos/", version: .none),
        Row("BlackBerry", "<bb10;", "blackberry", "playbook", version: .version),
        Row("Nintendo Browser", "nintendobrowser"),
        Row(
            "PlayStation", "playstation 3", "playstation 4", "playstation 5", "playstation vita",
            version: .none),
        Row("KaiOS Browser", "kaios/"),

        // Those that the others build upon
        Row("Opera", "<opr/"),
        Row("Opera", "opera/9.80", version: .version),
        Row("Opera", "<opera/", "<opera ", version: .here),
        Row("Internet Explorer Mobile", "iemobile"),
        Row("AOL", "aol 9", "aol 8", version: .none),
        Row("Internet Explorer", "msie ", "msie", "<trident/", "(ie 1", version: .trident),
        Row("Firefox Focus", "<focus/", "<klar/"),
        Row("Firefox", "fxios/", "<firefox/", "<firefox-4.0/", "<minefield/", "fennec/"),
        Row("Chrome", "crios/", "crmo/"),
        Row("Android WebView", "; wv)", version: .after("Chrome/")),
        Row("Chromium", "<chromium/"),
        Row("Electron", "<electron/"),
        Row("Chrome", "<chrome/"),
        Row("Safari", "<safari>", "safari/", version: .version),
        Row("iOS WebView", "iphone;", "ipad;", "ipod;", "ipod touch;", "iphone ", version: .none),
        Row("Android Browser", "<android browser", version: .version),
    ]
}

extension UnsafeBufferPointer<UInt8> {
    /// The offset after the first occurrence of a word, written as it stands in the text.
    func firstEnd(of word: UnsafeBufferPointer<UInt8>) -> Int? {
        guard count >= word.count else { return nil }
        outer: for start in 0...(count - word.count) {
            for index in 0..<word.count where self[start + index] != word[index] { continue outer }
            return start + word.count
        }
        return nil
    }
}
