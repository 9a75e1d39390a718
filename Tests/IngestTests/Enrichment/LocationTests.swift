import Foundation
import Testing

@testable import Ingest

struct LocationTests {
    private func withFile(_ body: (String) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).mmdb").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    private func version4(_ a: UInt64, _ b: UInt64, _ c: UInt64, _ d: UInt64) -> (high: UInt64, low: UInt64) {
        (0, 0xFFFF_0000_0000 | a << 24 | b << 16 | c << 8 | d)
    }

    @Test func `a database knows country, region and city of addresses`() throws {
        try withFile { path in
            try Data(DatabaseWriter.example.bytes).write(to: URL(filePath: path))
            let database = try LocationDatabase(path: path)
            let places = [
                version4(192, 0, 2, 1), version4(198, 51, 100, 127), version4(198, 51, 100, 128),
                version4(203, 0, 113, 7), version4(203, 0, 113, 8), version4(203, 0, 113, 9),
                (0x2001_0DB8_0001_0001, 1), (0x2001_0DB9_0000_0000, 1), (0, 1),
            ].map { database.place(high: $0.high, low: $0.low) }
            #expect(
                places == [
                    Place(country: "GB", region: "England", city: "Boxford"),
                    Place(country: "US", region: "Washington", city: "Milton-Freewater-upon-the-River"),
                    .unknown,
                    .unknown, Place(country: "DE"), .unknown, Place(country: "JP"), .unknown, .unknown,
                ])
        }
    }

    @Test func `a replaced file is opened, and a broken one leaves the last in use`() throws {
        try withFile { path in
            let locations = Locations(path: path)
            let address = version4(192, 0, 2, 1)
            func country() -> String? {
                locations.database?.place(high: address.high, low: address.low).country
            }
            #expect(locations.reload() == .missing)
            #expect(country() == nil)

            try Data(DatabaseWriter.example.bytes).write(to: URL(filePath: path), options: .atomic)
            #expect(locations.reload() == .opened)
            #expect(locations.reload() == .none)
            #expect(country() == "GB")

            var other = DatabaseWriter()
            other.add(192, 0, 2, 0, length: 24, DatabaseWriter.city("FR"))
            try Data(other.bytes).write(to: URL(filePath: path), options: .atomic)
            #expect(locations.reload() == .opened)
            #expect(country() == "FR")

            try Data("nonsense".utf8).write(to: URL(filePath: path), options: .atomic)
            guard case .unusable = locations.reload() else {
                Issue.record("nonsense was opened")
                return
            }
            #expect(locations.reload() == .none)
            #expect(country() == "FR")

            try FileManager.default.removeItem(atPath: path)
            #expect(locations.reload() == .missing)
            #expect(country() == "FR")
        }
    }

    @Test(arguments: [
        (
            "GB" as String?, "Europe/Berlin" as String?, true,
            Place(country: "GB", region: "England", city: "Boxford")
        ),
        ("fr", "Europe/Berlin", false, Place(country: "FR")),
        ("XX", "Europe/Berlin", false, Place(country: "DE")),
        ("T1", "Asia/Calcutta", false, Place(country: "IN")),
        (nil, "UTC", false, .unknown),
        (nil, nil, false, .unknown),
    ])
    func `the database goes before the proxy, and the proxy before the time zone`(
        proxy: String?, zone: String?, isKnown: Bool, expected: Place
    ) throws {
        try withFile { path in
            try Data(DatabaseWriter.example.bytes).write(to: URL(filePath: path))
            let address = isKnown ? version4(192, 0, 2, 1) : version4(10, 0, 0, 1)
            let place = Place.of(
                high: address.high, low: address.low, in: try LocationDatabase(path: path),
                proxyCountry: proxy,
                timeZone: zone)
            #expect(place == expected)
        }
    }
}
