/// Where the made-up visitors are, and what language their browsers ask for.
struct DemoPlace: Sendable {
    /// ISO 3166.
    let country: String
    let region: String
    let city: String
    let weight: Double

    /// Where each country's people live, and which language they read.
    struct Country: Sendable {
        let code: String
        let weight: Double
        let languages: [String]
        let currency: String
        /// Region and city, the larger first.
        let cities: [(region: String, city: String)]

        init(
            _ code: String, _ weight: Double, _ languages: [String], _ currency: String,
            _ cities: [(region: String, city: String)]
        ) {
            (self.code, self.weight, self.languages) = (code, weight, languages)
            (self.currency, self.cities) = (currency, cities)
        }
    }

    static let countries: [Country] = [
        Country(
            "US", 300, ["en", "en", "en", "en", "en", "es"], "USD",
            [
                ("California", "San Francisco"), ("New York", "New York"), ("Washington", "Seattle"),
                ("Texas", "Austin"), ("Illinois", "Chicago"), ("Massachusetts", "Boston"),
                ("Colorado", "Denver"),
                ("Oregon", "Portland"),
            ]),
        Country(
            "DE", 170, ["de", "de", "de", "de", "en"], "EUR",
            [
                ("Land Berlin", "Berlin"), ("Bavaria", "Munich"), ("Hamburg", "Hamburg"),
                ("North Rhine-Westphalia", "Cologne"), ("Hesse", "Frankfurt am Main"), ("Saxony", "Leipzig"),
            ]),
        Country(
            "GB", 110, ["en"], "GBP",
            [
                ("England", "London"), ("England", "Manchester"), ("Scotland", "Edinburgh"),
                ("England", "Bristol"),
                ("Wales", "Cardiff"),
            ]),
        Country(
            "FR", 75, ["fr", "fr", "fr", "fr", "en"], "EUR",
            [
                ("Île-de-France", "Paris"), ("Auvergne-Rhône-Alpes", "Lyon"), ("Occitanie", "Toulouse"),
                ("Pays de la Loire", "Nantes"),
            ]),
        Country(
            "NL", 50, ["nl", "nl", "en"], "EUR",
            [("North Holland", "Amsterdam"), ("South Holland", "Rotterdam"), ("Utrecht", "Utrecht")]),
        Country(
            "CA", 48, ["en", "en", "en", "fr"], "USD",
            [("Ontario", "Toronto"), ("British Columbia", "Vancouver"), ("Quebec", "Montreal")]),
        Country(
            "CH", 34, ["de", "de", "fr"], "EUR",
            [("Zurich", "Zurich"), ("Geneva", "Geneva"), ("Bern", "Bern")]),
        Country("AT", 28, ["de"], "EUR", [("Vienna", "Vienna"), ("Styria", "Graz")]),
        Country(
            "ES", 34, ["es", "es", "es", "ca"], "EUR",
            [("Madrid", "Madrid"), ("Catalonia", "Barcelona"), ("Valencia", "Valencia")]),
        Country("IT", 32, ["it", "it", "it", "en"], "EUR", [("Lombardy", "Milan"), ("Lazio", "Rome")]),
        Country(
            "SE", 30, ["sv", "sv", "en"], "EUR",
            [("Stockholm", "Stockholm"), ("Västra Götaland", "Gothenburg")]),
        Country(
            "PL", 28, ["pl", "pl", "pl", "en"], "EUR", [("Mazovia", "Warsaw"), ("Lesser Poland", "Kraków")]),
        Country(
            "IN", 62, ["en", "en", "hi"], "USD",
            [
                ("Karnataka", "Bengaluru"), ("Maharashtra", "Mumbai"), ("Delhi", "New Delhi"),
                ("Telangana", "Hyderabad"),
            ]),
        Country(
            "BR", 40, ["pt"], "USD", [("São Paulo", "São Paulo"), ("Rio de Janeiro", "Rio de Janeiro")]),
        Country(
            "AU", 38, ["en"], "USD",
            [("New South Wales", "Sydney"), ("Victoria", "Melbourne"), ("Queensland", "Brisbane")]),
        Country("JP", 36, ["ja", "ja", "ja", "en"], "USD", [("Tokyo", "Tokyo"), ("Ōsaka", "Osaka")]),
        Country("DK", 18, ["da", "en"], "EUR", [("Capital Region", "Copenhagen")]),
        Country("NO", 16, ["nb", "en"], "EUR", [("Oslo", "Oslo"), ("Vestland", "Bergen")]),
        Country("FI", 15, ["fi", "en"], "EUR", [("Uusimaa", "Helsinki")]),
        Country("BE", 18, ["nl", "fr"], "EUR", [("Brussels Capital", "Brussels"), ("Flanders", "Ghent")]),
        Country("IE", 14, ["en"], "EUR", [("Leinster", "Dublin")]),
        Country("PT", 14, ["pt", "en"], "EUR", [("Lisbon", "Lisbon"), ("Porto", "Porto")]),
        Country("CZ", 14, ["cs", "en"], "EUR", [("Prague", "Prague"), ("South Moravian", "Brno")]),
        Country("MX", 14, ["es"], "USD", [("Mexico City", "Mexico City")]),
        Country("NZ", 10, ["en"], "USD", [("Auckland", "Auckland")]),
        Country("SG", 10, ["en", "zh"], "USD", [("", "Singapore")]),
        Country("KR", 10, ["ko"], "USD", [("Seoul", "Seoul")]),
        Country("UA", 9, ["uk"], "USD", [("Kyiv City", "Kyiv")]),
        Country("ZA", 8, ["en"], "USD", [("Western Cape", "Cape Town")]),
        Country("TR", 8, ["tr"], "USD", [("Istanbul", "Istanbul")]),
    ]
}

/// What the made-up visitors hold in their hands.
struct DemoDevice: Sendable {
    let device: String
    let os: String
    let osVersion: String
    let browser: String
    let browserVersion: String
    let viewport: String
    let weight: Double

    private init(
        _ device: String, _ os: String, _ osVersion: String, _ browser: String, _ browserVersion: String,
        _ viewport: String, _ weight: Double
    ) {
        (self.device, self.os, self.osVersion) = (device, os, osVersion)
        (self.browser, self.browserVersion) = (browser, browserVersion)
        (self.viewport, self.weight) = (viewport, weight)
    }

    static let mobile: [DemoDevice] = [
        DemoDevice("Mobile", "iOS", "18.6", "Safari", "18.6", "Mobile", 300),
        DemoDevice("Mobile", "iOS", "18.5", "Safari", "18.5", "Mobile", 90),
        DemoDevice("Mobile", "iOS", "17.6", "Safari", "17.6", "Mobile", 60),
        DemoDevice("Mobile", "iOS", "18.6", "Chrome", "140.0", "Mobile", 40),
        DemoDevice("Mobile", "iOS", "18.6", "Instagram", "395.0", "Mobile", 25),
        DemoDevice("Mobile", "Android", "15", "Chrome", "140.0", "Mobile", 210),
        DemoDevice("Mobile", "Android", "14", "Chrome", "140.0", "Mobile", 120),
        DemoDevice("Mobile", "Android", "13", "Chrome", "139.0", "Mobile", 50),
        DemoDevice("Mobile", "Android", "15", "Samsung Internet", "28.0", "Mobile", 60),
        DemoDevice("Mobile", "Android", "15", "Firefox", "142.0", "Mobile", 30),
        DemoDevice("Tablet", "iOS", "18.6", "Safari", "18.6", "Tablet", 40),
        DemoDevice("Tablet", "Android", "14", "Chrome", "140.0", "Tablet", 15),
    ]

    static let desktop: [DemoDevice] = [
        DemoDevice("Desktop", "Windows", "11", "Chrome", "140.0", "Desktop", 150),
        DemoDevice("Desktop", "Windows", "11", "Chrome", "140.0", "Laptop", 130),
        DemoDevice("Desktop", "Windows", "10", "Chrome", "140.0", "Desktop", 80),
        DemoDevice("Desktop", "Windows", "10", "Chrome", "139.0", "Laptop", 60),
        DemoDevice("Desktop", "Windows", "11", "Edge", "140.0", "Laptop", 75),
        DemoDevice("Desktop", "Windows", "11", "Edge", "140.0", "Desktop", 55),
        DemoDevice("Desktop", "Windows", "11", "Firefox", "142.0", "Desktop", 50),
        DemoDevice("Desktop", "Mac", "10.15", "Chrome", "140.0", "Laptop", 130),
        DemoDevice("Desktop", "Mac", "10.15", "Safari", "18.6", "Laptop", 110),
        DemoDevice("Desktop", "Mac", "10.15", "Safari", "18.6", "Desktop", 60),
        DemoDevice("Desktop", "Mac", "10.15", "Firefox", "142.0", "Desktop", 30),
        DemoDevice("Desktop", "Linux", "", "Firefox", "142.0", "Desktop", 60),
        DemoDevice("Desktop", "Linux", "", "Chrome", "140.0", "Desktop", 40),
        DemoDevice("Desktop", "Windows", "11", "Opera", "120.0", "Laptop", 15),
        DemoDevice("Desktop", "Chrome OS", "", "Chrome", "140.0", "Laptop", 15),
    ]

    /// Those for a hand first.
    static let all = mobile + desktop
}
