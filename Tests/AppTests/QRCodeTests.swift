import Testing

@testable import App

@Suite struct QRCodeTests {
    /// The path drawn again, as rows of `#` and `.` without the margin.
    private func rows(_ code: QRCode) -> [String] {
        var rows = Array(repeating: Array(repeating: Character("."), count: code.size), count: code.size)
        for run in code.path.matches(of: /M([0-9]+) ([0-9]+)h([0-9]+)v1h-([0-9]+)z/) {
            let (x, y) = (Int(run.1)! - QRCode.margin, Int(run.2)! - QRCode.margin)
            for column in x..<(x + Int(run.3)!) { rows[y][column] = "#" }
            #expect(run.3 == run.4)
        }
        return rows.map { String($0) }
    }

    @Test func `a text becomes a square with its three corners`() throws {
        let code = try #require(
            QRCode("otpauth://totp/Mochi%3Aada%40example.org?secret=ABCDEFGH&issuer=Mochi"))
        let rows = rows(code)
        #expect(code.size % 4 == 1 && rows.count == code.size)
        let corner = ["#######", "#.....#", "#.###.#", "#.###.#", "#.###.#", "#.....#", "#######"]
        #expect(rows.prefix(7).map { String($0.prefix(7)) } == corner)
        #expect(rows.prefix(7).map { String($0.suffix(7)) } == corner)
        #expect(rows.suffix(7).map { String($0.prefix(7)) } == corner)
        #expect(QRCode("Mochi") == QRCode("Mochi") && QRCode("Mochi") != QRCode("Mocha"))
    }

    @Test func `what is too long has none`() {
        #expect(QRCode(String(repeating: "a", count: 2_331)) != nil)
        #expect(QRCode(String(repeating: "a", count: 2_332)) == nil)
    }
}
