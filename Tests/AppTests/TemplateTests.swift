import Days
import FoundationEssentials
import HTTPTypes
import Operations
import TestSupport
import Testing

@testable import App
@testable import Auth
@testable import Outbound
@testable import Stats

/// swift-mustache renders a typo as nothing, silently. Here every tag of every template is looked up in what
/// its page supplies, along every section that is entered.
@Suite struct TemplateTests {
    @Test func `every tag of every template is supplied by its page`() async throws {
        try await withApplication { tab, database, web in
            let site = try await database.site()
            let session = try await TemplateTests.session(database)
            var check = try TagCheck()
            for page in try TemplateTests.pages(site, web.configuration) {
                func walk(_ page: some Page, _ browser: Browser, _ placement: Placement = .everybody) {
                    check.walk(
                        type(of: page).template, web.frame(page, csrf: "token", browser, for: placement))
                }
                for browser in [Browser(), Browser(token: .random(), session: session)] {
                    walk(page, browser)
                }
                walk(page, Browser(), .embedded(path: "/embed/x", origins: [], theme: "dark"))
            }
            #expect(check.missing.sorted() == [])
            #expect(check.neverEntered.sorted() == [])
            #expect(check.neverUsed.sorted() == [])
        }
    }

    @Test func `a typo in a template does not pass`() throws {
        var check = try TagCheck(templates: [
            "a": "{{#rows}}{{nmae}}{{/rows}}{{^none}}{{>b}}{{/none}}", "b": "{{c}}",
        ])
        check.walk("a", ["rows": [["name": "x"] as Model], "none": false])
        #expect(check.missing.sorted() == ["a: nmae", "b: c"])
    }

    private static func session(_ database: TestDatabase) async throws -> Session {
        let identity = database.identity()
        let signedIn = try await identity.signUp(
            email: "ada@example.org", password: "rice cake steam", name: "Ada")
        return try await identity.session(token: signedIn.token.text)!
    }

    /// A page of settings with everything that there may be on one.
    private static func sections(_ place: Place) -> SectionPage {
        SectionPage(
            title: "Settings", heading: "Settings", place: place,
            crumb: .init(label: "a.example", link: "/sites/a.example"),
            tabs: [.init(label: "General", link: "/a"), .init(label: "Other", link: "/b")], current: "/a",
            notice: .init(text: "Saved."),
            cards: [
                .init(
                    id: "one", heading: "One", lead: "Lead", code: QRCode("text"), secret: "secret",
                    table: .init(
                        columns: ["Name"],
                        rows: [
                            .init(
                                cells: [.init("text", note: "note", link: "/link"), "plain"],
                                actions: [
                                    .init(
                                        label: "Do", path: "/do", fields: [(name: "id", value: "1")],
                                        choice: .init(
                                            name: "role", label: "Role",
                                            options: [(value: "a", label: "A"), (value: "b", label: "B")],
                                            selected: "a"))
                                ]),
                            .init(cells: ["over"], isFaded: true),
                        ], empty: "None"), form: LoginPage.form(),
                    links: [.init(label: "Link", link: "/link")]),
                .init(
                    id: "two", heading: "Two", table: .init(columns: [], rows: [], empty: "None"),
                    form: Form(action: "/x", submit: "Do", fields: [], isQuiet: true)),
            ])
    }

    /// Every page in every state that its template distinguishes.
    private static func pages(
        _ site: SiteAccess, _ configuration: Configuration
    ) throws -> [any Page] {
        var failed = SignUpPage.form(email: "a")
        failed.mark(FormError("email", "Enter an e-mail address."))
        failed.problem = "Something else."
        var unknownZone = NewSitePage.form(timeZone: "Mars/Olympus")
        unknownZone.mark(FormError("time_zone", "Choose a time zone from the list."))
        let fault = Fault(
            status: .internalServerError, code: "internal", heading: "Broken", message: "Sorry.")
        let rows = [
            Figures.Row(
                values: ["/"],
                figures: [.number(3), .number(4), .number(50), .money([.init(currency: "EUR", amount: 3)])]),
            Figures.Row(values: [""], figures: [.number(1), .number(1), .none, .none]),
        ]
        let countries = ["DE", "SG"].map { Figures.Row(values: [$0], figures: [.number(2)]) }
        let goal = Goal(id: 1, name: "Signup", kind: .event("Signup"))
        let saved = SiteGoals.Saved(goal: goal, currency: "EUR")
        let funnel = SiteGoals.SavedFunnel(
            id: 1, name: "Buying", funnel: Funnel(steps: [goal, goal], scope: .visit))
        let questions = SavedQuestions(
            goals: [saved], funnels: [funnel],
            segments: [
                .init(id: 1, name: "Phones", filter: .everything, owner: nil),
                .init(id: 2, name: "Old", filter: nil, owner: nil),
            ])
        var filtered = BoardState()
        filtered.terms = [FilterTerm(.equals, "country", ["DE"]), FilterTerm(.contains, "page", ["/a"])]
        filtered.joinsWithOr = true
        filtered.further = [FilterTerm(.equals, "browser", ["Firefox"])]
        filtered.matchesWeekdays = true
        filtered.compared = .with(.previousPeriod)
        let editor = Audience(base: "/sites/example.com", isMember: true, canEdit: true, canConfigure: true)
        let reader = Audience(base: "/share/x")
        func dashboard(_ board: Board?, _ audience: Audience) -> any Page {
            DashboardPage.Content(
                site: site.site, audience: audience, snippet: "<script>", board: board,
                others: (1...10).map { "site\($0).example" } + [site.site.domain])
        }
        func conduct(_ tab: ConductBox.Tab, _ state: BoardState) -> ConductBox {
            ConductBox(
                open: tab, tabs: ConductBox.Tab.allCases,
                answer: tab == .funnels ? nil : Figures(rows: rows, total: 2),
                funnels: tab == .funnels
                    ? [(saved: funnel, figures: FunnelFigures(selected: 4, steps: [3, 1]))] : [],
                propertyKeys: ["plan", "size"], property: "plan", everybody: 4, state: state)
        }
        func board(_ state: BoardState, _ audience: Audience, conduct: ConductBox?, isEmpty: Bool = false)
            -> Board
        {
            let days = Day("2026-06-01")!...Day("2026-06-30")!
            var chart = Chart(
                .visitors, .day,
                rows: isEmpty ? [] : rows.map { Figures.Row(values: ["2026-06-01"], figures: $0.figures) },
                compared: state.comparison == nil ? nil : rows, days: days, now: "2026-06-30")
            let notes = isEmpty ? [] : [Annotations.Annotation(id: 1, day: days.lowerBound, text: "Sent")]
            chart.annotate(notes)
            return Board(
                state: state, audience: audience, domain: "example.com", timeZone: "UTC", days: days,
                comparedDays: state.comparison == nil ? nil : days,
                headline: [
                    .init(metric: .visitors, title: "Visitors", figure: .number(3), compared: .number(2)),
                    .init(metric: .totalRevenue, title: "Revenue", figure: .none, compared: nil),
                ], chart: chart, intervals: isEmpty ? [.day] : [.day, .week],
                boxes: Panel.Group.all.map { group in
                    let panel = PanelBox.open(group, state)
                    let shown = panel.isMap ? countries : rows
                    return PanelBox(
                        group: group, panel: panel, shown: panel,
                        answer: Figures(rows: isEmpty ? [] : shown, total: isEmpty ? 0 : 20), everybody: 4,
                        hasCampaigns: true, state: state)
                }, conduct: conduct, live: isEmpty ? 0 : 2, saved: isEmpty ? SavedQuestions() : questions,
                annotations: notes, notes: isEmpty ? [] : ["Something."], today: Day("2026-07-20")!)
        }
        func panelPage(_ query: String, of panel: String = "pages", rows: [Figures.Row]) throws -> any Page {
            var query = try PanelQuery(.named(panel)!, try Fields(encoded: query.utf8))
            query.limit = 1
            return PanelPage.Content(
                query: query,
                answer: .init(
                    metrics: [.visitors], figures: Figures(rows: rows, total: 20), domain: "example.com",
                    saved: questions),
                audience: editor)
        }
        func goals(_ saved: [SiteGoals.Saved], editing: Bool) -> any Page {
            GoalsPage.Content(
                domain: "example.com", goals: saved, suggestions: editing ? ["Signup"] : [], pages: ["/"],
                editing: editing ? saved.first : nil, error: editing ? FormError("what", "Say which.") : nil)
        }
        func funnels(_ goals: [SiteGoals.Saved], editing: Bool) -> any Page {
            FunnelsPage.Content(
                domain: "example.com", goals: goals, funnels: editing ? [funnel] : [],
                scope: editing ? .day : .visit,
                chosen: [1], editing: editing ? 1 : nil, error: editing ? FormError("steps", "More.") : nil)
        }
        var realtime = BoardState()
        realtime.period = .realtime
        var mapped = BoardState()
        mapped.tabs = ["map"]
        func chartPage(_ board: Board) -> any Page {
            ChartPage.Content(
                domain: "example.com", audience: editor, state: board.state, saved: questions,
                chart: board.chart, metrics: [.visitors, .visits], intervals: board.intervals)
        }
        func funnelPanel(_ audience: Audience, _ answers: [FunnelFiles.Answer]) -> any Page {
            FunnelPanelPage.Content(
                domain: "example.com", audience: audience, state: filtered, saved: questions, funnels: answers
            )
        }
        var off = BoardState()
        off.compared = .off
        let full = board(filtered, editor, conduct: conduct(.goals, filtered))
        return [
            HomePage.Content(isMember: false, isSignUpOpen: true, isNew: true),
            DocsPage.Content(configuration: configuration),
            SignUpPage.page(SignUpPage.form()), SignUpPage.page(failed),
            EntryPage(
                title: "Log in", heading: "Log in", notice: "Saved.", form: LoginPage.form(next: "/sites"),
                place: .login),
            NewSitePage.page(NewSitePage.form(guessesZone: true)), NewSitePage.page(unknownZone),
            InstallPage.Content(domain: "a.example", snippet: "<script>", hasReceived: false),
            InstallPage.Content(domain: "a.example", snippet: "<script>", hasReceived: true),
            dashboard(board(mapped, editor, conduct: nil), editor),
            try panelPage("", of: "map", rows: countries),
            chartPage(full), chartPage(board(off, reader, conduct: nil, isEmpty: true)),
            funnelPanel(editor, [(saved: funnel, figures: FunnelFigures(selected: 4, steps: [3, 1]))]),
            funnelPanel(reader, []),
            dashboard(full, editor), dashboard(nil, editor), dashboard(nil, reader),
            dashboard(board(off, reader, conduct: nil, isEmpty: true), reader),
            dashboard(board(BoardState(), editor, conduct: nil, isEmpty: true), editor),
            dashboard(board(realtime, editor, conduct: conduct(.funnels, realtime)), editor),
            dashboard(board(BoardState(), editor, conduct: conduct(.properties, BoardState())), editor),
            dashboard(
                board(
                    BoardState(), reader,
                    conduct: ConductBox(
                        open: .events, tabs: [.events], answer: Figures(rows: [], total: 0), funnels: [],
                        propertyKeys: [], property: nil, everybody: 0, state: BoardState())), reader),
            try panelPage("page=2&sort=visitors:asc", rows: Array(rows.prefix(1))),
            try panelPage("search=x", rows: []), try panelPage("", rows: []),
            FiltersPage.Content(
                domain: "example.com", audience: editor, state: filtered, saved: questions, problem: "No."),
            FiltersPage.Content(
                domain: "example.com", audience: editor, state: BoardState(), saved: questions),
            goals([], editing: false), goals([saved], editing: true), goals([saved, saved], editing: false),
            funnels([saved, saved], editing: true), funnels([saved, saved], editing: false),
            funnels([], editing: false),
            sections(.account), sections(.person),
            ErrorPage(fault: fault, reference: "0123"),
        ] + sitesPages(site) + keysPages(site) + settingsPages(site.site)
    }

    private static func sitesPages(_ access: SiteAccess) -> [any Page] {
        let site = access.site
        let named = Site(
            id: SiteID(rawValue: UUID()), account: site.account, domain: "b.example", name: "B",
            timeZone: "UTC", trackingKey: "", createdAt: site.createdAt)
        var busy = SiteOverview()
        busy.days = Array(1...14)
        (busy.lastDay, busy.dayBefore, busy.live) = (12, 10, 2)
        let quiet = SitesPage.Entry(site: site, overview: SiteOverview(), isPinned: false)
        let pinned = SitesPage.Entry(site: named, overview: busy, isPinned: true)
        func job(_ kind: String, total: Int64 = 0, isCancelling: Bool = false) -> Jobs.Status {
            Jobs.Status(
                id: 1, kind: kind, state: "running", done: 1, total: total, text: "days",
                isCancelling: isCancelling, createdAt: site.createdAt, finishedAt: nil)
        }
        var many = SitesPage.Content(
            entries: [pinned] + Array(repeating: quiet, count: 250), mayAdd: true,
            jobs: [job(SiteJobs.erase), job(SiteJobs.retention, total: 3, isCancelling: true)])
        many.page = 2
        var none = SitesPage.Content(entries: [quiet], mayAdd: false)
        none.search = "nothing"
        return [
            SitesPage.Content(entries: [], mayAdd: true),
            SitesPage.Content(entries: [quiet, pinned], mayAdd: true), many, none,
            RollUpPage.Content(sites: [site, named], chosen: [site.id], days: 7, sums: [:]),
            RollUpPage.Content(sites: [], chosen: [], days: 30, sums: [:]),
        ]
    }

    private static func settingsPages(_ site: Site) -> [any Page] {
        func field(_ name: String, _ kind: SettingsForm.Kind) -> SettingsForm.Field {
            .init(
                name: name, label: name, kind: kind, value: "1", hint: "Hint", isRequired: true, error: "No.")
        }
        var form = SettingsForm(
            heading: "Form", lead: "Lead", action: "/",
            fields: [
                field("a", .text), field("b", .number(1...2)),
                field("c", .choice([("1", "One"), ("2", "Two")])),
                field("d", .lines),
                field("e", .checks([("f", "F", "Hint", true), ("g", "G", "Hint", false)])),
            ], isDangerous: true)
        form.problem = "Something else."
        let job = Jobs.Status(
            id: 1, kind: SiteJobs.reset, state: "running", done: 1, total: 2, text: "", isCancelling: false,
            createdAt: site.createdAt, finishedAt: nil)
        return [
            SiteSettingsPage.Content(
                site: site, section: "general", forms: [form], isSaved: true, showsFacts: true, jobs: [job]),
            SiteSettingsPage.Content(
                site: site, section: "data", forms: SiteSettingsPage.dataForms(site, kept: "")),
        ]
    }

    private static func keysPages(_ access: SiteAccess) -> [any Page] {
        func key(_ id: Int64, revoked: Date?) -> ApiKey {
            ApiKey(
                id: ApiKeyID(rawValue: id), name: "Key", prefix: "mochi_abcdef", scopes: [.readStats],
                createdAt: access.site.createdAt, lastUsedAt: revoked, revokedAt: revoked)
        }
        let full = KeysPage.Holding(
            account: access.account, keys: [key(1, revoked: nil), key(2, revoked: access.site.createdAt)])
        let empty = KeysPage.Holding(account: access.account, keys: [])
        func failed(_ field: String) -> KeysPage.Content {
            var draft = KeysPage.Draft(account: access.account.account)
            draft.error = FormError(field, "Choose.")
            return KeysPage.Content(
                holdings: [full, empty], tabs: AccountTabs.tabs(of: access.account), draft: draft)
        }
        return [
            KeysPage.Content(holdings: [], tabs: []),
            KeysPage.Content(holdings: [full], tabs: [], made: "mochi_x"),
            failed("name"),
            failed("scopes"),
        ]
    }
}

/// Walks templates with their models, and notes what is not there.
private struct TagCheck {
    private indirect enum Node {
        case tag(String)
        case section(String, isInverted: Bool, [Node], at: Int)
        case partial(String)
        case layout(String, blocks: [String: [Node]])
        case block(String, [Node])
    }

    private let templates: [String: [Node]]
    private var entered: Set<String> = []
    private var used: Set<String> = []
    var missing: Set<String> = []

    init() throws {
        var texts: [String: String] = [:]
        for (path, bytes) in try Files.all(in: repository + "/templates") {
            texts[String(path.dropLast(".mustache".count))] = String(decoding: bytes, as: UTF8.self)
        }
        try self.init(templates: texts)
    }

    init(templates: [String: String]) throws {
        self.templates = try templates.mapValues { text in
            var tags = text.split(separator: "{{", omittingEmptySubsequences: false).dropFirst()
                .map { String($0.prefix { $0 != "}" }) }[...]
            return try TagCheck.nodes(&tags, until: nil)
        }
    }

    /// Sections that no page has entered: their tags were not looked at.
    var neverEntered: [String] {
        func sections(_ nodes: [Node], _ template: String) -> [String] {
            nodes.flatMap { node -> [String] in
                switch node {
                case .section(let name, let isInverted, let inner, let at):
                    ["\(template): \(isInverted ? "^" : "#")\(name) (\(at))"] + sections(inner, template)
                case .layout(_, let blocks): blocks.values.flatMap { sections($0, template) }
                case .block(_, let inner): sections(inner, template)
                case .tag, .partial: []
                }
            }
        }
        return templates.flatMap { sections($1, $0) }.filter { !entered.contains($0) }
    }

    var neverUsed: [String] { templates.keys.filter { !used.contains($0) } }

    mutating func walk(_ template: String, _ model: Model) {
        walk(template, stack: [model], blocks: [:])
    }

    private mutating func walk(_ template: String, stack: [any Sendable], blocks: [String: ([Node], String)])
    {
        guard let nodes = templates[template] else {
            missing.insert("no template \(template)")
            return
        }
        used.insert(template)
        walk(nodes, template, stack, blocks)
    }

    private mutating func walk(
        _ nodes: [Node], _ template: String, _ stack: [any Sendable], _ blocks: [String: ([Node], String)]
    ) {
        for node in nodes {
            switch node {
            case .tag(let name):
                if value(name, stack, template) is Bool {
                    missing.insert("\(template): \(name) may be false")
                }
            case .partial(let name):
                walk(name, stack: stack, blocks: blocks)
            case .layout(let name, let own):
                walk(name, stack: stack, blocks: own.mapValues { ($0, template) })
            case .block(let name, let standard):
                if let (nodes, origin) = blocks[name] {
                    walk(nodes, origin, stack, [:])
                } else {
                    walk(standard, template, stack, blocks)
                }
            case .section(let name, let isInverted, let inner, let at):
                let found = value(name, stack, template)
                let items: [any Sendable] =
                    switch found {
                    case let list as [Model]: list
                    case let list as [String]: list
                    case false as Bool, nil: []
                    case true as Bool: [true]
                    case let other?: [other]
                    }
                if items.isEmpty == isInverted {
                    entered.insert("\(template): \(isInverted ? "^" : "#")\(name) (\(at))")
                }
                if isInverted, items.isEmpty { walk(inner, template, stack, blocks) }
                if !isInverted { for item in items { walk(inner, template, stack + [item], blocks) } }
            }
        }
    }

    private mutating func value(_ name: String, _ stack: [any Sendable], _ template: String) -> (
        any Sendable
    )? {
        if name == "." { return stack.last }
        var path = name.split(separator: ".").map(String.init)[...]
        let first = path.removeFirst()
        for case let model as Model in stack.reversed() {
            guard var found = model[first] else { continue }
            for key in path {
                switch found {
                case let inner as Model where inner[key] != nil: found = inner[key]!
                case let inner as [String: String] where inner[key] != nil: found = inner[key]!
                case let inner as [String: Bool] where inner[key] != nil: found = inner[key]!
                default:
                    missing.insert("\(template): \(name)")
                    return nil
                }
            }
            return found
        }
        missing.insert("\(template): \(name)")
        return nil
    }

    private struct Unclosed: Error {}

    private static func nodes(_ tags: inout ArraySlice<String>, until end: String?) throws -> [Node] {
        var nodes: [Node] = []
        while let tag = tags.popFirst() {
            let at = tags.startIndex
            let name = String(tag.dropFirst().drop { $0 == " " })
            switch tag.first {
            case "/":
                guard name == end else { throw Unclosed() }
                return nodes
            case "#":
                nodes.append(.section(name, isInverted: false, try self.nodes(&tags, until: name), at: at))
            case "^":
                nodes.append(.section(name, isInverted: true, try self.nodes(&tags, until: name), at: at))
            case ">": nodes.append(.partial(name))
            case "$": nodes.append(.block(name, try self.nodes(&tags, until: name)))
            case "<":
                var blocks: [String: [Node]] = [:]
                for case .block(let block, let inner) in try self.nodes(&tags, until: name) {
                    blocks[block] = inner
                }
                nodes.append(.layout(name, blocks: blocks))
            case "!": break
            default: nodes.append(.tag(tag))
            }
        }
        guard end == nil else { throw Unclosed() }
        return nodes
    }
}
