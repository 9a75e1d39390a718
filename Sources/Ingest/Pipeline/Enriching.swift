import Days

/// The steps that tell what an event says of its visitor, with the tables and rules of the folder Enrichment.
extension Pipeline {
    @Sendable static func dropBots(_ passage: inout Passage, _ intake: Intake) throws(Drop) {
        if passage.hit.isSaidToBeBot { throw Drop(.bot, detail: "says so itself") }
        if let bot = passage.agent.bot { throw Drop(.bot, detail: bot.rawValue) }
    }

    @Sendable static func readSource(_ passage: inout Passage, _ intake: Intake) throws(Drop) {
        let referrer = Referrer.cleaned(passage.hit.referrer, ownHost: passage.page.hostname)
        var (source, isSpam) = Source.of(referrer: referrer, intake.referrers)
        if isSpam { throw Drop(.referrerSpam, detail: String(Referrer.host(of: referrer))) }
        // Without a source it was a machine of the owner's.
        passage.event.referrer = source.name.isEmpty ? "" : referrer

        let query = passage.hit.campaignQuery.map { $0[...] } ?? passage.page.query
        if !query.isEmpty {
            let campaign = Campaign(query: query)
            if !campaign.source.isEmpty { source = .of(tag: campaign.source) }
            passage.event.utmSource = campaign.source
            passage.event.utmMedium = campaign.medium
            passage.event.utmCampaign = campaign.campaign
            passage.event.utmContent = campaign.content
            passage.event.utmTerm = campaign.term
            passage.event.clickIDParameter = campaign.clickIDParameter
            if campaign.medium.isEmpty, !campaign.clickIDParameter.isEmpty,
                Campaign.paidClickIDs.contains(campaign.clickIDParameter)
            {
                passage.event.utmMedium = "(\(campaign.clickIDParameter))"
            }
        }
        passage.event.source = source.name
        passage.event.channel = Channel.name(
            for: Channel.Signs(
                source: source, medium: passage.event.utmMedium, campaign: passage.event.utmCampaign,
                clickID: passage.event.clickIDParameter))
    }

    @Sendable static func readLocation(_ passage: inout Passage, _ intake: Intake) throws(Drop) {
        if let country = passage.hit.country {
            passage.event.country = country
            return
        }
        let place = Place.of(
            high: passage.address.high, low: passage.address.low, in: intake.locations?.database,
            proxyCountry: passage.proxyCountry, timeZone: passage.hit.timeZone)
        passage.event.country = place.country
        passage.event.region = place.region
        passage.event.city = place.city
    }

    @Sendable static func readDevice(_ passage: inout Passage, _ intake: Intake) throws(Drop) {
        passage.event.browser = passage.agent.browser
        passage.event.browserVersion = passage.agent.browserVersion
        passage.event.os = passage.agent.os
        passage.event.osVersion = passage.agent.osVersion
        passage.event.device = passage.agent.device.rawValue
        passage.event.language = Language.primary(passage.hit.language ?? passage.acceptLanguage ?? "")
        if let width = passage.hit.viewportWidth { passage.event.viewport = Viewport.name(width: width) }
    }

    /// Last: what is compared before, to know a repetition, is not stored.
    @Sendable static func maskPersonalData(_ passage: inout Passage, _ intake: Intake) throws(Drop) {
        let patterns = passage.site.personalPatterns
        func text(_ text: String) -> String { patterns.masked(text: PersonalData.masked(text: text)) }
        let kept = KeptQuery.of(passage.page.query, keeping: passage.site.keptParameters)
        passage.event.pathname = patterns.masked(path: PersonalData.masked(path: passage.event.pathname))
        if !kept.isEmpty { passage.event.pathname += patterns.masked(text: kept) }
        passage.event.referrer = PersonalData.masked(path: passage.event.referrer)
        passage.event.title = text(passage.event.title)
        if passage.event.name != "pageview" { passage.event.name = text(passage.event.name) }
        if !passage.event.utmSource.isEmpty {
            let isSource = passage.event.source == passage.event.utmSource
            passage.event.utmSource = text(passage.event.utmSource)
            passage.event.source = isSource ? passage.event.utmSource : text(passage.event.source)
        }
        if !passage.event.utmMedium.isEmpty { passage.event.utmMedium = text(passage.event.utmMedium) }
        if !passage.event.utmCampaign.isEmpty { passage.event.utmCampaign = text(passage.event.utmCampaign) }
        if !passage.event.utmContent.isEmpty { passage.event.utmContent = text(passage.event.utmContent) }
        if !passage.event.utmTerm.isEmpty { passage.event.utmTerm = text(passage.event.utmTerm) }
        if !passage.event.props.isEmpty { passage.event.props = masked(props: passage.event.props, text) }
    }

    /// A JSON object of texts, with each masked.
    private static func masked(props: [UInt8], _ mask: (String) -> String) -> [UInt8] {
        var writer = JSONWriter()
        props.withUnsafeBytes { bytes in
            var scanner = JSONScanner(bytes)
            // It was written here, so that it cannot be malformed.
            try? scanner.object { scanner, key throws(JSONError) in
                if case .string(let value) = try scanner.value() { writer.member(key, mask(value)) }
            }
        }
        return Array("{".utf8) + writer.bytes + Array("}".utf8)
    }
}
