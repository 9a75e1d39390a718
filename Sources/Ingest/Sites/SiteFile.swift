import Days
import FoundationEssentials
import Operations

/// The directory on disk, so that a collector can start while PostgreSQL is away. Excluded addresses are personal
/// data and stay out: until the database answers again they are not excluded.
struct SiteFile: Sendable {
    let path: String
    private static let magic = Array("MOCHIST3".utf8)

    func save(_ sites: [SiteEntry]) throws(SystemError) {
        var bytes = SiteFile.magic
        for site in sites {
            bytes.put(site.id)
            bytes.put(site.account)
            bytes.put(site.domain)
            bytes.put(varint: site.duplicateWindow)
            SiteFile.put(site.hostnames, &bytes)
            bytes.put(varint: site.keys.count)
            for key in site.keys {
                bytes.put(key.key)
                bytes.append(key.isRevoked ? 1 : 0)
            }
            bytes.put(varint: site.zones.count)
            for era in site.zones {
                bytes.put(era.from.rawValue)
                bytes.put(era.zone)
            }
            SiteFile.put(site.exclusions.countries.sorted(), &bytes)
            SiteFile.put(site.exclusions.pages, &bytes)
            SiteFile.put(site.exclusions.hostnames, &bytes)
            SiteFile.put(site.keptParameters, &bytes)
            // Without them what they mask would be stored while the database is away.
            SiteFile.put(site.personalPatterns.texts, &bytes)
            SiteFile.put(site.trackerFeatures.map(\.rawValue).sorted(), &bytes)
        }
        bytes.put(bytes.withUnsafeBytes { CRC32C.of($0) })
        try Files.write(bytes, to: path)
    }

    /// Nil when there is none, or it is damaged.
    func load(salts: Salts) -> [SiteEntry]? {
        guard let bytes = try? Files.read(path, limit: 1 << 28), bytes.count >= 12 else { return nil }
        return bytes.withUnsafeBytes { bytes in
            let content = UnsafeRawBufferPointer(rebasing: bytes.dropLast(4))
            let crc = UInt32(
                littleEndian: bytes.loadUnaligned(fromByteOffset: content.count, as: UInt32.self))
            guard CRC32C.of(content) == crc else { return nil }
            return try? SiteFile.decode(content, salts)
        }
    }

    private static func decode(
        _ content: UnsafeRawBufferPointer, _ salts: Salts
    ) throws(ByteReader.Malformed) -> [SiteEntry] {
        var reader = ByteReader(content)
        guard try reader.take(magic.count).elementsEqual(magic) else { throw ByteReader.Malformed() }
        var sites: [SiteEntry] = []
        while !reader.isAtEnd {
            let id = try reader.uuid()
            let account: Int64 = try reader.integer()
            let domain = try reader.text()
            let window = try reader.varint()
            let hostnames = try texts(&reader)
            var keys: [SiteEntry.Key] = []
            for _ in 0..<(try reader.varint()) {
                keys.append(
                    SiteEntry.Key(key: try reader.text(), isRevoked: try reader.integer(UInt8.self) == 1))
            }
            var zones: [SiteEntry.Era] = []
            for _ in 0..<(try reader.varint()) {
                zones.append(
                    SiteEntry.Era(from: Day(rawValue: try reader.integer()), zone: try reader.text()))
            }
            var exclusions = Exclusions()
            exclusions.countries = Set(try texts(&reader))
            exclusions.pages = try texts(&reader)
            exclusions.hostnames = try texts(&reader)
            sites.append(
                SiteEntry(
                    id: id, account: account, domain: domain, hostnames: hostnames, duplicateWindow: window,
                    keys: keys, zones: zones, exclusions: exclusions, keptParameters: try texts(&reader),
                    personalPatterns: PersonalPatterns(try texts(&reader)),
                    trackerFeatures: TrackerFeature.named(try texts(&reader)), salts: salts))
        }
        return sites
    }

    private static func put(_ texts: [String], _ bytes: inout [UInt8]) {
        bytes.put(varint: texts.count)
        for text in texts { bytes.put(text) }
    }

    private static func texts(_ reader: inout ByteReader) throws(ByteReader.Malformed) -> [String] {
        var texts: [String] = []
        for _ in 0..<(try reader.varint()) { texts.append(try reader.text()) }
        return texts
    }
}
