import Testing

@testable import Days

/// The expected values are those of Python's zoneinfo over the same files (tzdata 2025b).
@Suite struct ZoneTests {
    @Test(arguments: [
        ("Europe/Berlin", -2500000000, 3208, "1890-10-11"),
        ("Europe/Berlin", 1792889999, 7200, "2026-10-25"),
        ("Europe/Berlin", 1792890000, 3600, "2026-10-25"),
        ("Europe/Berlin", 7275398400, 7200, "2200-07-20"),
        ("America/New_York", 1772953199, -18000, "2026-03-08"),
        ("America/New_York", 1772953200, -14400, "2026-03-08"),
        ("America/New_York", 4102444800, -18000, "2099-12-31"),
        ("Asia/Kolkata", 465699600, 19800, "1984-10-04"),
        ("Asia/Kathmandu", 0, 19800, "1970-01-01"),
        ("Australia/Lord_Howe", 7275398400, 37800, "2200-07-20"),
        ("Pacific/Apia", 1325239199, -36000, "2011-12-29"),
        ("Pacific/Apia", 1325239200, 50400, "2011-12-31"),
        ("Africa/Casablanca", 1772953200, 0, "2026-03-08"),
        ("Africa/Casablanca", 4102444800, 3600, "2100-01-01"),
        ("America/Nuuk", 1792889999, -3600, "2026-10-24"),
        ("America/Nuuk", 1792890000, -7200, "2026-10-24"),
        ("Europe/Dublin", 1792889999, 3600, "2026-10-25"),
        ("Europe/Dublin", 4102444800, 0, "2100-01-01"),
        ("Pacific/Kiritimati", 1732147200, 50400, "2024-11-21"),
        ("America/St_Johns", 1792889999, -9000, "2026-10-24"),
        ("Asia/Gaza", 7275398400, 10800, "2200-07-20"),
        ("America/Santiago", 7275398400, -14400, "2200-07-19"),
        ("Antarctica/Troll", 1792889999, 7200, "2026-10-25"),
        ("Etc/GMT+12", 1732147200, -43200, "2024-11-20"),
        ("US/Eastern", 1732147200, -18000, "2024-11-20"),
    ])
    func `an instant has an offset and a local date`(name: String, instant: Int64, offset: Int, day: String)
        throws
    {
        let zone = try #require(Zone.named(name))
        #expect(zone.offset(at: instant) == offset)
        #expect(zone.day(at: instant) == Day(day))
    }

    @Test(arguments: [
        ("UTC", "2026-11-21", 1795219200),
        ("Europe/Berlin", "2026-03-29", 1774738800),
        ("Europe/Berlin", "2026-03-30", 1774821600),
        ("Asia/Beirut", "2026-03-29", 1774735200),
        ("Asia/Beirut", "2026-10-25", 1792879200),
        ("America/Havana", "2026-03-08", 1772946000),
        ("America/Havana", "2026-11-01", 1793505600),
        ("America/Nuuk", "2026-03-28", 1774663200),
        ("America/Nuuk", "2026-10-25", 1792893600),
        ("America/Santiago", "2026-09-06", 1788667200),
        ("America/Santiago", "2026-04-05", 1775361600),
        ("America/Sao_Paulo", "2018-11-04", 1541300400),
        ("Pacific/Apia", "2011-12-29", 1325152800),
        ("Pacific/Apia", "2011-12-30", 1325239200),
        ("Pacific/Apia", "2011-12-31", 1325239200),
        ("Australia/Lord_Howe", "2026-04-05", 1775307600),
        ("Europe/Berlin", "2199-07-01", 7242213600),
        ("America/St_Johns", "2006-10-29", 1162089000),
        ("Africa/Cairo", "2026-04-24", 1776981600),
    ])
    func `a day starts at its first instant`(name: String, day: String, instant: Int64) throws {
        let zone = try #require(Zone.named(name))
        #expect(zone.start(of: Day(day)!) == instant)
    }

    @Test func `days of a zone follow each other without a gap, for two centuries`() {
        for name in Zone.names {
            let zone = Zone.named(name)!
            for number in stride(from: Int32(0), to: 73_000, by: 61) {
                let day = Day(rawValue: number)
                let start = zone.start(of: day)
                let end = zone.end(of: day)
                guard start <= end else {
                    Issue.record("\(name) \(day) ends before it starts")
                    return
                }
                if start < end, zone.day(at: start) != day || zone.day(at: start - 1) >= day {
                    Issue.record("\(name) \(day) does not start at \(start)")
                    return
                }
            }
        }
    }

    @Test(arguments: [
        "", "/etc/passwd", "../../../etc/passwd", "Europe/../../../etc/passwd", "Europe", "europe/berlin ",
        "Nowhere",
        "right/Europe/Berlin", "posix/UTC", "posixrules", "localtime", "Factory", "zone.tab", "leapseconds",
        "Europe/Berlin\u{0}", "Ëurope/Berlin", "+VERSION", String(repeating: "A", count: 65),
    ])
    func `only names of zones are zones`(name: String) {
        #expect(Zone.named(name) == nil)
    }

    @Test func `a zone is read once`() {
        let tokyo = Zone.named("Asia/Tokyo")
        #expect(tokyo != nil && tokyo === Zone.named("Asia/Tokyo"))
        #expect(Zone.named("UTC") === Zone.utc)
    }

    @Test func `the zones to choose from are there, once each and in order`() {
        #expect(Zone.names == Set(Zone.names).sorted())
        #expect(Zone.names.count > 400)
        #expect(Zone.names.allSatisfy { Zone.named($0) != nil })
        #expect(Set(["UTC", "Europe/Berlin", "Asia/Kolkata"]).isSubset(of: Zone.names))
        #expect(!Zone.names.contains("Asia/Calcutta"))
    }

    @Test(arguments: [
        ("Europe/Berlin", "DE"), ("Asia/Calcutta", "IN"), ("Asia/Kolkata", "IN"), ("US/Pacific", "US"),
        ("America/Godthab", "GL"), ("America/Coral_Harbour", "CA"), ("Africa/Asmera", "ER"),
        ("Europe/Kiev", "UA"),
        ("Atlantic/Reykjavik", "IS"), ("Europe/Busingen", "DE"), ("Asia/Saigon", "VN"),
        ("Pacific/Truk", "FM"),
        ("UTC", nil), ("Etc/GMT+5", nil), ("CET", nil), ("nonsense", nil),
    ])
    func `a zone's place lies in a country`(name: String, country: String?) {
        #expect(Zone.country(of: name) == country)
    }

    @Test(arguments: [
        "CET", "CE-1", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0",
        "CET-1CEST,M3.6.0,M10.5.0",
        "CET-1CEST,M3.5.7,M10.5.0", "CET-1CEST,J0,J5", "CET-1CEST,J1,366", "CET-168", "<+01-1", "CET-1:60",
        "CET-1CEST,M3.5.0,M10.5.0 ",
    ])
    func `a footer that is not a rule is refused`(line: String) {
        #expect(Footer(Array(line.utf8)) == nil)
    }

    @Test func `a footer may count days and hours beyond a day`() {
        #expect(
            Footer(Array("<-02>2<-01>1:30,J60/-1,365/25:00:30".utf8))
                == Footer(
                    standard: -7_200,
                    summer: Footer.Summer(
                        offset: -5_400, begin: Footer.Rule(date: .dayWithoutLeap(60), time: -3_600),
                        end: Footer.Rule(date: .day(365), time: 90_030))))
    }

    @Test func `a damaged zone file is refused, wherever it is cut`() throws {
        let bytes = try #require(Tzdata.file("Europe/Berlin"))
        #expect(Zone(name: "x", tzif: bytes) != nil)
        for length in 0..<bytes.count - 1 where Zone(name: "x", tzif: Array(bytes[..<length])) != nil {
            Issue.record("cut at \(length) it was read")
        }
    }
}
