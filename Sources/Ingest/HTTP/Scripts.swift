import CZlib
import Crypto
import Operations

/// The tracker's files, read once at start.
struct Scripts: Sendable {
    struct Script: Sendable {
        var content: [UInt8]
        var compressed: [UInt8]?
        var tag: String

        func answer(_ headers: RequestHeaders) -> Answer {
            var answer: Answer
            if let known = headers.ifNoneMatch, known.contains(tag) {
                answer = Answer(.notModified)
            } else if headers.acceptsGzip, let compressed {
                answer = Answer(.ok, type: "text/javascript; charset=utf-8", compressed)
                    .with("Content-Encoding", "gzip")
            } else {
                answer = Answer(.ok, type: "text/javascript; charset=utf-8", content)
            }
            answer.headers += [
                ("ETag", tag), ("Cache-Control", "public, max-age=86400"), ("Vary", "Accept-Encoding"),
                ("Cross-Origin-Resource-Policy", "cross-origin"), ("X-Content-Type-Options", "nosniff"),
            ]
            return answer
        }
    }

    private var files: [String: Script] = [:]

    func find(_ path: Substring, _ directory: SiteDirectory) -> Script? {
        guard path.hasSuffix(".js") else { return nil }
        let name: Substring
        if path.hasPrefix("/js/") {
            name = path.dropFirst(4)
        } else if path == "/script.js" || path == "/count.js" {
            name = path.dropFirst()
        } else {
            return nil
        }
        if let file = files[String(name)] { return file }
        // Plausible's variants: script.hash.outbound-links.js.
        if name.hasPrefix("script.") { return files["script.js"] }
        if case .site = directory.find(.key(String(name.dropLast(3)))) { return files["mochi.js"] }
        return nil
    }
}

extension Scripts {
    /// Reads every script in a directory; none when there is no such directory.
    init(directory: String) {
        let names = (try? RealDisk().names(in: directory)) ?? []
        for name in names where name.hasSuffix(".js") {
            guard let content = try? Files.read("\(directory)/\(name)") else { continue }
            let digest = SHA256.hash(data: content).prefix(8).reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
            let compressed = Scripts.gzip(content)
            files[name] = Script(
                content: content, compressed: (compressed?.count ?? .max) < content.count ? compressed : nil,
                tag: "\"\(String(digest, radix: 16))\"")
        }
    }

    private static func gzip(_ content: [UInt8]) -> [UInt8]? {
        var stream = z_stream()
        guard mochi_gzip_init(&stream, 9) == Z_OK else { return nil }
        defer { deflateEnd(&stream) }
        var input = content
        var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(content.count))) + 32)
        let result = input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(output.count)
                return deflate(&stream, Z_FINISH)
            }
        }
        guard result == Z_STREAM_END else { return nil }
        return Array(output.prefix(Int(stream.total_out)))
    }
}
