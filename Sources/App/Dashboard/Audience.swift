import Auth

/// Who looks at a dashboard, and where its links lead.
struct Audience: Sendable {
    /// `/sites/example.com`, or where else the same dashboard is shown.
    let base: String
    /// Somebody of the account: there is a way to the other sites.
    let isMember: Bool
    /// May make goals, funnels, segments and notes.
    let canEdit: Bool
    /// May change the site.
    let canConfigure: Bool

    init(base: String, isMember: Bool = false, canEdit: Bool = false, canConfigure: Bool = false) {
        (self.base, self.isMember, self.canEdit, self.canConfigure) = (base, isMember, canEdit, canConfigure)
    }

    /// For a member on the site's own page.
    init(_ site: SiteAccess) {
        self.init(
            base: "/sites/\(site.site.domain)", isMember: true, canEdit: site.account.role >= .editor,
            canConfigure: site.account.role >= .admin)
    }
}
