import Testing

@testable import Ingest

struct UserAgentTests {
    @Test(arguments: [
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_13_4) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/70.0.3538.110 Safari/537.36",
            ["Chrome", "70.0", "Mac", "10.13", "Desktop"]
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_2_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.2 Mobile/15E148 Safari/604.1",
            ["Safari", "17.2", "iOS", "17.2", "Mobile"]
        ),
        (
            "Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/120.0.6099.119 Mobile/15E148 Safari/604.1",
            ["Chrome", "120.0", "iOS", "16.6", "Tablet"]
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36 Edg/124.0.2478.51",
            ["Edge", "124.0", "Windows", "10", "Desktop"]
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:125.0) Gecko/20100101 Firefox/125.0",
            ["Firefox", "125.0", "Windows", "10", "Desktop"]
        ),
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36 OPR/109.0.0.0",
            ["Opera", "109.0", "Linux", "", "Desktop"]
        ),
        (
            "Mozilla/5.0 (Linux; Android 14; SAMSUNG SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/24.0 Chrome/117.0.0.0 Mobile Safari/537.36",
            ["Samsung Internet", "24.0", "Android", "14", "Mobile"]
        ),
        (
            "Mozilla/5.0 (Linux; Android 13; SM-X706B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
            ["Chrome", "120.0", "Android", "13", "Tablet"]
        ),
        (
            "Mozilla/5.0 (Linux; Android 6.0; U007 Pro Build/MRA58K; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/44.0.2403.119 Mobile Safari/537.36",
            ["Android WebView", "44.0", "Android", "6.0", "Mobile"]
        ),
        (
            "Mozilla/5.0 (SMART-TV; LINUX; Tizen 6.0) AppleWebKit/537.36 (KHTML, like Gecko) 76.0.3809.146/6.0 TV Safari/537.36",
            ["Safari", "", "Tizen", "6.0", "TV"]
        ),
        (
            "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36",
            ["Chrome", "124.0", "Chrome OS", "", "Desktop"]
        ),
        (
            "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0",
            ["Firefox", "115.0", "Ubuntu", "", "Desktop"]
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/22B83 [FBAN/FBIOS;FBAV/490.0.0.53.92;FBBV/1;FBDV/iPhone16,1]",
            ["Facebook", "490.0", "iOS", "18.1", "Mobile"]
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko",
            ["Internet Explorer", "11.0", "Windows", "10", "Desktop"]
        ),
        ("unknown UA", ["", "", "", "", ""]),
    ])
    func `a string tells browser, system and device`(agent: String, expected: [String]) {
        #expect(told(UserAgent(agent)) == expected)
    }

    private static let chrome =
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36"

    @Test(arguments: [
        (
            ClientHints(
                brands: #""Chromium";v="124", "Brave";v="124", "Not-A.Brand";v="99""#,
                platform: #""Windows""#,
                mobile: "?0", platformVersion: #""15.0.0""#), ["Brave", "124.0", "Windows", "11", "Desktop"]
        ),
        (
            ClientHints(
                brands: #""Not(A:Brand";v="8", "Chromium";v="130", "Google Chrome";v="130""#,
                platform: #""macOS""#,
                mobile: "?0", platformVersion: #""14.5.0""#), ["Chrome", "130.0", "Mac", "14.5", "Desktop"]
        ),
        (
            ClientHints(
                brands: #""Chromium";v="124""#, platform: #""Android""#, mobile: "?1",
                platformVersion: #""14.0.0""#,
                model: #""Pixel 8""#), ["Chrome", "124.0", "Android", "14", "Mobile"]
        ),
        (
            ClientHints(brands: #""Opera";v="109", "Chromium";v="123""#, platform: #""Linux""#, mobile: "?0"),
            ["Opera", "109.0", "Windows", "10", "Desktop"]
        ),
        (
            ClientHints(
                brands: #""Chromium";v="124""#, platform: #""Windows""#,
                fullVersionList: #""Chromium";v="124.0.6367.60", "Vivaldi";v="6.7.3329.21""#),
            ["Vivaldi", "6.7", "Windows", "10", "Desktop"]
        ),
        (
            ClientHints(brands: "\"unfinished;v=", platform: "\"", mobile: "?"),
            ["Chrome", "124.0", "Windows", "10", "Desktop"]
        ),
        (ClientHints(), ["Chrome", "124.0", "Windows", "10", "Desktop"]),
    ])
    func `hints correct what the string hides`(hints: ClientHints, expected: [String]) {
        #expect(told(UserAgent(Self.chrome, hints)) == expected)
    }

    @Test func `a headless brand is a bot whatever the string says`() {
        let hints = ClientHints(brands: #""HeadlessChrome";v="124", "Chromium";v="124""#)
        #expect(UserAgent(Self.chrome, hints).bot == .headless)
    }

    private func told(_ agent: UserAgent) -> [String] {
        [agent.browser, agent.browserVersion, agent.os, agent.osVersion, agent.device.rawValue]
    }
}
