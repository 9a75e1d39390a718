import Mustache

/// How a text stands in HTML: as a text, whatever is in it.
///
/// swift-mustache goes by what Unicode holds for one character. A quote with a mark above it, `"̈`, is one, and none of the
/// five that it escapes: a path that has it would end the attribute that it is shown in, and could go on with others. So
/// this goes by bytes, which is many times as quick, too.
struct HTMLText: MustacheContentType {
    /// Registers the type, and answers the line that makes a template use it: partials begin with the library's own.
    static func pragma() -> String {
        MustacheContentTypes.register(HTMLText(), named: name)
        return "{{% CONTENT_TYPE:\(name)}}\n"
    }

    private static let name = "ESCAPED"

    func escapeText(_ text: String) -> String {
        guard text.utf8.contains(where: { HTMLText.escaped($0) != nil }) else { return text }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count + 32)
        for byte in text.utf8 {
            if let escaped = HTMLText.escaped(byte) {
                escaped.withUTF8Buffer { bytes.append(contentsOf: $0) }
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    @inline(__always)
    private static func escaped(_ byte: UInt8) -> StaticString? {
        switch byte {
        case UInt8(ascii: "<"): "&lt;"
        case UInt8(ascii: ">"): "&gt;"
        case UInt8(ascii: "&"): "&amp;"
        case UInt8(ascii: "\""): "&quot;"
        case UInt8(ascii: "'"): "&#39;"
        default: nil
        }
    }
}
