// Addresses of pages and of referrers as strangers write them, and what is read out of their queries. An input is an
// address, a line's end, and what stands in the place of the site's host.

func fuzzURLs(_ bytes: UnsafeRawBufferPointer) {
    // No text of a body has one.
    if bytes.contains(0) { return }
    let lines = String(decoding: bytes, as: UTF8.self).split(
        separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
    let (url, host) = (String(lines[0]), lines.count > 1 ? String(lines[1]) : "site.test")
    for hashMode in [false, true] {
        for page in [PageURL(url, hashMode: hashMode), PageURL(url, host: host, hashMode: hashMode)] {
            if let page { check(page, of: url) }
        }
    }
    if let name = PageURL.hostname(host[...]) { check(hostname: name) }

    let referrer = Referrer.cleaned(url, ownHost: host)
    check(referrer: referrer)
    let party = Referrer.host(of: referrer)
    precondition(referrer.hasPrefix(party) && !party.utf8.contains(UInt8(ascii: "/")))
    if !referrer.isEmpty, party.utf8.last != UInt8(ascii: ":") {
        precondition(Referrer.cleaned(url, ownHost: String(party)).isEmpty, "a site refers to itself")
    }
    let memory = Recollection<(source: Source, isSpam: Bool)>(size: 1)
    for _ in 0..<2 {
        let (source, isSpam) = Source.of(referrer: referrer, memory)
        precondition(source == Source.of(referrer: referrer) && isSpam == ReferrerSpam.contains(party))
    }

    let campaign = Campaign(query: url[...])
    for text in [
        campaign.source, campaign.medium, campaign.campaign, campaign.content, campaign.term,
    ] {
        precondition(text.utf8.count <= Campaign.maximumValue && !text.utf8.contains(0))
    }
    precondition(campaign.clickIDParameter.utf8.count <= 12)
    precondition(KeptQuery.of(url[...], keeping: [host, "q"]).utf8.count <= KeptQuery.maximum)
}

private func check(_ page: PageURL, of url: String) {
    check(hostname: page.hostname)
    precondition(page.pathname.utf8.count <= Hit.maximumURL && !page.pathname.utf8.contains(0))
    precondition(page.query.utf8.count < url.utf8.count)
    precondition(!page.query.utf8.contains(UInt8(ascii: "#")))
}

private func check(hostname: String) {
    precondition(hostname == PageURL.none || hostname.utf8.count <= 253)
    precondition(!hostname.utf8.contains { $0 <= 0x20 || $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "@") })
}

private func check(referrer: String) {
    precondition(referrer.utf8.count <= Hit.maximumURL + 20 && !referrer.utf8.contains(0))
}
