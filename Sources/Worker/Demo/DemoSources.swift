import Days

/// Where the made-up visitors come from. Names, channels and referrers are those that the collector would find out.
struct DemoSource: Sendable {
    /// Where a visit begins.
    enum Entry: Sendable {
        case anywhere, front, blog, docs, shop, pricing, launch
    }

    let name: String
    let channel: String
    /// As the collector keeps it.
    var referrer = ""
    /// utm_source, medium, campaign, content, term.
    var tags = ["", "", "", "", ""]
    /// In proportion to the others, on an ordinary day.
    let weight: Double
    var entry = Entry.anywhere
    /// How many of a thousand come with a telephone.
    var mobile = 420
    var season = Season.always

    enum Season: Sendable {
        case always
        /// The day of the launch and, in a smaller measure, the week after it.
        case launch
        /// From there to there, in thousandths of the whole time.
        case between(Int, Int)
        /// That weekday; the day after has a fifth of it.
        case weekly(Int)
    }

    static let all: [DemoSource] = [
        DemoSource(name: "", channel: "Direct", weight: 3_300, mobile: 380),
        DemoSource(
            name: "Google", channel: "Organic Search", referrer: "google.com", weight: 3_000, mobile: 520),
        DemoSource(
            name: "Bing", channel: "Organic Search", referrer: "bing.com", weight: 300, mobile: 90),
        DemoSource(
            name: "DuckDuckGo", channel: "Organic Search", referrer: "duckduckgo.com", weight: 280,
            mobile: 400),
        DemoSource(
            name: "Ecosia", channel: "Organic Search", referrer: "ecosia.org", weight: 60, mobile: 350),
        DemoSource(
            name: "Yahoo!", channel: "Organic Search", referrer: "search.yahoo.com", weight: 40, mobile: 300),
        DemoSource(
            name: "GitHub", channel: "Organic Social", referrer: "github.com/topics/notes", weight: 260,
            entry: .docs, mobile: 90),
        DemoSource(
            name: "Stack Overflow", channel: "Organic Social", referrer: "stackoverflow.com/questions",
            weight: 120,
            entry: .docs, mobile: 70),
        DemoSource(
            name: "Reddit", channel: "Organic Social", referrer: "reddit.com/r/notebooks", weight: 260,
            entry: .blog,
            mobile: 640),
        DemoSource(
            name: "LinkedIn", channel: "Organic Social", referrer: "linkedin.com", weight: 150, entry: .blog,
            mobile: 560),
        DemoSource(
            name: "Facebook", channel: "Organic Social", referrer: "m.facebook.com", weight: 130,
            entry: .shop,
            mobile: 880),
        DemoSource(
            name: "Instagram", channel: "Organic Social", referrer: "l.instagram.com", weight: 140,
            entry: .shop,
            mobile: 960),
        DemoSource(
            name: "Pinterest", channel: "Organic Social", referrer: "pinterest.com", weight: 110,
            entry: .shop,
            mobile: 800),
        DemoSource(
            name: "Mastodon", channel: "Organic Social", referrer: "mastodon.social", weight: 90,
            entry: .blog,
            mobile: 520),
        DemoSource(
            name: "Youtube", channel: "Organic Video", referrer: "youtube.com", weight: 110, entry: .front,
            mobile: 560),
        DemoSource(
            name: "Wikipedia", channel: "Referral", referrer: "en.wikipedia.org/wiki/Note-taking", weight: 70,
            mobile: 450),
        DemoSource(
            name: "stationery.example", channel: "Referral", referrer: "stationery.example/best-notebooks",
            weight: 120,
            entry: .shop, mobile: 500),
        DemoSource(
            name: "weeknotes.example", channel: "Referral", referrer: "weeknotes.example/tools", weight: 80,
            entry: .blog, mobile: 330),
        DemoSource(
            name: "chatgpt.com", channel: "AI Assistants", referrer: "chatgpt.com", weight: 120, entry: .docs,
            mobile: 250),
        DemoSource(
            name: "Perplexity", channel: "AI Assistants", referrer: "perplexity.ai", weight: 50, entry: .docs,
            mobile: 200),
        DemoSource(
            name: "Claude", channel: "AI Assistants", referrer: "claude.ai", weight: 50, entry: .docs,
            mobile: 150),
        DemoSource(
            name: "Gmail", channel: "Email", referrer: "mail.google.com/mail/u/0", weight: 90, entry: .front,
            mobile: 150),
        // Campaigns.
        DemoSource(
            name: "newsletter", channel: "Email",
            tags: ["newsletter", "email", "weekly-letter", "first-link", ""],
            weight: 1_400, entry: .blog, mobile: 470, season: .weekly(2)),
        DemoSource(
            name: "newsletter", channel: "Email",
            tags: ["newsletter", "email", "weekly-letter", "footer", ""],
            weight: 300, entry: .shop, mobile: 470, season: .weekly(2)),
        DemoSource(
            name: "Google", channel: "Paid Search", referrer: "google.com",
            tags: ["google", "cpc", "notes-app", "headline-a", "note taking app"], weight: 260,
            entry: .pricing,
            mobile: 560, season: .between(300, 700)),
        DemoSource(
            name: "Google", channel: "Paid Search", referrer: "google.com",
            tags: ["google", "cpc", "notes-app", "headline-b", "encrypted notes"], weight: 180,
            entry: .pricing,
            mobile: 540, season: .between(300, 700)),
        DemoSource(
            name: "Facebook", channel: "Paid Social", referrer: "m.facebook.com",
            tags: ["facebook", "paid_social", "paper-week", "video", ""], weight: 520, entry: .shop,
            mobile: 930,
            season: .between(700, 780)),
        DemoSource(
            name: "Instagram", channel: "Paid Social", referrer: "l.instagram.com",
            tags: ["instagram", "paid_social", "paper-week", "story", ""], weight: 420, entry: .shop,
            mobile: 980,
            season: .between(700, 780)),
        // The launch.
        DemoSource(
            name: "Hacker News", channel: "Organic Social", referrer: "news.ycombinator.com/item", weight: 60,
            entry: .launch, mobile: 330),
        DemoSource(
            name: "Hacker News", channel: "Organic Social", referrer: "news.ycombinator.com/item",
            weight: 17_000,
            entry: .launch, mobile: 330, season: .launch),
        DemoSource(
            name: "Product Hunt", channel: "Organic Social", referrer: "producthunt.com/posts", weight: 5_500,
            entry: .launch, mobile: 280, season: .launch),
        DemoSource(
            name: "Lobsters", channel: "Organic Social", referrer: "lobste.rs", weight: 1_800, entry: .launch,
            mobile: 180,
            season: .launch),
    ]
}
