import Synchronization

/// The texts of one column of a site, numbered once for all of its blocks. "" is 0.
final class SharedTexts: Sendable {
    private let table: Mutex<TextTable>

    init() {
        var table = TextTable()
        _ = table.id(of: "")
        self.table = Mutex(table)
    }

    var byteCount: Int { table.withLock { $0.byteCount } }

    /// The numbers of `texts`, in their order.
    func ids(of texts: [String]) -> [UInt32] {
        if texts.isEmpty { return [] }
        return table.withLock { table in texts.map { table.id(of: $0) } }
    }

    func strings(of ids: [UInt32]) -> [String] {
        if ids.isEmpty { return [] }
        return table.withLock { table in table.withBytes { bytes in ids.map { bytes.string($0) } } }
    }

    func string(_ id: UInt32) -> String {
        table.withLock { $0.text(id) }
    }

    /// Copied, so that nobody waits while they are compared.
    func copies(of ids: [UInt32]) -> CopiedTexts {
        table.withLock { table in
            table.withBytes { bytes in
                var copies = CopiedTexts(count: ids.count)
                for id in ids { copies.append(bytes[id]) }
                return copies
            }
        }
    }
}

/// Bytes of some texts, one after the other.
struct CopiedTexts {
    private var bytes: [UInt8] = []
    private var starts: [Int] = [0]

    init(count: Int) {
        starts.reserveCapacity(count + 1)
    }

    mutating func append(_ text: UnsafeRawBufferPointer) {
        bytes.append(contentsOf: text)
        starts.append(bytes.count)
    }

    mutating func append(_ text: String) {
        bytes.append(contentsOf: text.utf8)
        starts.append(bytes.count)
    }

    func withText<R>(_ index: Int, _ body: (UnsafeRawBufferPointer) -> R) -> R {
        bytes.withUnsafeBytes { body(.init(rebasing: $0[starts[index]..<starts[index + 1]])) }
    }

    /// Negative, 0 or positive, by bytes.
    func compare(_ left: Int, _ right: Int) -> Int {
        bytes.withUnsafeBytes { bytes in
            let leftText = UnsafeRawBufferPointer(rebasing: bytes[starts[left]..<starts[left + 1]])
            let rightText = UnsafeRawBufferPointer(rebasing: bytes[starts[right]..<starts[right + 1]])
            for position in 0..<min(leftText.count, rightText.count)
            where leftText[position] != rightText[position] {
                return Int(leftText[position]) - Int(rightText[position])
            }
            return leftText.count - rightText.count
        }
    }
}
