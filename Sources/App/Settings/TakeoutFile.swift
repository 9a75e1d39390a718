import Auth
import HTTPTypes
import Hummingbird
import NIOCore

/// `/account/takeout`: everything of the account, as it is read, compressed piece by piece.
enum TakeoutFile {
    static func download(_ request: Request, _ context: AccountContext, _ web: Web) async throws -> Response {
        let takeout = web.takeout(context.account)
        if let wait = try await web.throttle.take(
            .takeout, by: "\(context.account.account.rawValue)", now: web.now())
        {
            throw TooManyRequests(retryAfter: wait)
        }
        try await web.noteTakeout(context.account)
        return Response(
            status: .ok,
            headers: [
                .contentType: "application/gzip",
                .contentDisposition: #"attachment; filename="mochi-takeout.jsonl.gz""#,
            ],
            body: ResponseBody { writer in
                // Several members in a row are one file of gzip.
                try await takeout.write { lines in
                    try await writer.write(
                        ByteBuffer(bytes: Gzip.compress(Array(lines.utf8), level: 5)))
                }
                try await writer.finish(nil)
            })
    }
}
