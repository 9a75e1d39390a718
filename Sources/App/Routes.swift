import Auth

/// The map of the site. What is not here does not exist: ``Route/register(_:in:web:)`` is the only way into
/// the router, and it takes nothing but these rows.
enum Routes {
    static let all: [Route] = [
        // Anyone
        .get("/", .anyone, HomePage.show),
        .get("/docs", .anyone, DocsPage.show),
        .get("/openapi.json", .stateless, OpenAPI.show),

        // People who are not signed in
        .get("/signup", .visitor, SignUpPage.show),
        .post("/signup", .visitor, limit: .signUp, SignUpPage.submit),
        .get("/login", .visitor, LoginPage.show),
        .post("/login", .visitor, limit: .logIn, LoginPage.submit),

        // Members
        .post("/logout", .member, LoginPage.logOut),
        .get("/account/profile", .member, ProfilePage.show),
        .get("/account/keys", .member, KeysPage.show),
        .post("/account/keys", .member, KeysPage.create),
        .post("/account/keys/revoke", .member, KeysPage.revoke),
        .get("/sites", .member, SitesPage.show),
        .get("/sites/roll-up", .member, RollUpPage.show),
        .get("/sites/new", .member, NewSitePage.show),
        .post("/sites/new", .member, NewSitePage.submit),

        // One site
        .get("/sites/:domain", .site(.viewer), DashboardPage.show),
        .get("/sites/:domain/panels/:panel", .site(.viewer), PanelPage.show),
        .post("/sites/:domain/pin", .site(.viewer), SitesPage.pin),
        .get("/sites/:domain/filters", .site(.viewer), FiltersPage.show),
        .get("/sites/:domain/filters/values", .site(.viewer), FiltersPage.values),
        .get("/sites/:domain/live", .site(.viewer), LiveStream.show),
        .get("/sites/:domain/export.zip", .site(.viewer), ExportPage.show),
        .post("/sites/:domain/segments", .site(.editor), SegmentPages.create),
        .post("/sites/:domain/segments/:id/delete", .site(.editor), SegmentPages.delete),
        .post("/sites/:domain/annotations", .site(.editor), AnnotationPages.create),
        .post("/sites/:domain/annotations/:id/delete", .site(.editor), AnnotationPages.delete),
        .get("/sites/:domain/goals", .site(.editor), GoalsPage.show),
        .post("/sites/:domain/goals", .site(.editor), GoalsPage.create),
        .post("/sites/:domain/goals/:id", .site(.editor), GoalsPage.change),
        .post("/sites/:domain/goals/:id/delete", .site(.editor), GoalsPage.delete),
        .get("/sites/:domain/funnels", .site(.editor), FunnelsPage.show),
        .post("/sites/:domain/funnels", .site(.editor), FunnelsPage.create),
        .post("/sites/:domain/funnels/:id", .site(.editor), FunnelsPage.change),
        .post("/sites/:domain/funnels/:id/delete", .site(.editor), FunnelsPage.delete),
        .get("/sites/:domain/install", .site(.viewer), InstallPage.show),
        .get("/sites/:domain/install/status", .site(.viewer), InstallPage.status),
        .get("/sites/:domain/settings/general", .site(.admin), SiteSettingsPage.general),
        .post("/sites/:domain/settings/general", .site(.admin), SiteSettingsPage.saveGeneral),
        .get("/sites/:domain/settings/script", .site(.admin), SiteSettingsPage.script),
        .post("/sites/:domain/settings/script", .site(.admin), SiteSettingsPage.saveScript),
        .get("/sites/:domain/settings/exclusions", .site(.admin), SiteSettingsPage.exclusions),
        .post("/sites/:domain/settings/exclusions", .site(.admin), SiteSettingsPage.saveExclusions),
        .get("/sites/:domain/settings/data", .site(.admin), SiteSettingsPage.data),
        .post("/sites/:domain/settings/data", .site(.admin), SiteSettingsPage.saveData),
        .post("/sites/:domain/settings/data/reset", .site(.admin), SiteSettingsPage.reset),
        .post("/sites/:domain/settings/data/erase", .site(.admin), SiteSettingsPage.erase),
        .post("/sites/:domain/settings/data/cancel", .site(.admin), SiteSettingsPage.cancel),

        // Programs
        .get("/api/sites", .key(.readSites), SitesAPI.list),
        .post("/api/sites", .key(.writeSites), SitesAPI.create),
        .get("/api/sites/:id", .siteKey(.readSites), SitesAPI.show),
        .patch("/api/sites/:id", .siteKey(.writeSites), SitesAPI.change),
        .delete("/api/sites/:id", .siteKey(.writeSites), SitesAPI.erase),
        .get("/api/sites/:id/metrics/overview", .siteKey(.readStats), MetricsAPI.overview),
        .get("/api/sites/:id/metrics/top-pages", .siteKey(.readStats), MetricsAPI.topPages),

        .get("/api/jobs", .key(.readSites), JobsAPI.list),
        .get("/api/jobs/:job", .key(.readSites), JobsAPI.show),
        .delete("/api/jobs/:job", .key(.writeSites), JobsAPI.cancel),
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
