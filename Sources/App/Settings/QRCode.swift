import CQRencode

/// A text as a square of dark and light modules, for the camera of a phone; drawn here, so that no text leaves for it.
struct QRCode: Sendable, Equatable {
    /// Modules of a side, without the margin.
    let size: Int
    /// The dark modules as an SVG path: a rectangle for each run in a row, one unit a module, shifted by the margin.
    let path: String

    /// As the standard (ISO/IEC 18004) asks for.
    static let margin = 4

    /// Nil when the text is too long: 2,331 bytes fit at the level of correction that is used (M, 15 %).
    init?(_ text: String) {
        guard let code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M) else { return nil }
        defer { QRcode_free(code) }
        let width = Int(code.pointee.width)
        let modules = UnsafeBufferPointer(start: code.pointee.data, count: width * width)
        size = width
        path = (0..<width).map { QRCode.row(modules[($0 * width)..<(($0 + 1) * width)], at: $0) }.joined()
    }

    /// The lowest bit of a module says whether it is dark.
    private static func row(_ modules: Slice<UnsafeBufferPointer<UInt8>>, at y: Int) -> String {
        var path = ""
        var x = modules.startIndex
        while let start = modules[x...].firstIndex(where: { $0 & 1 == 1 }) {
            let end = modules[start...].firstIndex { $0 & 1 == 0 } ?? modules.endIndex
            path += "M\(start - modules.startIndex + margin) \(y + margin)h\(end - start)v1h-\(end - start)z"
            x = end
        }
        return path
    }

    var model: Model { ["side": size + 2 * QRCode.margin, "path": path] }
}
