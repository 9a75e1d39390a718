/// The pages of a made-up company that sells an app and notebooks made of paper: a front, a blog, documentation, a shop.
struct DemoPages: Sendable {
    /// What kind of page it is: where people come in, how long they stay and where they go next.
    enum Section: Int, CaseIterable, Sendable {
        case home, tour, pricing, company, blogIndex, post, docs, shopIndex, product, cart, checkout, thanks
        case signup, welcome, download
    }

    struct Page: Sendable {
        let path: String
        let title: String
        let section: Section
        /// Millionths; of a product.
        var price: Int64 = 0
    }

    let all: [Page]
    /// The pages of each section, the most popular first.
    let bySection: [[Int]]
    let popularity: [DemoChoice]
    /// The post that the launch was announced with.
    let launchPost: Int

    init(name: String) {
        var pages = [
            Page(path: "/", title: "\(name): notes that stay in order", section: .home),
            Page(path: "/features", title: "Features · \(name)", section: .tour),
            Page(path: "/tour", title: "A tour in two minutes · \(name)", section: .tour),
            Page(path: "/customers", title: "Who writes with \(name)", section: .tour),
            Page(path: "/pricing", title: "Pricing · \(name)", section: .pricing),
            Page(path: "/about", title: "About us · \(name)", section: .company),
            Page(path: "/contact", title: "Contact · \(name)", section: .company),
            Page(path: "/jobs", title: "Jobs · \(name)", section: .company),
            Page(path: "/privacy", title: "Privacy · \(name)", section: .company),
            Page(path: "/blog", title: "Blog · \(name)", section: .blogIndex),
            Page(path: "/shop", title: "Shop · \(name)", section: .shopIndex),
            Page(path: "/cart", title: "Your cart · \(name)", section: .cart),
            Page(path: "/checkout", title: "Checkout · \(name)", section: .checkout),
            Page(path: "/checkout/thanks", title: "Thank you · \(name)", section: .thanks),
            Page(path: "/signup", title: "Create an account · \(name)", section: .signup),
            Page(path: "/welcome", title: "Welcome to \(name)", section: .welcome),
            Page(path: "/download", title: "Download · \(name)", section: .download),
        ]
        for title in DemoPages.posts {
            pages.append(
                Page(path: "/blog/\(DemoPages.slug(title))", title: "\(title) · \(name)", section: .post))
        }
        for (chapter, titles) in DemoPages.chapters {
            let folder = "/docs/\(DemoPages.slug(chapter))"
            for title in titles {
                pages.append(
                    Page(
                        path: "\(folder)/\(DemoPages.slug(title))", title: "\(title) · \(chapter) · Docs",
                        section: .docs))
            }
        }
        for (title, cents) in DemoPages.products {
            pages.append(
                Page(
                    path: "/shop/\(DemoPages.slug(title))", title: "\(title) · \(name)", section: .product,
                    price: cents * 10_000))
        }
        var bySection = Section.allCases.map { _ in [Int]() }
        for (index, page) in pages.enumerated() { bySection[page.section.rawValue].append(index) }
        all = pages
        self.bySection = bySection
        popularity = bySection.map { DemoChoice(ranked: $0.count) }
        launchPost = bySection[Section.post.rawValue][0]
    }

    func pick(_ section: Section, _ random: inout DemoRandom) -> Int {
        bySection[section.rawValue][popularity[section.rawValue].pick(&random)]
    }

    private static func slug(_ title: String) -> String {
        let words = title.lowercased().split { !$0.isLetter && !$0.isNumber }
        return words.joined(separator: "-")
    }

    private static let posts = [
        "Version 2 is here", "How we moved to one database", "Why our notes are plain text",
        "A year without meetings on Mondays", "Paper that does not bleed", "Search in three milliseconds",
        "What we learned from 400 support mails", "Keyboard first", "The day the power went out",
        "Small tools for small teams", "How to keep a lab journal", "Writing minutes that people read",
        "Dark paper, light ink", "Sync without a server", "Our prices, explained", "Tags or folders",
        "Offline is a feature", "A notebook for the rain", "Version 1.9: tables",
        "Interview with a cartographer",
        "Fonts for long texts", "How we test on old telephones", "Import from anywhere",
        "Version 1.8: sharing",
        "What a backup is", "The index card method", "Five templates for teachers", "A quieter editor",
        "Handwriting and memory", "Version 1.7: history", "Reading lists that end",
        "Where our paper comes from",
        "Letters to the editor", "Drawing in the margin", "Undo, all the way", "A calendar of one page",
    ]

    private static let chapters: [(String, [String])] = [
        ("Start", ["Install", "First note", "Import", "Keyboard", "Move from another app", "Devices"]),
        (
            "Writing",
            ["Tables", "Links", "Pictures", "Formulas", "Templates", "History", "Tasks", "Footnotes"]
        ),
        ("Sharing", ["Teams", "Public notes", "Comments", "Roles", "Guests"]),
        ("API", ["Authentication", "Notes", "Search", "Webhooks", "Limits", "Errors", "Changes"]),
        ("Running", ["Backup", "Restore", "Sync", "Encryption", "Command line", "Proxy", "Upgrade"]),
        ("Account", ["Billing", "Invoices", "Close an account", "Two factors"]),
    ]

    /// With their prices in cents.
    private static let products: [(String, Int64)] = [
        ("Notebook A5, dotted", 1_490), ("Notebook A5, lined", 1_490), ("Notebook A4, plain", 1_990),
        ("Pocket notebook, three", 1_190), ("Rain notebook", 1_790), ("Lab journal", 2_450),
        ("Fountain pen, fine", 3_900), ("Fountain pen, broad", 3_900), ("Ink, blue black", 950),
        ("Ink, moss", 950), ("Pencils, twelve", 1_250), ("Desk calendar", 1_650), ("Index cards", 690),
        ("Leather cover", 5_900), ("Bookmark", 350), ("Gift card", 2_500),
    ]
}
