import CZlib

/// A zip of files that are made in memory (PKWARE's APPNOTE 6.3.3: deflated, names in UTF-8, no Zip64, at most 4 GB).
struct ZipArchive: Sendable {
    private var bytes: [UInt8] = []
    private var directory: [UInt8] = []
    private var count: UInt16 = 0
    private let time: UInt16
    private let date: UInt16

    /// - Parameter date: that the files are said to be of; years from 1980 to 2107.
    init(year: Int, month: Int, day: Int) {
        time = 0
        date = UInt16(truncatingIfNeeded: (min(max(year, 1980), 2107) - 1980) << 9 | month << 5 | day)
    }

    mutating func add(_ name: String, _ content: [UInt8]) {
        let packed = ZipArchive.deflate(content)
        let checksum = content.withUnsafeBufferPointer {
            UInt32(truncatingIfNeeded: crc32(0, $0.baseAddress, UInt32($0.count)))
        }
        let offset = UInt32(bytes.count)
        var header: [UInt8] = []
        // Needs 2.0; names are UTF-8 (bit 11); deflated.
        for part in [20, 1 << 11, 8, time, date] as [UInt16] { ZipArchive.put(part, &header) }
        for part in [checksum, UInt32(packed.count), UInt32(content.count)] { ZipArchive.put(part, &header) }
        ZipArchive.put(UInt16(name.utf8.count), &header)
        ZipArchive.put(0 as UInt16, &header)

        ZipArchive.put(0x0403_4b50 as UInt32, &bytes)
        bytes += header + Array(name.utf8) + packed

        ZipArchive.put(0x0201_4b50 as UInt32, &directory)
        ZipArchive.put(20 as UInt16, &directory)
        directory += header
        // No comment, first disk, neither text nor other attributes.
        for _ in 0..<3 { ZipArchive.put(0 as UInt16, &directory) }
        ZipArchive.put(0 as UInt32, &directory)
        ZipArchive.put(offset, &directory)
        directory += Array(name.utf8)
        count += 1
    }

    func finished() -> [UInt8] {
        var end: [UInt8] = []
        ZipArchive.put(0x0605_4b50 as UInt32, &end)
        for part in [0, 0, count, count] as [UInt16] { ZipArchive.put(part, &end) }
        ZipArchive.put(UInt32(directory.count), &end)
        ZipArchive.put(UInt32(bytes.count), &end)
        ZipArchive.put(0 as UInt16, &end)
        return bytes + directory + end
    }

    private static func put<N: FixedWidthInteger>(_ number: N, _ bytes: inout [UInt8]) {
        withUnsafeBytes(of: number.littleEndian) { bytes += $0 }
    }

    private static func deflate(_ content: [UInt8]) -> [UInt8] {
        var stream = z_stream()
        precondition(mochi_deflate_init(&stream, 6) == Z_OK, "zlib has no memory")
        defer { deflateEnd(&stream) }
        var input = content
        return [UInt8](unsafeUninitializedCapacity: Int(deflateBound(&stream, UInt(content.count)))) {
            output, count in
            input.withUnsafeMutableBufferPointer { input in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(output.count)
                CZlib.deflate(&stream, Z_FINISH)
                count = Int(stream.total_out)
            }
        }
    }
}
