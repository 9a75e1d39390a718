/// What a page consists of besides itself, and what only programs ask for. A log has lines of it; nobody visits it.
enum AssetPath {
    /// Without the dot, in lower case.
    static let extensions: Set<String> = [
        // Code and data.
        "css", "js", "mjs", "cjs", "map", "wasm", "json", "webmanifest", "xml", "rss", "atom", "rdf", "xsl",
        // Pictures.
        "png", "jpg", "jpeg", "gif", "svg", "svgz", "webp", "avif", "ico", "cur", "bmp", "tif", "tiff",
        // Fonts.
        "woff", "woff2", "ttf", "otf", "eot",
        // Sound and film.
        "mp3", "m4a", "ogg", "oga", "opus", "wav", "flac", "mp4", "m4v", "webm", "ogv", "mov", "avi", "m3u8",
        "ts",
    ]

    /// Whole paths.
    static let names: Set<String> = ["/robots.txt", "/ads.txt", "/humans.txt", "/security.txt", "/favicon"]

    /// A decoded path, without query.
    static func contains(_ path: String) -> Bool {
        if names.contains(path) || path.hasPrefix("/.well-known/") { return true }
        let bytes = path.utf8
        guard let dot = bytes.lastIndex(of: UInt8(ascii: ".")), bytes[dot...].count <= 12,
            !bytes[dot...].contains(UInt8(ascii: "/"))
        else { return false }
        return extensions.contains(path[bytes.index(after: dot)...].lowercased())
    }
}
