// What strangers write, fed to the readers of user agents, hints, referrers, tags and personal data.

func fuzzEnrichment(_ bytes: UnsafeRawBufferPointer) {
    let text = String(decoding: bytes, as: UTF8.self)
    let parts = text.split(separator: "\n", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)

    let hints = ClientHints(
        brands: text, platform: parts[0], mobile: parts.count > 1 ? parts[1] : "", platformVersion: text,
        fullVersionList: parts.last!)
    for agent in [UserAgent(text), UserAgent(parts[0], hints)] {
        precondition(agent.browserVersion.utf8.count <= 16 && agent.osVersion.utf8.count <= 16)
    }

    let source = Source.of(referrer: text)
    precondition(source.name.utf8.count <= max(40, text.utf8.count))
    let signs = Channel.Signs(
        source: .of(tag: parts[0]), medium: parts.last!, campaign: text, clickID: parts[0])
    let channel = Channel.name(for: signs)
    precondition(channel == "Direct" || Channel.all.contains { $0.name == channel })
    _ = ReferrerSpam.contains(text)

    for once in [PersonalData.masked(path: text), PersonalData.masked(text: text)] {
        precondition(once.utf8.count <= text.utf8.count)
        precondition(PersonalData.masked(path: once).utf8.count <= once.utf8.count)
    }
    let patterns = PersonalPatterns(parts)
    _ = patterns.masked(path: text)
    _ = patterns.masked(text: text)
    _ = KeptQuery.of(text[...], keeping: parts)
}
