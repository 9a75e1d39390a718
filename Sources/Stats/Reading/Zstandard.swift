import CZstd

/// One frame of zstd, with the size and a checksum of what it holds.
enum Zstandard {
    struct Damaged: Error {}

    static func compressed(_ bytes: [UInt8], level: Int32) throws -> [UInt8] {
        guard let context = ZSTD_createCCtx() else { throw Damaged() }
        defer { ZSTD_freeCCtx(context) }
        ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level)
        ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
        var output = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
        let size = output.withUnsafeMutableBytes { output in
            bytes.withUnsafeBytes {
                ZSTD_compress2(context, output.baseAddress, output.count, $0.baseAddress, $0.count)
            }
        }
        guard ZSTD_isError(size) == 0 else { throw Damaged() }
        output.removeLast(output.count - size)
        return output
    }

    /// - Parameter limit: bytes that it may come to.
    static func decompressed(_ bytes: UnsafeRawBufferPointer, limit: Int) throws -> [UInt8] {
        let size = ZSTD_getFrameContentSize(bytes.baseAddress, bytes.count)
        // Errors and "unknown" are numbers beyond all sizes.
        guard size <= UInt64(limit), size <= UInt64(bytes.count) << 10 else { throw Damaged() }
        return try [UInt8](unsafeUninitializedCapacity: Int(size)) { output, count in
            LargePages.advise(UnsafeMutableRawBufferPointer(output))
            let read = ZSTD_decompress(output.baseAddress, Int(size), bytes.baseAddress, bytes.count)
            guard read == Int(size) else { throw Damaged() }
            count = read
        }
    }
}
