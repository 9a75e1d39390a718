import Glibc

/// Memory of which much is needed at once comes in pages of two megabytes, where the system has some: clearing and mapping
/// small ones took a third of the time of reading a large day.
enum LargePages {
    private static let size = 2 << 20

    /// - Parameter memory: nothing of it has been written yet.
    static func advise(_ memory: UnsafeMutableRawBufferPointer) {
        guard let start = memory.baseAddress, memory.count >= 2 * size else { return }
        // An advice is about whole small pages, and not to be had everywhere: it changes nothing but the time.
        let page = Int(getpagesize())
        let first = (UInt(bitPattern: start) + UInt(page) - 1) / UInt(page) * UInt(page)
        let length = memory.count - Int(first - UInt(bitPattern: start))
        madvise(UnsafeMutableRawPointer(bitPattern: first), length, MADV_HUGEPAGE)
    }
}
