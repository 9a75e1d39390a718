import Glibc

/// Debian's package tzdata, as it lies on disk.
enum Tzdata {
    static let directory = "/usr/share/zoneinfo"

    /// The bytes of a file in ``directory``; nil if it is not there, or too large to be one of tzdata's.
    static func file(_ name: String) -> [UInt8]? {
        let descriptor = open("\(directory)/\(name)", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= 1 << 20
        else {
            return nil
        }
        let size = Int(status.st_size)
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                let got = read(descriptor, buffer.baseAddress! + count, size - count)
                if got <= 0 { break }
                count += got
            }
        }
        return bytes.count == size ? bytes : nil
    }

    /// The fields of each line of a table, without comments.
    static func lines(of name: String, separator: UInt8) -> [[String]] {
        guard let bytes = file(name) else { return [] }
        return bytes.split(separator: 10).filter { $0.first != UInt8(ascii: "#") }.map { line in
            line.split(separator: separator).map { String(decoding: $0, as: UTF8.self) }
        }
    }
}

extension Zone {
    /// The zones to choose from: one for each place that tzdata knows, and UTC; sorted.
    package static let names: [String] = (countries.keys.filter { places.contains($0) } + ["UTC"]).sorted()

    /// The country (ISO 3166, two letters) in which a zone's place lies; nil for zones without a place.
    ///
    /// Understands former names too (`Asia/Calcutta`), since browsers go on sending them.
    package static func country(of name: String) -> String? {
        countries[name]
    }

    private static let places = Set(
        Tzdata.lines(of: "zone.tab", separator: 9).compactMap { $0.count > 2 ? $0[2] : nil })

    private static let countries: [String: String] = {
        var countries: [String: String] = [:]
        for line in Tzdata.lines(of: "zone.tab", separator: 9) where line.count > 2 {
            countries[line[2]] = line[0]
        }
        // Former names: "L America/Nuuk America/Godthab" in tzdata's compact source.
        for line in Tzdata.lines(of: "tzdata.zi", separator: 32) where line.count == 3 && line[0] == "L" {
            if countries[line[2]] == nil, let country = countries[line[1]] { countries[line[2]] = country }
        }
        // tzdata merges these with a place in another country that had the same clocks since 1970.
        for (name, country) in [
            ("Africa/Asmera", "ER"), ("Africa/Timbuktu", "ML"), ("America/Coral_Harbour", "CA"),
            ("America/Virgin", "VI"), ("Atlantic/Jan_Mayen", "SJ"), ("Iceland", "IS"),
            ("Pacific/Johnston", "UM"),
            ("Pacific/Ponape", "FM"), ("Pacific/Truk", "FM"), ("Pacific/Yap", "FM"),
        ] {
            countries[name] = country
        }
        return countries
    }()
}
