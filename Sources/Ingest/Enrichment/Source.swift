/// Where visitors come from, under one name however they came from there.
struct Source: Equatable, Sendable {
    var name: String
    var kind: Kind
    /// The tag itself says that it was paid for: `adwords`.
    var isPaid = false

    enum Kind: UInt8, Sendable {
        case search = 0x73, social = 0x6F, video = 0x76, shopping = 0x70, mail = 0x65, assistant = 0x61
        /// Nothing in particular: a site among sites.
        case other = 0x72
    }

    /// None: the visitor typed the address, or nobody says.
    static let direct = Source(name: "", kind: .other)

    /// The source of a referrer as ``Referrer`` cleans it (`example.com/path`, `android-app://com.example`).
    static func of(referrer: String) -> Source {
        referrer.withBytes { bytes in
            if bytes.isEmpty { return direct }
            guard let mark = bytes.firstIndex(of: UInt8(ascii: "/")) else { return of(host: bytes) }
            if mark == 0 || bytes[mark - 1] != UInt8(ascii: ":") {
                return of(host: .init(rebasing: bytes[..<mark]))
            }
            // An app: the scheme belongs to the name of one that is not known.
            let name = UnsafeBufferPointer(rebasing: bytes[min(mark + 2, bytes.count)...])
            return known(name) ?? Source(name: referrer, kind: .other)
        }
    }

    /// The same, and whether the host is known for spam: from memory if it came before.
    static func of(
        referrer: String, _ memory: Recollection<(source: Source, isSpam: Bool)>
    ) -> (source: Source, isSpam: Bool) {
        if referrer.isEmpty { return (direct, false) }
        let host = Referrer.host(of: referrer)
        var hasher = Hasher()
        hasher.combine(bytesOf: host.utf8.last == UInt8(ascii: ":") ? referrer[...] : host)
        return memory.outcome(of: hasher) { (of(referrer: referrer), ReferrerSpam.contains(host)) }
    }

    /// The source of a host, in lower case; by its own name when it is not known.
    static func of(host: UnsafeBufferPointer<UInt8>) -> Source {
        if isLocal(host) { return direct }
        return known(host) ?? Source(name: String(decoding: host, as: UTF8.self), kind: .other)
    }

    /// The source that a campaign's tag names: `fb`, `Google`, `duckduckgo.com`; as it is written when not known.
    static func of(tag: String) -> Source {
        if tag.isEmpty { return direct }
        let lower = tag.lowercased()
        if let source = names[lower] { return source }
        let host = lower.hasPrefix("www.") ? lower.dropFirst(4) : lower[...]
        if host.utf8.contains(UInt8(ascii: ".")), let source = host.withBytes(known) { return source }
        return Source(name: tag, kind: .other)
    }

    /// The kind of a source that is known by its name alone.
    static func kind(named name: String) -> Kind { of(tag: name).kind }

    /// Machines without a name, which are their owner's own: `localhost`, addresses, `nas.local`.
    static func isLocal(_ host: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let last = host.last else { return true }
        if host[0] == UInt8(ascii: "[") || last.isDigit { return true }
        guard let dot = host.lastIndex(of: UInt8(ascii: ".")) else { return true }
        return ["local", "localhost", "internal", "lan", "home", "test"].contains { (ending: StaticString) in
            host.count - dot - 1 == ending.utf8CodeUnitCount
                && ending.withUTF8Buffer { $0.elementsEqual(host[(dot + 1)...]) }
        }
    }

    // MARK: Tables

    private static let own = HostTable(SourceHosts.text)
    private static let matomo = HostTable(SourceHostsMatomo.text)

    private static func known(_ host: UnsafeBufferPointer<UInt8>) -> Source? {
        if let value = own.value(of: host) ?? matomo.value(of: host) { return Source(value: value) }
        return withoutCountry(host) { own.value(of: $0) ?? matomo.value(of: $0) }.map { Source(value: $0) }
    }

    /// A name after its kind, as it stands in a table.
    private init(value: UnsafeBufferPointer<UInt8>) {
        isPaid = value.count > 1 && value[1] == UInt8(ascii: "$")
        kind = value.first.flatMap(Kind.init) ?? .other
        name = String(decoding: value[(isPaid ? 2 : 1)...], as: UTF8.self)
    }

    init(name: String, kind: Kind, isPaid: Bool = false) {
        (self.name, self.kind, self.isPaid) = (name, kind, isPaid)
    }

    /// Calls with `google.*` for `google.co.uk`.
    private static func withoutCountry(
        _ host: UnsafeBufferPointer<UInt8>,
        _ body: (UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8>?
    ) -> UnsafeBufferPointer<UInt8>? {
        guard host.count < 250, let dot = host.lastIndex(of: UInt8(ascii: ".")) else { return nil }
        // Two letters; or two, `com` or three of the kind of `com` in front of two; or one of the wider ones.
        var end = dot
        if host.count - dot == 3, let second = host[..<dot].lastIndex(of: UInt8(ascii: ".")),
            (3...4).contains(dot - second),
            ["co", "com", "net", "org"].contains(where: { (label: StaticString) in
                label.withUTF8Buffer { $0.elementsEqual(host[(second + 1)..<dot]) }
            })
        {
            end = second
        }
        guard end > 0 else { return nil }
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: end + 2) { buffer in
            for index in 0...end { buffer[index] = host[index] }
            buffer[end + 1] = UInt8(ascii: "*")
            return body(UnsafeBufferPointer(rebasing: buffer[..<(end + 2)]))
        }
    }

    /// Sources by their names and aliases, in lower case.
    private static let names: [String: Source] = {
        var names: [String: Source] = [:]
        for text in [SourceHosts.aliases, SourceHosts.text, SourceHostsMatomo.text] {
            let bytes = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
            for line in bytes.split(separator: 0x0A) {
                let parts = line.split(separator: UInt8(ascii: "="), maxSplits: 1)
                let source = Source(value: UnsafeBufferPointer(rebasing: parts[1]))
                let isAlias = text.utf8Start == SourceHosts.aliases.utf8Start
                let name = isAlias ? String(decoding: parts[0], as: UTF8.self) : source.name.lowercased()
                if names[name] == nil { names[name] = source }
            }
        }
        return names
    }()

    /// Builds the tables before the first request needs them.
    static func prepare() {
        _ = names
        _ = of(referrer: "example.com/")
    }
}
