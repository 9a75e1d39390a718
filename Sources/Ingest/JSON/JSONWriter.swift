/// Writes JSON into bytes. Commas are its business, brackets the caller's.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []
    private var needsComma = false

    mutating func object(_ members: (inout JSONWriter) -> Void) {
        bracket("{", "}", members)
    }

    mutating func array(_ elements: (inout JSONWriter) -> Void) {
        bracket("[", "]", elements)
    }

    mutating func key(_ key: String) {
        separate()
        appendQuoted(key)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    mutating func value(_ value: String) {
        separate()
        appendQuoted(value)
        needsComma = true
    }

    mutating func value(_ value: Int?) {
        raw((value.map(String.init) ?? "null").utf8)
    }

    mutating func value(_ value: Bool) {
        raw((value ? "true" : "false").utf8)
    }

    /// A value that is JSON already.
    mutating func raw(_ json: some Sequence<UInt8>) {
        separate()
        bytes.append(contentsOf: json)
        needsComma = true
    }

    mutating func member(_ key: String, _ value: String) {
        self.key(key)
        self.value(value)
    }

    mutating func member(_ key: String, _ value: Int?) {
        self.key(key)
        self.value(value)
    }

    private mutating func bracket(
        _ open: Unicode.Scalar, _ close: Unicode.Scalar, _ content: (inout JSONWriter) -> Void
    ) {
        separate()
        bytes.append(UInt8(ascii: open))
        needsComma = false
        content(&self)
        bytes.append(UInt8(ascii: close))
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }

    private mutating func appendQuoted(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case ..<0x20, 0x7F:
                let digits = Array("0123456789abcdef".utf8)
                bytes += Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
