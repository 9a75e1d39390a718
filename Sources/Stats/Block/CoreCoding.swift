import Days

/// The columns that many dashboards need; docs/blocks.md lists the planes.
///
/// What follows from the rest is not written: which events are page views (by their name), a visit's number
/// of page views, its entry and exit page, which page view was its exit, which ones were engaged.
enum CoreCoding {
    static func write(_ block: Block, _ dictionaries: PlaneWriter, to planes: inout PlaneWriter)
        throws(BlockDamage)
    {
        planes.append(block.day.rawValue)
        planes.append(block.start)
        planes.append(UInt32(block.visitCount))
        planes.append(UInt32(block.eventCount))
        planes.cut()
        planes.append(planesOf: dictionaries)
        let isFirstVisit = block.visitor.indices.map { visit -> UInt8 in
            visit == 0 || block.visitor[visit] != block.visitor[visit - 1] ? 1 : 0
        }
        planes.append(bits: isFirstVisit)
        planes.append(
            numbers: (0..<block.visitCount).map { block.firstEvent[$0 + 1] - block.firstEvent[$0] - 1 })
        planes.append(columnsOfEvents: .ofCore, of: block)
        writeKinds(block, to: &planes)
        writeViews(block, to: &planes)
        try writeTimes(block, isFirstVisit, to: &planes)
        writeVisits(block, to: &planes)
        planes.append(columnsOfVisits: .ofCore, of: block)
        writeRevenues(block, to: &planes)
    }

    // MARK: Money

    private static func writeRevenues(_ block: Block, to planes: inout PlaneWriter) {
        planes.append(UInt32(block.revenues.count))
        var before: UInt32 = 0
        planes.append(
            numbers: block.revenues.map { revenue in
                defer { before = revenue.event + 1 }
                return revenue.event - before
            })
        planes.append(column: block.revenues.map(\.currency), of: block.dictionary(of: .currency).count)
        // Prices are whole cents or more: millionths have a divisor in common.
        let divisor = block.revenues.reduce(UInt64(0)) { greatestCommonDivisor($0, $1.amount.magnitude) }
        planes.append(divisor)
        planes.append(bits: block.revenues.map { $0.amount < 0 ? 1 : 0 })
        planes.append(numbers: block.revenues.map { divisor == 0 ? 0 : $0.amount.magnitude / divisor })
    }

    private static func greatestCommonDivisor(_ left: UInt64, _ right: UInt64) -> UInt64 {
        var (left, right) = (left, right)
        while right != 0 { (left, right) = (right, left % right) }
        return left
    }
}
