import Days
import Glibc
import Operations

/// The salts in a file in memory (tmpfs), which only this user can read and which ends with the machine: so that a
/// crash of everything at once does not split a day's visitors in two.
struct SaltMirror: Sendable {
    let path: String

    /// Nil where there is no tmpfs to write to: a salt never reaches a disk.
    init?(data: String, directory: String = "/dev/shm") {
        // "tmpfs /dev/shm tmpfs rw,…"
        let mounts = (try? Files.read("/proc/self/mounts"))?.split(separator: 10) ?? []
        let isInMemory = mounts.contains { line in
            let fields = line.split(separator: 32)
            return fields.count > 2 && fields[1].elementsEqual(directory.utf8)
                && fields[2].elementsEqual("tmpfs".utf8)
        }
        guard isInMemory, access(directory, W_OK) == 0 else { return nil }
        let name = data.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) {
            ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3
        }
        path = "\(directory)/mochi-\(geteuid())-\(String(name, radix: 16)).salts"
    }

    /// What is there; nothing if the file is anybody else's, open to others, or damaged.
    func load() -> [LocalDay: Salt] {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_uid == geteuid(),
            status.st_mode & 0o077 == 0, let bytes = try? Files.read(path)
        else { return [:] }
        var salts: [LocalDay: Salt] = [:]
        try? bytes.withUnsafeBytes { bytes throws(ByteReader.Malformed) in
            var reader = ByteReader(bytes)
            while !reader.isAtEnd {
                let day = Day(rawValue: try reader.integer())
                let salt = Salt(high: try reader.integer(), low: try reader.integer())
                if let zone = Zone.named(try reader.text()) { salts[LocalDay(day: day, zone: zone)] = salt }
            }
        }
        return salts
    }

    func save(_ salts: [LocalDay: Salt]) throws(SystemError) {
        var bytes: [UInt8] = []
        for (day, salt) in salts {
            bytes.put(day.day.rawValue)
            bytes.put(salt.high)
            bytes.put(salt.low)
            bytes.put(day.zone.name)
        }
        try Files.write(bytes, to: path)
    }
}
