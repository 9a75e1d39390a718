import Auth
import FoundationEssentials
import HTTPTypes
import Hummingbird

/// `/api/sites`.
enum SitesAPI {
    struct SiteBody: Encodable {
        let id: String
        let domain: String
        let name: String
        let timeZone: String
        let trackingKey: String
        let createdAt: Date

        init(_ site: Site) {
            id = site.id.rawValue.uuidString.lowercased()
            domain = site.domain
            name = site.name
            timeZone = site.timeZone
            trackingKey = site.trackingKey
            createdAt = site.createdAt
        }
    }

    private struct List: Encodable {
        let sites: [SiteBody]

        enum CodingKeys: CodingKey { case sites, next }

        /// All sites are on the first page: there is always a `next`, and it is null.
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(sites, forKey: .sites)
            try container.encodeNil(forKey: .next)
        }
    }

    private struct NewSite: Decodable {
        let domain: String
        let name: String?
        let timeZone: String?
    }

    static func list(_ request: Request, _ context: KeyContext, _ web: Web) async throws -> Response {
        .json(List(sites: try await web.sites.list(in: context.account).map(SiteBody.init)))
    }

    static func create(_ request: Request, _ context: KeyContext, _ web: Web) async throws -> Response {
        guard context.account.role >= .admin else { throw HTTPError(.forbidden) }
        guard let wanted = try await decoded(NewSite.self, request) else {
            throw APIError(.badRequest, "invalid", "Send a JSON object with a domain.")
        }
        let site = try await web.sites.create(
            domain: wanted.domain, name: wanted.name ?? "", timeZone: wanted.timeZone ?? "UTC",
            in: context.account)
        return .json(SiteBody(site), status: .created)
    }

    private struct Changes: Decodable {
        let name: String?
        let hostnames: [String]?
        let duplicateWindow: Int?
        let keptParameters: [String]?
        let personalPatterns: [String]?
        let trackerFeatures: [String]?
    }

    /// `PATCH`: what is not named stays as it is.
    static func change(_ request: Request, _ context: SiteKeyContext, _ web: Web) async throws -> Response {
        guard context.site.account.role >= .admin else { throw HTTPError(.forbidden) }
        guard let wanted = try await decoded(Changes.self, request) else {
            throw APIError(.badRequest, "invalid", "Send a JSON object with what is to change.")
        }
        var changes = SiteChanges()
        changes.name = wanted.name
        changes.hostnames = wanted.hostnames
        changes.duplicateWindow = wanted.duplicateWindow
        changes.keptParameters = wanted.keptParameters
        changes.personalPatterns = wanted.personalPatterns
        changes.trackerFeatures = wanted.trackerFeatures
        return .json(SiteBody(try await web.sites.change(context.site, changes)))
    }

    private static func decoded<Body: Decodable>(_ type: Body.Type, _ request: Request) async throws -> Body?
    {
        let body = try await request.body.collect(upTo: Admission.bodyLimit)
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try? decoder.decode(type, from: Data(body.readableBytesView))
    }

    static func show(_ request: Request, _ context: SiteKeyContext, _ web: Web) async throws -> Response {
        .json(SiteBody(context.site.site))
    }
}
