/// What `X-Debug-Request: true` is answered with: everything that was decided about an event, never the address.
enum DebugAnswer {
    static func make(_ outcome: Exchange.Outcome) -> Answer {
        switch outcome {
        case .dropped(let drop):
            .json(.ok) { json in
                json.member("dropped", drop.reason.rawValue)
                json.member("detail", drop.detail)
            }
        case .event(let event): make(event)
        }
    }

    private static func make(_ event: Event) -> Answer {
        .json(.ok) { json in
            json.key("dropped")
            json.value(nil as Int?)
            json.key("event")
            json.object { json in
                json.member("name", event.name)
                json.member("hostname", event.hostname)
                json.member("pathname", event.pathname)
                json.member("title", event.title)
                json.key("props")
                json.raw(event.props.isEmpty ? Array("{}".utf8) : event.props)
                json.key("interactive")
                json.value(event.interactive)
                json.member("engagement_ms", Int(event.engagementMilliseconds))
                json.member("scroll_depth", event.scrollDepth.map(Int.init))
                json.optional("revenue_amount", event.revenueAmount.map(Revenue.text))
                json.optional("revenue_currency", event.revenueAmount == nil ? nil : event.revenueCurrency)
            }
            json.key("session")
            json.object { json in
                for (name, value) in [
                    ("source", event.source), ("referrer", event.referrer), ("channel", event.channel),
                    ("utm_source", event.utmSource), ("utm_medium", event.utmMedium),
                    ("utm_campaign", event.utmCampaign), ("utm_content", event.utmContent),
                    ("utm_term", event.utmTerm), ("click_id_param", event.clickIDParameter),
                    ("country", event.country), ("region", event.region), ("city", event.city),
                    ("browser", event.browser), ("browser_version", event.browserVersion), ("os", event.os),
                    ("os_version", event.osVersion), ("device", event.device),
                ] {
                    json.member(name, value)
                }
            }
            let digits = String(event.visitor, radix: 16)
            json.member("visitor", String(repeating: "0", count: 16 - digits.count) + digits)
        }
    }
}

extension JSONWriter {
    fileprivate mutating func optional(_ key: String, _ value: String?) {
        self.key(key)
        if let value { self.value(value) } else { self.value(nil as Int?) }
    }
}
