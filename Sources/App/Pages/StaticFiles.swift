import HTTPTypes
import Hummingbird
import NIOCore
import Operations

/// Files under names that change with their content, and the two that browsers and robots look for by
/// themselves.
enum StaticFiles {
    static func asset(_ request: Request, _ context: PublicContext, _ web: Web) async throws -> Response {
        guard let name = context.parameters.get("file"), let file = web.assets.files[name] else {
            throw HTTPError(.notFound)
        }
        var headers: HTTPFields = [
            .contentType: file.type, .cacheControl: "public, max-age=31536000, immutable", .eTag: file.etag,
            .vary: "Accept-Encoding",
        ]
        if let known = request.headers[.ifNoneMatch], known == "*" || known.contains(file.etag) {
            return Response(status: .notModified, headers: headers)
        }
        if request.acceptsGzip, let gzipped = file.gzipped {
            headers[.contentEncoding] = "gzip"
            return Response(status: .ok, headers: headers, body: .init(byteBuffer: gzipped))
        }
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: file.body))
    }

    static func favicon(_ request: Request, _ context: PublicContext, _ web: Web) async throws -> Response {
        throw Redirect(to: web.assets.urls["favicon_svg"] ?? "/")
    }

    static func robots(_ request: Request, _ context: PublicContext, _ web: Web) async throws -> Response {
        .text("User-agent: *\nDisallow: /sites\nDisallow: /account\nDisallow: /api/\n")
    }
}

/// How the process does, for whoever runs it.
enum StatusPages {
    static func show(_ request: Request, _ context: PublicContext, _ web: Web) async throws -> Response {
        guard let answer = await web.health.answer(path: request.uri.path) else { throw HTTPError(.notFound) }
        return Response(
            status: .init(code: answer.status), headers: [.contentType: answer.contentType],
            body: .init(byteBuffer: ByteBuffer(string: answer.body)))
    }
}
