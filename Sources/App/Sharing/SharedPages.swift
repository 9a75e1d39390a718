import Auth
import HTTPTypes
import Hummingbird
import Stats

/// What dashboards that are shown to people without an account have in common: how somebody gets in, and what the
/// answer says to browsers and search engines.
enum SharedPages {
    /// `/share/{slug}` and `/embed/{slug}`.
    static func admit(_ request: Request, _ context: inout AppContext, _ web: Web) async throws {
        let slug = context.parameters.get("slug") ?? ""
        guard let opened = try await web.shares.open(slug: slug) else { throw HTTPError(.notFound) }
        let isEmbedded = request.uri.path.hasPrefix("/embed/")
        let path = (isEmbedded ? "/embed/" : "/share/") + slug
        if isEmbedded {
            guard !opened.link.origins.isEmpty else { throw HTTPError(.notFound) }
            let theme = try Fields(query: request)["theme"]
            context.placement = .embedded(
                path: path, origins: opened.link.origins,
                theme: ["light", "dark"].contains(theme) ? theme : "")
        } else {
            guard hasEntered(request, opened, web) else { throw Redirect(to: "\(path)/password") }
            context.placement = .readers(path: path)
        }
        try requireOfferedPeriod(request, opened.site, path)
        context.site = opened.site
        if request.method == .get, request.uri.path == path { try await web.shares.countView(of: opened) }
    }

    /// `/sites/{domain}` for somebody who is not of its account.
    static func admitToPublicSite(
        _ request: Request, _ context: inout AppContext, _ web: Web
    ) async throws {
        let name = Admission.siteName(context) ?? ""
        guard let site = try await web.shares.publicSite(domain: name.lowercased()) else {
            try Admission.requireSession(request, context.browser, .member)
            throw HTTPError(.notFound)
        }
        context.placement = .readers(path: "/sites/\(site.site.domain)")
        context.site = site
    }

    /// Periods that one can shift by a day tell, by their differences, of single days and single visitors.
    private static func requireOfferedPeriod(_ request: Request, _ site: SiteAccess, _ path: String) throws {
        guard let sharing = site.sharing, sharing.leastVisitors > 1 else { return }
        let query = try Fields(query: request)
        let isOffered = query["period"].isEmpty || Period.offered.contains { $0.id == query["period"] }
        let isFixed = ["from", "to", "date", "compare_from", "compare_to"].allSatisfy { query[$0].isEmpty }
        guard isOffered, isFixed else { throw Redirect(to: path) }
    }

    // MARK: The password

    static func cookieName(_ link: ShareLink, _ web: Web) -> String {
        (web.cookies.isSecure ? "__Host-mochi-share-" : "mochi-share-") + link.slug
    }

    /// Bound to the password's hash, so that it ends with the password.
    static func proof(_ opened: ShareLinks.Opened, _ web: Web) -> String {
        web.proofs.make("share", opened.link.slug, opened.passwordHash ?? "")
    }

    static func hasEntered(_ request: Request, _ opened: ShareLinks.Opened, _ web: Web) -> Bool {
        guard let hash = opened.passwordHash else { return true }
        let cookie = request.cookies[cookieName(opened.link, web)]?.value ?? ""
        return web.proofs.isValid(cookie, for: "share", opened.link.slug, hash)
    }

    // MARK: Answers

    /// Nobody's search engine lists it, no page that it leads to learns its address, and only those may frame it that
    /// its owner named.
    static func mark(_ response: inout Response, _ placement: Placement) {
        switch placement {
        case .everybody: return
        case .readers: break
        case .embedded(_, let origins, _):
            response.headers[.contentSecurityPolicy] = SecurityHeaders.policy(
                frameAncestors: origins.joined(separator: " "))
            response.headers[HTTPField.Name("Cross-Origin-Resource-Policy")!] = "cross-origin"
        }
        response.headers[HTTPField.Name("X-Robots-Tag")!] = "noindex, nofollow"
        response.headers[HTTPField.Name("Referrer-Policy")!] = "no-referrer"
    }
}
