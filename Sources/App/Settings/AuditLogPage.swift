import Auth
import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore
import Postgres

/// `/account/audit-log` and `.csv`: who did what, and when. Owners read it; nobody changes it.
enum AuditLogPage {
    private static let pageSize = 100

    static func show(_ request: Request, _ context: AccountContext, _ web: Web) async throws -> Response {
        let before = Int64(try Fields(query: request)["before"])
        let entries = try await web.auditLog(context.account, before, pageSize)
        var card = SectionPage.Card(
            id: "log", heading: "Audit log",
            lead: "What was done in this account. Nobody can change or remove a line.",
            table: .init(
                columns: ["When (UTC)", "Who", "What"], rows: entries.map(row), empty: "Nothing yet."),
            links: [.init(label: "Download as CSV", link: "/account/audit-log.csv")])
        if entries.count == pageSize, let last = entries.last {
            card.links.insert(.init(label: "Older", link: "/account/audit-log?before=\(last.id)"), at: 0)
        }
        return web.page(
            AccountTabs.page("audit-log", request, context.account, [card]), for: request, context)
    }

    static func csv(_ request: Request, _ context: AccountContext, _ web: Web) async throws -> Response {
        var lines = ["time,who,session,action,subject,detail"]
        var before: Int64?
        // A hundred thousand lines are what a table calculation takes.
        for _ in 0..<1_000 {
            let entries = try await web.auditLog(context.account, before, pageSize)
            lines += entries.map { entry in
                [
                    time(entry.at), entry.who ?? "", entry.session?.uuidString.lowercased() ?? "",
                    entry.action,
                    entry.subject, entry.detail.text,
                ].map(quoted).joined(separator: ",")
            }
            guard entries.count == pageSize else { break }
            before = entries.last?.id
        }
        return Response(
            status: .ok,
            headers: [
                .contentType: "text/csv; charset=utf-8",
                .contentDisposition: #"attachment; filename="audit-log.csv""#,
            ], body: .init(byteBuffer: ByteBuffer(string: lines.joined(separator: "\r\n") + "\r\n")))
    }

    private static func row(_ entry: AuditLog.Entry) -> SectionPage.Row {
        let detail = entry.detail.text == "{}" ? nil : entry.detail.text
        return .init(
            cells: [
                .init(clock(entry.at)), .init(entry.who ?? "the program"),
                .init(
                    "\(entry.action.map { $0 == "_" || $0 == "." ? " " : String($0) }.joined()) \(entry.subject)",
                    note: detail),
            ])
    }

    /// 2026-11-21 14:05:09
    private static func clock(_ date: Date) -> String {
        String(time(date).prefix(19).map { $0 == "T" ? " " : $0 })
    }

    private static func time(_ date: Date) -> String { date.formatted(.iso8601) }

    /// RFC 4180; what a table calculation would take for a formula begins with an apostrophe.
    static func quoted(_ text: String) -> String {
        CSV.quoted(CSV.guarded(text))
    }
}
