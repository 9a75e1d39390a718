import Testing

@testable import Ingest

/// How far ``UserAgent`` agrees with uap-core's own cases (Apache 2.0). Its families are finer here and coarser
/// there; the tables say where our name is another on purpose.
struct UserAgentAgreementTests {
    private struct Case: Decodable {
        struct Part: Decodable { let family: String? }
        let ua: String
        let browser: Part?
        let os: Part?
    }

    /// uap-core's families that a website really sees, and our names for them.
    private static let browsers = [
        "AOL Shield Browser": "AOL Shield", "Aloha Browser": "Aloha", "Amazon Silk": "Silk",
        "Android": "Android Browser",
        "Avast Secure Browser": "Avast Secure Browser", "Baidu Browser": "Baidu Browser",
        "Baidu Explorer": "Baidu",
        "BlackBerry WebKit": "BlackBerry", "Brave": "Brave", "Chrome": "Chrome", "Chrome Mobile": "Chrome",
        "Chrome Mobile WebView": "Android WebView", "Chrome Mobile iOS": "Chrome", "Coc Coc": "Cốc Cốc",
        "DuckDuckGo": "DuckDuckGo", "DuckDuckGo Mobile": "DuckDuckGo", "Edge": "Edge", "Edge Mobile": "Edge",
        "Facebook": "Facebook", "Facebook Messenger": "Messenger", "Firefox": "Firefox",
        "Firefox Beta": "Firefox",
        "Firefox Focus": "Firefox Focus", "Firefox Mobile": "Firefox", "Firefox iOS": "Firefox",
        "Google": "Google",
        "HiBrowser": "HiBrowser", "Honor Browser": "Honor Browser", "Huawei Browser": "Huawei Browser",
        "IE": "Internet Explorer", "IE Mobile": "Internet Explorer Mobile", "Instagram": "Instagram",
        "KakaoTalk": "KakaoTalk", "LINE": "LINE", "Maxthon": "Maxthon", "MiuiBrowser": "Xiaomi Browser",
        "Mobile Safari": "Safari", "Mobile Safari UI/WKWebView": "iOS WebView",
        "Mullvad Browser": "Mullvad Browser",
        "Oculus Browser": "Meta Quest Browser", "Opera": "Opera", "Opera GX": "Opera GX",
        "Opera Mini": "Opera Mini",
        "Opera Mobile": "Opera Mobile", "Opera Tablet": "Opera Mobile", "Opera Touch": "Opera Touch",
        "Pinterest": "Pinterest", "Puffin": "Puffin", "QQ Browser": "QQ Browser",
        "QQ Browser Mobile": "QQ Browser",
        "Quark": "Quark", "Quark PC": "Quark", "Safari": "Safari", "Samsung Internet": "Samsung Internet",
        "Seznam prohlížeč": "Seznam", "Smart Lenovo Browser": "Lenovo Browser", "Snapchat": "Snapchat",
        "Telegram": "Telegram", "TikTok": "TikTok", "UC Browser": "UC Browser", "Vivaldi": "Vivaldi",
        "VivoBrowser": "Vivo Browser", "WeChat Browser": "WeChat", "Weibo": "Weibo", "Whale": "Whale",
        "Yandex Browser": "Yandex Browser",
    ]

    @Test func `browsers are named as in uap-core's cases, but for the renames`() throws {
        guard let cases = try sharedCases("ua_uap_core", of: Case.self) else { return }
        var differing: [String] = []
        var count = 0
        for entry in cases {
            guard let family = entry.browser?.family, let name = Self.browsers[family] else { continue }
            count += 1
            let agent = UserAgent(entry.ua)
            if agent.browser != name { differing.append("\(family): \(agent.browser) | \(entry.ua)") }
        }
        #expect(
            Double(count - differing.count) / Double(count) >= 0.98, "\(differing.joined(separator: "\n"))")
        print("browsers: \(count - differing.count) of \(count) agree\n\(differing.joined(separator: "\n"))")
    }

    /// Our names where they are not uap-core's. Consoles and distributions of Linux are systems of their own there or
    /// here; makes of television are not.
    private static let systems: [String: Set<String>] = [
        "Mac OS X": ["Mac"], "Mac OS": ["Mac"], "WatchOS": ["watchOS"], "ATV OS X": ["tvOS"],
        "BlackBerry OS": ["BlackBerry"], "BlackBerry Tablet OS": ["BlackBerry"], "Symbian OS": ["Symbian"],
        "Symbian^3 Anna": ["Symbian"], "Nokia Series 40": ["Series 40"], "Web0S": ["webOS"],
        "GoogleTV": ["Google TV"],
        "Chromecast Android": ["Chromecast"], "Chromecast Fuchsia": ["Chromecast"],
        "Chromecast SmartSpeaker": ["Chromecast"], "Debian": ["Linux"], "Gentoo": ["Linux"],
        "Red Hat": ["Linux"],
        "WeTab": ["Linux"], "Windows CE": ["Windows Mobile"], "Panasonic": ["Smart TV"], "Sony": ["Smart TV"],
        "Samsung": ["Smart TV"], "FireHbbTV": ["Smart TV"], "LG": ["NetCast"], "Brew MP": ["BREW"],
        "Other": ["", "Nintendo", "PlayStation"],
    ]

    @Test func `systems are named as in uap-core's cases, but for the renames`() throws {
        guard let cases = try sharedCases("ua_uap_core", of: Case.self) else { return }
        var differing: [String] = []
        var count = 0
        for entry in cases {
            guard let family = entry.os?.family else { continue }
            count += 1
            let agent = UserAgent(entry.ua)
            if !(Self.systems[family] ?? [family]).contains(agent.os) {
                differing.append("\(family): \(agent.os) | \(entry.ua)")
            }
        }
        #expect(
            Double(count - differing.count) / Double(count) >= 0.95, "\(differing.joined(separator: "\n"))")
        print("systems: \(count - differing.count) of \(count) agree\n\(differing.joined(separator: "\n"))")
    }
}
