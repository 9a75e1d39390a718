import CZlib

/// RFC 1952, through zlib.
enum Gzip {
    static func compress(_ bytes: [UInt8], level: Int32) -> [UInt8] {
        var stream = z_stream()
        guard mochi_gzip_init(&stream, level) == Z_OK else { return bytes }
        defer { deflateEnd(&stream) }
        var input = bytes
        // deflateBound knows the worst case, so that one call takes all.
        return [UInt8](unsafeUninitializedCapacity: Int(deflateBound(&stream, UInt(bytes.count)))) {
            output, count in
            input.withUnsafeMutableBufferPointer { input in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(output.count)
                deflate(&stream, Z_FINISH)
                count = Int(stream.total_out)
            }
        }
    }
}
