/// A table on the dashboard: one dimension, ranked by visitors. To add a panel, add a row to ``all``, and its id to a
/// ``Group`` if it shall be a tab there.
package struct Panel: Sendable, Hashable, Identifiable {
    package let id: String
    package let title: String
    package let dimension: Dimension
    /// What its rows are once the filter leaves a single value of `dimension`: the versions of one browser.
    package let detail: Dimension?

    private init(_ id: String, _ title: String, _ dimension: Dimension, detail: Dimension? = nil) {
        (self.id, self.title, self.dimension, self.detail) = (id, title, dimension, detail)
    }

    package static let all = [
        Panel("channels", "Channels", .channel, detail: .source),
        Panel("sources", "Sources", .source, detail: .referrer),
        Panel("referrers", "Referrers", .referrer),
        Panel("campaigns", "Campaigns", .utmCampaign),
        Panel("campaign-sources", "Campaign sources", .utmSource),
        Panel("campaign-mediums", "Campaign mediums", .utmMedium),
        Panel("campaign-contents", "Campaign contents", .utmContent),
        Panel("campaign-terms", "Campaign terms", .utmTerm),
        Panel("pages", "Pages", .page),
        Panel("entry-pages", "Entry", .entryPage),
        Panel("exit-pages", "Exit", .exitPage),
        Panel("hostnames", "Hostnames", .hostname),
        Panel("titles", "Titles", .pageTitle),
        Panel("countries", "Countries", .country, detail: .region),
        Panel("map", "Map", .country),
        Panel("regions", "Regions", .region, detail: .city),
        Panel("cities", "Cities", .city),
        Panel("languages", "Languages", .language),
        Panel("browsers", "Browsers", .browser, detail: .browserVersion),
        Panel("systems", "Systems", .system, detail: .systemVersion),
        Panel("devices", "Devices", .device),
        Panel("viewports", "Viewports", .viewport),
        Panel("browser-versions", "Browser versions", .browserVersion),
        Panel("system-versions", "System versions", .systemVersion),
        Panel("events", "Events", .event),
        Panel("goals", "Goals", .goal),
    ]

    /// The countries again, drawn.
    package var isMap: Bool { id == "map" }

    package static func named(_ id: String) -> Panel? {
        if let panel = all.first(where: { $0.id == id }) { return panel }
        // A property's values: `property-plan`.
        guard id.hasPrefix("property-"),
            let dimension = Dimension.named("prop:" + id.dropFirst("property-".count))
        else { return nil }
        return property(dimension)
    }

    /// The values of a property of events.
    package static func property(_ dimension: Dimension) -> Panel {
        Panel("property-" + dimension.id.dropFirst("prop:".count), dimension.title, dimension)
    }

    /// The panel's rows in a span.
    package func question(
        _ span: Span, filter: Filter = .everything, metrics: [Metric] = [.visitors], limit: Int = 10,
        offset: Int = 0
    ) -> Question {
        Question(
            span: span, filter: filter, metrics: metrics, dimensions: [dimension], limit: limit,
            offset: offset)
    }
}

extension Panel {
    /// A box on the dashboard: panels as tabs.
    package struct Group: Sendable, Identifiable {
        package let id: String
        package let title: String
        package let panels: [Panel]
        /// The tab that is open at first.
        package let standard: Panel

        private init(_ id: String, _ title: String, standard: String, _ panels: [String]) {
            (self.id, self.title) = (id, title)
            self.panels = panels.compactMap { Panel.named($0) }
            self.standard = self.panels.first { $0.id == standard } ?? self.panels[0]
        }

        package static let all = [
            Group(
                "acquisition", "Sources", standard: "sources",
                ["channels", "sources", "referrers", "campaigns"]),
            Group(
                "content", "Pages", standard: "pages",
                [
                    "pages", "entry-pages", "exit-pages", "hostnames", "titles",
                ]),
            Group(
                "places", "Countries", standard: "countries",
                ["map", "countries", "regions", "cities", "languages"]),
            Group(
                "devices", "Devices", standard: "browsers", ["browsers", "systems", "devices", "viewports"]),
        ]
    }

    /// The panels that a panel's own page offers beside it.
    package var siblings: [Panel] {
        let campaigns = Panel.all.filter { $0.id.hasPrefix("campaign") }
        if campaigns.contains(self) { return campaigns }
        if let detailed = Panel.all.first(where: { $0.detail == dimension && $0.id + "-versions" == id }) {
            return detailed.siblings
        }
        return Group.all.first { $0.panels.contains(self) }?.panels ?? [self]
    }
}
