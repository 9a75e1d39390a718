import CZstd

/// Frames of zstd, each with the size and a checksum of what it holds.
enum Frame {
    /// What is read may be so many times as long as what is stored: the planes, and the texts. A value that
    /// would squeeze better (a day of nothing but one robot) is filled up with zeros, so that bytes from
    /// anywhere make a reader allocate no more than in proportion.
    static let ratio = 256
    private static let longest = 1 << 30

    /// Planes are mostly numbers in no order, of which only the entropy coder makes less. So each plane has
    /// statistics of its own (one for all: 16 % more), and only long matches are looked for (level 3 finds
    /// more of them and takes 2 % more space: a match costs more than the few symbols that it replaces).
    static func ofPlanes(_ planes: PlaneWriter) throws(BlockDamage) -> [UInt8] {
        try compressed(
            planes.bytes, cuts: planes.cuts, [(ZSTD_c_compressionLevel, 1), (ZSTD_c_minMatch, 7)])
    }

    static func ofTexts(_ texts: [UInt8]) throws(BlockDamage) -> [UInt8] {
        try compressed(texts, cuts: [], [(ZSTD_c_compressionLevel, 6)])
    }

    /// A shorter stretch does not pay for statistics of its own.
    private static let shortestCut = 256

    private static func compressed(
        _ bytes: [UInt8], cuts: [Int], _ parameters: [(ZSTD_cParameter, Int32)]
    ) throws(BlockDamage) -> [UInt8] {
        guard bytes.count <= longest else { throw BlockDamage("There is more than a block can hold.") }
        guard let context = ZSTD_createCCtx() else {
            throw BlockDamage("There is no memory to compress with.")
        }
        defer { ZSTD_freeCCtx(context) }
        for (parameter, value) in parameters + [(ZSTD_c_checksumFlag, 1)] {
            ZSTD_CCtx_setParameter(context, parameter, value)
        }
        ZSTD_CCtx_setPledgedSrcSize(context, UInt64(bytes.count))
        // Each stretch may take a header of its own.
        var output = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count) + 16 * cuts.count + 64)
        var (written, from) = (0, 0)
        for end in cuts.filter({ $0 < bytes.count }) + [bytes.count] {
            let isLast = end == bytes.count
            if !isLast, end - from < shortestCut { continue }
            let missing = output.withUnsafeMutableBytes { output in
                bytes.withUnsafeBytes { bytes in
                    var input = ZSTD_inBuffer(src: bytes.baseAddress, size: end, pos: from)
                    var buffer = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: written)
                    let missing = ZSTD_compressStream2(
                        context, &buffer, &input, isLast ? ZSTD_e_end : ZSTD_e_flush)
                    written = buffer.pos
                    return missing
                }
            }
            guard missing == 0 else { throw BlockDamage("Compression failed.") }
            from = end
        }
        output.removeLast(output.count - written)
        return output
    }

    /// Zeros to put behind frames so that they may hold so much.
    static func padding(_ stored: Int, planes: Int, texts: Int) -> Int {
        max(0, max(planes, texts) / ratio + 1 - stored)
    }

    /// Runs `body` with what the frames hold, the planes first and then texts; it is valid while it runs.
    static func read<Result>(
        _ frames: UnsafeRawBufferPointer, _ body: (inout PlaneReader) throws(BlockDamage) -> Result
    ) throws(BlockDamage) -> Result {
        var parts: [(frame: UnsafeRawBufferPointer, size: Int)] = []
        var rest = frames
        while let first = rest.first, first != 0 {
            let size = ZSTD_getFrameContentSize(rest.baseAddress, rest.count)
            let stored = ZSTD_findFrameCompressedSize(rest.baseAddress, rest.count)
            // Errors, and an unknown size, are numbers beyond all others.
            guard size <= UInt64(min(frames.count * ratio, longest)), stored <= rest.count, stored > 0,
                parts.count < 3
            else { throw BlockDamage("What was compressed is damaged.") }
            parts.append((UnsafeRawBufferPointer(rebasing: rest[..<stored]), Int(size)))
            rest = UnsafeRawBufferPointer(rebasing: rest[stored...])
        }
        guard rest.allSatisfy({ $0 == 0 }), let planes = parts.first else {
            throw BlockDamage("What was compressed is damaged.")
        }
        let content = UnsafeMutableRawBufferPointer.allocate(
            byteCount: parts.reduce(PlaneReader.padding) { $0 + $1.size }, alignment: 16)
        defer { content.deallocate() }
        var at = 0
        for (index, part) in parts.enumerated() {
            let read = ZSTD_decompress(
                content.baseAddress! + at, part.size, part.frame.baseAddress, part.frame.count)
            guard read == part.size else { throw BlockDamage("What was compressed is damaged.") }
            at += part.size
            guard index == 0 else { continue }
            for offset in at..<at + PlaneReader.padding { content[offset] = 0 }
            at += PlaneReader.padding
        }
        var reader = PlaneReader(
            UnsafeRawBufferPointer(rebasing: content[..<(planes.size + PlaneReader.padding)]),
            texts: UnsafeRawBufferPointer(rebasing: content[(planes.size + PlaneReader.padding)...]),
            textBytes: min(frames.count * ratio, longest))
        let result = try body(&reader)
        try reader.finish()
        return result
    }
}
