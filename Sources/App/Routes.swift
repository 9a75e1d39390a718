import Auth

/// The map of the site. What is not here does not exist: ``Route/register(_:in:web:)`` is the only way into
/// the router, and it takes nothing but these rows.
enum Routes {
    static let all: [Route] = [
        // Anyone
        .get("/", .anyone, HomePage.show),
        .get("/docs", .anyone, DocsPage.show),

        // People who are not signed in
        .get("/signup", .visitor, SignUpPage.show),
        .post("/signup", .visitor, limit: .signUp, SignUpPage.submit),
        .get("/login", .visitor, LoginPage.show),
        .post("/login", .visitor, limit: .logIn, LoginPage.submit),

        // Members
        .post("/logout", .member, LoginPage.logOut),
        .get("/account/profile", .member, ProfilePage.show),
        .get("/sites", .member, SitesPage.show),
        .get("/sites/new", .member, NewSitePage.show),
        .post("/sites/new", .member, NewSitePage.submit),

        // One site
        .get("/sites/:domain", .site(.viewer), DashboardPage.show),
        .get("/sites/:domain/panels/:panel", .site(.viewer), PanelPage.show),
        .get("/sites/:domain/install", .site(.viewer), InstallPage.show),
        .get("/sites/:domain/install/status", .site(.viewer), InstallPage.status),
        .get("/sites/:domain/settings/general", .site(.admin), SiteSettingsPage.show),

        // Programs
        .get("/api/sites", .key(.readSites), SitesAPI.list),
        .post("/api/sites", .key(.writeSites), SitesAPI.create),
        .get("/api/sites/:id", .siteKey(.readSites), SitesAPI.show),
        .patch("/api/sites/:id", .siteKey(.writeSites), SitesAPI.change),
        .get("/api/sites/:id/metrics/overview", .siteKey(.readStats), MetricsAPI.overview),
        .get("/api/sites/:id/metrics/top-pages", .siteKey(.readStats), MetricsAPI.topPages),

        .post("/api/v2/query", .key(.readStats), StatsAPI.query),
        .get("/api/v1/stats/realtime/visitors", .key(.readStats), StatsAPI.realtime),
        .get("/api/v1/stats/aggregate", .key(.readStats), StatsAPI.aggregate),
        .get("/api/v1/stats/timeseries", .key(.readStats), StatsAPI.timeseries),
        .get("/api/v1/stats/breakdown", .key(.readStats), StatsAPI.breakdown),

        // Files and the process itself
        .get("/assets/:file", .stateless, StaticFiles.asset),
        .get("/favicon.ico", .stateless, StaticFiles.favicon),
        .get("/robots.txt", .stateless, StaticFiles.robots),
        .get("/healthz", .stateless, StatusPages.show),
        .get("/readyz", .stateless, StatusPages.show),
        .get("/metrics", .stateless, StatusPages.show),
    ]
}
