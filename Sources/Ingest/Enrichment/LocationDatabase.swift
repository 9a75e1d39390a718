import CMaxMindDB
import Glibc

/// A database of addresses in MaxMind's format (maxmind.github.io/MaxMind-DB), mapped into memory: GeoLite2 and
/// GeoIP2 Country and City, DB-IP's and IPinfo's have the fields that are read here.
///
/// The file must be replaced by renaming another over it, as all their updaters do: writing into a mapped file would
/// pull it out from under its readers.
final class LocationDatabase: Sendable {
    /// Why a file cannot be used.
    struct Unusable: Error, CustomStringConvertible {
        let path: String
        let reason: String
        var description: String { "\(path) is no usable MMDB file: \(reason)" }
    }

    /// What tells one version of a file from another.
    struct Version: Equatable, Sendable {
        var device: UInt64
        var inode: UInt64
        var size: Int64
        var seconds: Int
        var nanoseconds: Int

        /// Nil when there is no such file.
        init?(of path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            device = UInt64(status.st_dev)
            inode = UInt64(status.st_ino)
            size = Int64(status.st_size)
            seconds = status.st_mtim.tv_sec
            nanoseconds = status.st_mtim.tv_nsec
        }
    }

    /// The library reads an open database from any number of threads.
    nonisolated(unsafe) private let handle: UnsafeMutablePointer<MMDB_s>

    init(path: String) throws(Unusable) {
        let handle = UnsafeMutablePointer<MMDB_s>.allocate(capacity: 1)
        let status = MMDB_open(path, UInt32(MMDB_MODE_MMAP), handle)
        guard status == MMDB_SUCCESS else {
            handle.deallocate()
            throw Unusable(path: path, reason: String(cString: MMDB_strerror(status)))
        }
        // Last: an initializer that throws with everything set runs deinit.
        self.handle = handle
    }

    deinit {
        MMDB_close(handle)
        handle.deallocate()
    }

    /// The place of an address, IPv4 as ::ffff:a.b.c.d; unknown where the database has none.
    func place(high: UInt64, low: UInt64) -> Place {
        var status: Int32 = 0
        var result: MMDB_lookup_result_s
        if high == 0, low >> 32 == 0xFFFF {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(truncatingIfNeeded: low).bigEndian
            result = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    MMDB_lookup_sockaddr(handle, $0, &status)
                }
            }
        } else {
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            withUnsafeMutableBytes(of: &address.sin6_addr) {
                $0.storeBytes(of: high.bigEndian, as: UInt64.self)
                $0.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
            }
            result = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    MMDB_lookup_sockaddr(handle, $0, &status)
                }
            }
        }
        guard status == MMDB_SUCCESS, result.found_entry else { return .unknown }
        guard
            let country = LocationDatabase.text(&result.entry, LocationDatabase.countryPaths).flatMap(
                Place.country)
        else { return .unknown }
        return Place(
            country: country,
            region: LocationDatabase.text(&result.entry, LocationDatabase.regionPaths) ?? "",
            city: LocationDatabase.text(&result.entry, LocationDatabase.cityPaths) ?? "")
    }

    // MARK: Fields

    /// Keys from the record's root to a text, ended by nil, as the library wants them. Never changed, never freed.
    private struct Path: Sendable {
        nonisolated(unsafe) let keys: UnsafePointer<UnsafePointer<CChar>?>

        init(_ names: StaticString...) {
            let keys = UnsafeMutablePointer<UnsafePointer<CChar>?>.allocate(capacity: names.count + 1)
            for (index, name) in names.enumerated() {
                keys[index] = UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
            }
            keys[names.count] = nil
            self.keys = UnsafePointer(keys)
        }
    }

    private static let countryPaths = [Path("country", "iso_code"), Path("country_code"), Path("country")]
    private static let regionPaths = [Path("subdivisions", "0", "names", "en"), Path("region")]
    private static let cityPaths = [Path("city", "names", "en"), Path("city")]

    private static func text(_ entry: inout MMDB_entry_s, _ paths: [Path]) -> String? {
        for path in paths {
            var length: UInt32 = 0
            guard let text = mochi_mmdb_text(&entry, path.keys, &length) else { continue }
            let bytes = UnsafeRawBufferPointer(start: text, count: Int(length))
            return String(decoding: bytes, as: UTF8.self)
        }
        return nil
    }
}
