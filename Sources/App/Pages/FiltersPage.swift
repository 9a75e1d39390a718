import Auth
import Hummingbird
import Stats

/// `/sites/{domain}/filters`: conditions on any dimension, as a plain form.
enum FiltersPage {
    /// Those of which one may be enough, and behind them as many that must hold besides.
    static let rows = FilterTerm.mostTerms
    static let leastRows = 3

    struct Content: Page {
        static let template = "filters"
        let domain: String
        let audience: Audience
        let state: BoardState
        let saved: SavedQuestions
        var problem: String?

        var title: String { "Filter \(domain) · Mochi" }
        var place: Place? { audience.isMember ? .sites : nil }

        var model: Model {
            [
                "domain": domain, "action": audience.base + "/filters", "back": audience.base + state.query,
                "values": audience.base + "/filters/values",
                "problem": problem ?? false,
                "hidden": PeriodMenu.hidden(state, except: ["f", "and", "join"]),
                "joinsWithOr": state.joinsWithOr,
                "rows": rows(state.terms, least: FiltersPage.leastRows, from: 0),
                "further": rows(state.further, least: 1, from: FiltersPage.rows),
            ]
        }

        private func rows(_ terms: [FilterTerm], least: Int, from first: Int) -> [Model] {
            (0..<min(max(terms.count + 1, least), FiltersPage.rows)).map { index in
                row(first + index, index < terms.count ? terms[index] : nil)
            }
        }

        private func row(_ index: Int, _ term: FilterTerm?) -> Model {
            [
                "number": String(index),
                "place": index < FiltersPage.rows
                    ? String(index + 1) : "besides \(index - FiltersPage.rows + 1)",
                "groups": FiltersPage.groups(saved, term?.key).map { title, options in
                    [
                        "title": title,
                        "options": options.map { key, label in
                            ["value": key, "label": label, "selected": key == term?.key] as Model
                        },
                    ] as Model
                },
                "operators": FilterTerm.Operator.allCases.map {
                    ["value": $0.rawValue, "label": $0.title, "selected": $0 == term?.operator] as Model
                },
                "text": term.map { FiltersPage.text($0, saved) } ?? "",
            ]
        }
    }

    /// Dimensions as people look for them.
    static func groups(_ saved: SavedQuestions, _ chosen: String?) -> [(String, [(String, String)])] {
        func named(_ dimensions: [Dimension]) -> [(String, String)] { dimensions.map { ($0.id, $0.title) } }
        var conduct = named([.event])
        if !saved.goals.isEmpty { conduct.insert((Dimension.goal.id, Dimension.goal.title), at: 0) }
        if !saved.segments.isEmpty { conduct.append((FilterTerm.segment, "Segment")) }
        if let chosen, chosen.hasPrefix("prop:") {
            conduct.append((chosen, "Property \(chosen.dropFirst(5))"))
        }
        return [
            ("Page", named([.page, .entryPage, .exitPage, .pageTitle, .hostname])),
            (
                "Source",
                named([
                    .channel, .source, .referrer, .utmSource, .utmMedium, .utmCampaign, .utmContent, .utmTerm,
                ])
            ),
            ("Place", named([.country, .region, .city, .language])),
            ("Device", named([.browser, .browserVersion, .system, .systemVersion, .device, .viewport])),
            ("Conduct", conduct),
        ]
    }

    /// One value a line, as people read it.
    private static func text(_ term: FilterTerm, _ saved: SavedQuestions) -> String {
        term.values.map { value in
            if term.key == FilterTerm.segment {
                return saved.segments.first { String($0.id) == value }?.name ?? value
            }
            // A piece of a name is no code of a country.
            guard [.equals, .equalsNot, .hasDone, .hasNotDone].contains(term.operator),
                let dimension = Dimension.named(term.key)
            else { return value }
            return ValueText.label(value, dimension)
        }.joined(separator: "\n")
    }

    static func show(_ request: Request, _ context: SiteContext, _ web: Web) async throws -> Response {
        try await show(request, context, context.site, for: context.audience, web)
    }

    static func show(
        _ request: Request, _ context: some BrowserContext, _ site: SiteAccess, for audience: Audience,
        _ web: Web
    ) async throws -> Response {
        let query = try Fields(query: request)
        var state = try BoardState(query)
        async let goals = web.goals.list(of: site)
        async let segments = web.goals.segments(of: site)
        let saved = SavedQuestions(goals: try await goals, segments: try await segments)
        var page = Content(domain: site.site.domain, audience: audience, state: state, saved: saved)
        if !query["apply"].isEmpty {
            do {
                let terms = try terms(query, from: 0, saved)
                let further = try self.terms(query, from: rows, saved)
                state = state.with { state in
                    (state.terms, state.further) = (terms, further)
                    state.joinsWithOr = query["any"] == "yes"
                }
                guard state.allTerms.count <= FilterTerm.mostTerms else {
                    throw FormError("f", "A dashboard may have \(FilterTerm.mostTerms) filters.")
                }
                try state.filter(saved).check()
                throw Redirect(to: audience.base + state.query)
            } catch let error as FormError {
                page = Content(
                    domain: site.site.domain, audience: audience, state: state, saved: saved,
                    problem: error.message)
            } catch let error as QuestionError {
                page = Content(
                    domain: site.site.domain, audience: audience, state: state, saved: saved,
                    problem: error.description)
            }
        }
        return web.page(page, for: request, context, status: page.problem == nil ? .ok : .badRequest)
    }

    private static func terms(_ query: Fields, from first: Int, _ saved: SavedQuestions) throws
        -> [FilterTerm]
    {
        try (first..<first + rows).compactMap { index in
            let key = query["d\(index)"]
            let lines = query["v\(index)"].split(whereSeparator: \.isNewline).map { line in
                String(line.drop(while: \.isWhitespace))
            }.filter { !$0.isEmpty }
            guard !key.isEmpty, !lines.isEmpty else { return nil }
            guard let found = FilterTerm.Operator(rawValue: query["o\(index)"]) else {
                throw FormError("o\(index)", "Choose what to compare with.")
            }
            let values = lines.map { value(of: $0, key, found, saved) }
            // Through its text, so that the same rules hold for it as for an address.
            return try FilterTerm(FilterTerm(found, key, values).text)
        }
    }

    /// What is kept for what somebody wrote: Germany is DE.
    private static func value(
        of text: String, _ key: String, _ operator: FilterTerm.Operator, _ saved: SavedQuestions
    ) -> String {
        if key == FilterTerm.segment {
            return saved.segments.first { $0.name == text }.map { String($0.id) } ?? text
        }
        guard let dimension = Dimension.named(key), ![.matches, .matchesNot].contains(`operator`) else {
            return text
        }
        if text == dimension.unknown, [.equals, .equalsNot].contains(`operator`) { return "" }
        let named = ValueText.values(labelled: text, dimension)?.filter {
            ValueText.label($0, dimension).lowercased() == text.lowercased()
        }
        return named?.first ?? text
    }

    // MARK: What there is to choose from

    private struct Values: Encodable {
        let values: [String]
    }

    static let mostValues = 20

    /// Values of a dimension in the period, the most frequent first.
    static func values(_ request: Request, _ context: SiteContext, _ web: Web) async throws -> Response {
        try await values(request, context.site, web)
    }

    static func values(_ request: Request, _ site: SiteAccess, _ web: Web) async throws -> Response {
        let query = try Fields(query: request)
        let text = String(query["q"].prefix(PanelQuery.longestSearch))
        let key = query["dimension"]
        guard let selection = try await Selection.load(site, try BoardState(query), web) else {
            return .json(Values(values: []))
        }
        let names: [String]
        if key == Dimension.goal.id {
            names = selection.saved.goals.map(\.goal.name)
        } else if key == FilterTerm.segment {
            names = selection.saved.segments.map(\.name)
        } else {
            guard let dimension = Dimension.named(key), dimension.interval == nil else {
                throw FormError("dimension", "That is nothing to filter by.")
            }
            var filter = Filter.everything
            if !text.isEmpty {
                filter = .match(.init(dimension, .contains, [text], isCaseSensitive: false))
                if let codes = ValueText.values(labelled: text, dimension), !codes.isEmpty {
                    filter = .any([filter, .match(.init(dimension, .equals, codes))])
                }
            }
            let answer = try await web.statistics.answer(
                Question(
                    span: selection.span, filter: filter, metrics: [.visitors], dimensions: [dimension],
                    limit: mostValues), of: site)
            return .json(Values(values: answer.rows.map { ValueText.label($0.values[0], dimension) }))
        }
        return .json(
            Values(values: names.filter { text.isEmpty || $0.lowercased().contains(text.lowercased()) }))
    }
}
