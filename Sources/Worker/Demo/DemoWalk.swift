/// How visitors go from page to page.
struct DemoWalk: Sendable {
    typealias Section = DemoPages.Section

    let pages: DemoPages
    private let next: [DemoChoice]
    private let first: [DemoChoice]
    private let sections: [Section] = Section.allCases

    init(_ pages: DemoPages) {
        self.pages = pages
        func choice(_ weights: [Section: Double]) -> DemoChoice {
            DemoChoice(Section.allCases.map { weights[$0] ?? 0 })
        }
        next = Section.allCases.map { choice(DemoWalk.ways[$0] ?? [.home: 1]) }
        first = DemoWalk.entries.map { choice($0) }
    }

    /// Where a visit begins.
    func entry(_ entry: DemoSource.Entry, _ random: inout DemoRandom) -> Int {
        if entry == .launch, random.happens(perMille: 640) { return pages.launchPost }
        let row =
            switch entry {
            case .anywhere: 0
            case .front, .launch: 1
            case .blog: 2
            case .docs: 3
            case .shop: 4
            case .pricing: 5
            }
        return pages.pick(sections[first[row].pick(&random)], &random)
    }

    /// The page after a page.
    func step(from page: Int, _ random: inout DemoRandom) -> Int {
        let section = sections[next[pages.all[page].section.rawValue].pick(&random)]
        let chosen = pages.pick(section, &random)
        // Nobody asks for the page that is there; the next in rank will do.
        guard chosen == page else { return chosen }
        let list = pages.bySection[section.rawValue]
        return list.count == 1 ? pages.pick(.home, &random) : list[random.below(list.count)]
    }

    /// How many of a thousand go on to another page.
    func goesOn(from page: Int, isFirst: Bool, views: Int) -> Int {
        if views >= 24 { return 0 }
        let more =
            switch pages.all[page].section {
            case .home: 560
            case .tour, .blogIndex, .shopIndex: 640
            case .pricing: 520
            case .post: 330
            case .docs: 560
            case .product: 540
            case .cart: 680
            case .checkout: 740
            case .signup: 560
            case .welcome: 620
            case .thanks: 180
            case .company, .download: 260
            }
        return isFirst ? more : more + (1_000 - more) / 6
    }

    /// Seconds that a page is looked at, on average, and by how much it may be scrolled.
    func attention(_ page: Int) -> (seconds: Double, isLong: Bool) {
        switch pages.all[page].section {
        case .post: (74, true)
        case .docs: (96, true)
        case .product, .tour: (34, true)
        case .home: (21, true)
        case .pricing: (38, true)
        case .checkout, .signup: (46, false)
        default: (16, false)
        }
    }

    private static let entries: [[Section: Double]] = [
        [.home: 40, .post: 22, .docs: 14, .shopIndex: 4, .product: 9, .pricing: 5, .tour: 4, .blogIndex: 2],
        [.home: 80, .tour: 10, .pricing: 6, .download: 4],
        [.post: 78, .blogIndex: 10, .home: 12],
        [.docs: 80, .home: 12, .download: 4, .pricing: 4],
        [.product: 66, .shopIndex: 24, .home: 10],
        [.pricing: 66, .tour: 20, .home: 14],
    ]

    private static let ways: [Section: [Section: Double]] = [
        .home: [
            .tour: 22, .pricing: 18, .blogIndex: 9, .post: 8, .docs: 13, .shopIndex: 14, .company: 7,
            .signup: 5,
            .download: 4,
        ],
        .tour: [.pricing: 32, .tour: 22, .home: 14, .signup: 12, .docs: 12, .download: 8],
        .pricing: [.signup: 34, .tour: 16, .home: 16, .docs: 14, .company: 10, .shopIndex: 10],
        .company: [.home: 44, .company: 26, .blogIndex: 14, .pricing: 16],
        .blogIndex: [.post: 84, .home: 16],
        .post: [.post: 36, .blogIndex: 18, .home: 20, .docs: 10, .pricing: 8, .signup: 4, .shopIndex: 4],
        .docs: [.docs: 76, .home: 7, .pricing: 6, .download: 6, .blogIndex: 5],
        .shopIndex: [.product: 84, .home: 12, .cart: 4],
        .product: [.product: 40, .cart: 26, .shopIndex: 26, .home: 8],
        .cart: [.checkout: 58, .product: 22, .shopIndex: 20],
        .checkout: [.thanks: 74, .cart: 20, .home: 6],
        .thanks: [.home: 50, .shopIndex: 50],
        .signup: [.welcome: 62, .pricing: 22, .home: 16],
        .welcome: [.docs: 56, .download: 34, .home: 10],
        .download: [.docs: 60, .home: 40],
    ]
}
