/// What a user agent says of its user: who it is, or that it is nobody.
///
/// The string is read once, by one ``WordAutomaton`` over the words of ``BotWords``, ``BrowserWords``,
/// ``SystemWords`` and ``DeviceWords``. Of each kind the word whose row stands first in its table wins; so a table's
/// order is its logic: `OPR/` before `Chrome/` before `Safari/`, since each pretends to be the next.
///
/// Facts: the vendors' own documentation of their strings, RFC 9110 10.1.5, and the string as a browser of that kind
/// sends it. No list of another project was copied; the cases that it is measured with are named in its tests.
struct UserAgent: Equatable, Sendable {
    var browser = ""
    /// Major and minor number: `124.0`.
    var browserVersion = ""
    var os = ""
    var osVersion = ""
    var device = Device.unknown
    /// Nil for a person, as far as can be told.
    var bot: BotClass?

    enum Device: String, Sendable {
        case unknown = ""
        case desktop = "Desktop"
        case mobile = "Mobile"
        case tablet = "Tablet"
        case tv = "TV"
    }

    /// Nobody.
    init(bot: BotClass? = nil) {
        self.bot = bot
    }

    init(_ text: String) {
        self = text.withBytes(UserAgent.read)
    }

    private static func read(_ text: UnsafeBufferPointer<UInt8>) -> UserAgent {
        let words = Words.shared
        var seen = Sightings()
        words.automaton.scan(text) { word, end in seen.note(words.meanings[word], end) }
        var agent = UserAgent(bot: Bots.judge(text, seen))
        if seen.browser < Int.max {
            agent.browser = words.browsers[seen.browser].name
            agent.browserVersion = words.browsers[seen.browser].version.read(
                text, after: seen.browserEnd, seen)
        }
        var home = DeviceWords.Home.unknown
        if seen.system < Int.max {
            home = words.homes[seen.system]
            (agent.os, agent.osVersion) = words.systems[seen.system].read(text, seen)
        }
        agent.device = DeviceWords.judge(home, seen)
        if home == .android, seen.versionEnd > 0 {
            // Android's own browser until 4.3 claims to be Safari, and its WebView a Chrome with a version of Safari.
            if agent.browser == "Safari" { agent.browser = "Android Browser" }
            if agent.browser == "Chrome" { agent.browser = "Android WebView" }
        }
        return agent
    }
}

/// What the automaton saw in one string.
struct Sightings {
    /// Rows of the tables; `Int.max` for none.
    var bot = Int.max
    var browser = Int.max
    var browserEnd = 0
    var system = Int.max
    var systemEnd = 0
    var traits: Traits = []
    /// The offsets after `Version/` and `Trident/`; 0 for none.
    var versionEnd = 0
    var tridentEnd = 0

    @inline(__always)
    mutating func note(_ meaning: WordMeaning, _ end: Int) {
        switch meaning {
        case .bot(let row): bot = min(bot, row)
        case .browser(let row): if row < browser { (browser, browserEnd) = (row, end) }
        case .system(let row): if row < system { (system, systemEnd) = (row, end) }
        case .trait(let trait): traits.formUnion(trait)
        case .version: if versionEnd == 0 { versionEnd = end }
        case .trident: if tridentEnd == 0 { tridentEnd = end }
        }
    }
}

/// What finding a word means.
enum WordMeaning: Sendable {
    case bot(Int), browser(Int), system(Int), trait(Traits), version, trident
}

/// All words of the tables, and their automaton: built once, in about ten milliseconds, at the collector's start.
private final class Words: Sendable {
    static let shared = Words()

    let automaton: WordAutomaton
    let meanings: [WordMeaning]
    let browsers = BrowserWords.all
    let systems = SystemWords.all
    let homes = SystemWords.all.map { DeviceWords.home(ofSystem: $0.name) }

    private init() {
        var all: [(word: String, meaning: WordMeaning)] = []
        for (row, entry) in BotWords.all.enumerated() {
            all += entry.words.split(separator: "|").map { (String($0), .bot(row)) }
        }
        all += BotWords.exceptions.map { ("!\($0)", .trait([])) }
        for (row, entry) in BrowserWords.all.enumerated() { all += entry.words.map { ($0, .browser(row)) } }
        for (row, entry) in SystemWords.all.enumerated() { all += entry.words.map { ($0, .system(row)) } }
        all += DeviceWords.all.map { ($0.word, .trait($0.trait)) }
        all += [("version/", .version), ("trident/", .trident)]
        automaton = WordAutomaton(all.map(\.word))
        meanings = all.map(\.meaning)
    }
}

extension UserAgent {
    /// Builds the tables before the first request needs them.
    static func prepare() {
        _ = UserAgent("Mozilla/5.0")
    }
}
