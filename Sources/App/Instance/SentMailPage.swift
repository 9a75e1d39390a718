import HTTPTypes
import Hummingbird
import NIOCore
import Operations
import Postgres

/// `/mail`: the mails that were sent last, on a machine of one's own where no mail server is configured. Links in them let
/// people in, so that this page is there for nobody else: not with MOCHI_SMTP_URL, not under a public address, and not for
/// a connection from another machine or through a proxy.
enum SentMailPage {
    static func show(_ request: Request, _ context: PublicContext, _ web: Web) async throws -> Response {
        guard web.showsMail(to: request, peer: context.peer) else { throw HTTPError(.notFound) }
        let page = SectionPage(
            title: "Mails · Mochi", heading: "Mails",
            crumb: .init(label: "Start", link: "/"), tabs: [], current: "/mail",
            cards: [
                .init(
                    id: "about", heading: "No mail server is configured",
                    lead:
                        "What would have been sent is in MOCHI_DATA/mail, and here: the last fifty, the newest first."
                )
            ]
                + (try await web.lastMails()).enumerated().map { index, mail in
                    .init(
                        id: "mail-\(index)", heading: mail.subject, lead: "To \(mail.to)", secret: mail.text,
                        links: links(in: mail.text, baseURL: web.configuration.baseURL))
                })
        return web.page(page, for: request, context)
    }

    private static func links(in text: String, baseURL: String) -> [SectionPage.Tab] {
        text.split(whereSeparator: \.isWhitespace).filter { $0.hasPrefix(baseURL + "/") }.map {
            let path = String($0.dropFirst(baseURL.count))
            return .init(label: "Open \(path.prefix(24))…", link: path)
        }
    }
}

extension Web {
    func showsMail(to request: Request, peer: SocketAddress?) -> Bool {
        let host = configuration.baseURL.drop { $0 != "/" }.drop { $0 == "/" }.prefix {
            $0 != ":" && $0 != "/"
        }
        let isForwarded = ["X-Forwarded-For", "Forwarded", "Via"].contains {
            request.headers[HTTPField.Name($0)!] != nil
        }
        return configuration.smtpURL == nil && ["localhost", "127.0.0.1"].contains(String(host))
            && !isForwarded && ["127.0.0.1", "::1"].contains(peer?.ipAddress ?? "")
    }
}
