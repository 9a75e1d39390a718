import Crypto
import NIOCore

/// Style sheets, scripts and pictures: in memory, compressed once, under names that change with their
/// content, so that browsers may keep them for ever.
struct Assets: Sendable {
    struct File: Sendable {
        let body: ByteBuffer
        let gzipped: ByteBuffer?
        let type: String
        let etag: String
    }

    /// By the name behind `/assets/`.
    let files: [String: File]
    /// By the name that templates use: `mochi_css` for `css/mochi.css`.
    let urls: [String: String]

    init(directory: String) throws {
        var files: [String: File] = [:]
        var urls: [String: String] = [:]
        for (path, bytes) in try App.Files.all(in: directory) {
            let name = path.split(separator: "/").last.map(String.init) ?? path
            guard let dot = name.lastIndex(of: "."), let type = Assets.types[String(name[dot...])] else {
                continue
            }
            let hash = SHA256.hash(data: bytes).prefix(6).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
                .joined()
            let hashed = "\(name[..<dot]).\(hash)\(name[dot...])"
            let gzipped = Gzip.compress(bytes, level: 9)
            files[hashed] = File(
                body: ByteBuffer(bytes: bytes),
                gzipped: gzipped.count < bytes.count ? ByteBuffer(bytes: gzipped) : nil,
                type: type, etag: "\"\(hash)\"")
            urls[Assets.tag(name)] = "/assets/\(hashed)"
        }
        self.files = files
        self.urls = urls
    }

    static func tag(_ name: String) -> String {
        String(name.map { $0 == "." || $0 == "-" ? "_" : $0 })
    }

    private static let types = [
        ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
        ".png": "image/png", ".webp": "image/webp", ".woff2": "font/woff2",
    ]
}
