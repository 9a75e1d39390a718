import CZlib
import Crypto
import Operations
import Synchronization

/// The tracker, in every form that a snippet may ask for. Its files are read once at start.
final class Scripts: Sendable {
    struct Script: Sendable {
        var content: [UInt8]
        var compressed: [UInt8]?
        var tag: String

        init(_ content: [UInt8]) {
            self.content = content
            let digest = SHA256.hash(data: content).prefix(8).reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
            tag = "\"\(String(digest, radix: 16))\""
            compressed = Scripts.gzip(content).flatMap { $0.count < content.count ? $0 : nil }
        }

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

    private let files: TrackerFiles
    /// Those that were asked for. There are a few hundred forms at most.
    private let made = Mutex<[TrackerForm: Script]>([:])

    init(_ files: TrackerFiles) {
        self.files = files
    }

    func find(_ path: Substring, _ directory: SiteDirectory) -> Script? {
        guard let form = form(path, directory) else { return nil }
        if let script = made.withLock({ $0[form] }) { return script }
        guard let script = files.join(form).map(Script.init) else { return nil }
        made.withLock { $0[form] = script }
        return script
    }

    private func form(_ path: Substring, _ directory: SiteDirectory) -> TrackerForm? {
        if path == "/js/mochi.js" { return .mochi }
        if let form = TrackerForm.peer(path) { return form }
        guard path.hasPrefix("/js/"), path.hasSuffix(".js"),
            case .site(let site) = directory.find(.key(String(path.dropFirst(4).dropLast(3))))
        else { return nil }
        return TrackerForm(features: site.trackerFeatures)
    }
}

extension Scripts {
    /// Reads the sources in `tracker` of a directory; serves nothing when there are none.
    convenience init(directory: String) {
        let folder = directory + "/tracker"
        var sources: [String: [UInt8]] = [:]
        for name in (try? RealDisk().names(in: folder)) ?? [] where name.hasSuffix(".js") {
            sources[String(name.dropLast(3))] = try? Files.read("\(folder)/\(name)")
        }
        self.init(TrackerFiles(sources))
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
