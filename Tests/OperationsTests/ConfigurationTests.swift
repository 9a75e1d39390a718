import Glibc
import Operations
import Testing

@Suite struct ConfigurationTests {
    static let here = ["MOCHI_RESOURCES": resources, "MOCHI_DATA": "/var/lib/mochi"]

    /// The checkout that this file belongs to.
    static let resources = String(#filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" })

    func configuration(_ environment: [String: String] = [:]) throws -> Configuration {
        try Configuration(environment: Self.here.merging(environment) { $1 })
    }

    @Test func `the defaults suit one machine`() throws {
        let configuration = try configuration()
        #expect(configuration.bind == "127.0.0.1")
        #expect(
            [configuration.appPort, configuration.ingestPort, configuration.workerPort] == [8080, 8090, 8091])
        #expect(configuration.baseURL == "http://localhost:8080")
        #expect(configuration.ingestURL == "http://localhost:8090")
        #expect(configuration.signUp == .open)
        #expect(configuration.logFormat == .logfmt)
        #expect(configuration.isPostgresPrivate)
        #expect(configuration.trustedProxies == [])
        #expect(configuration.unknownVariables == [])
    }

    @Test func `all faults are reported at once`() throws {
        let error = try #require(throws: ConfigurationError.self) {
            try configuration([
                "DATABASE_URL": "mysql://db", "MOCHI_ADMIN_EMAILS": "a@example.com nobody",
                "MOCHI_BIND": "here",
                "MOCHI_APP_PORT": "eighty", "MOCHI_INGEST_PORT": "70000", "MOCHI_BASE_URL": "example.com",
                "MOCHI_INGEST_URL": "https://", "MOCHI_SECRET_KEY": "short",
                "MOCHI_SMTP_URL": "mail.example.com",
                "MOCHI_TRUSTED_PROXIES": "10.0.0.0/33", "MOCHI_STRIPE_KEY": "sk", "MOCHI_SIGNUP": "maybe",
                "MOCHI_PATH_PREFIX": "/../x", "MOCHI_LOG_FORMAT": "xml", "MOCHI_LOG_LEVEL": "loud",
                "MOCHI_RESOURCES": "/nowhere",
            ])
        }
        let named = error.faults.map { String($0.prefix { $0 != ":" && $0 != " " }) }
        #expect(
            named == [
                "DATABASE_URL", "MOCHI_ADMIN_EMAILS", "MOCHI_BIND", "MOCHI_APP_PORT", "MOCHI_INGEST_PORT",
                "MOCHI_BASE_URL", "MOCHI_INGEST_URL", "MOCHI_SECRET_KEY", "MOCHI_TRUSTED_PROXIES",
                "MOCHI_SMTP_URL",
                "MOCHI_SIGNUP", "MOCHI_PATH_PREFIX", "MOCHI_LOG_FORMAT", "MOCHI_LOG_LEVEL", "MOCHI_RESOURCES",
                "MOCHI_RESOURCES", "MOCHI_RESOURCES", "MOCHI_STRIPE_KEY",
            ])
    }

    @Test(arguments: ["DATABASE_URL", "MOCHI_SECRET_KEY", "MOCHI_SMTP_URL"])
    func `a fault never repeats a secret`(variable: String) throws {
        let error = try #require(throws: ConfigurationError.self) {
            try configuration([variable: "hunter2"])
        }
        #expect(!error.description.contains("hunter2"))
    }

    @Test func `an empty variable counts as not set`() throws {
        #expect(try configuration(["DATABASE_URL": "", "MOCHI_APP_PORT": ""]).isPostgresPrivate)
    }

    @Test func `the ports must differ`() {
        #expect(throws: ConfigurationError.self) { try configuration(["MOCHI_APP_PORT": "8090"]) }
    }

    @Test func `public addresses follow the ports unless they are set`() throws {
        let moved = try configuration([
            "MOCHI_APP_PORT": "9000", "MOCHI_INGEST_URL": "https://e.example.com/x/",
        ])
        #expect(moved.baseURL == "http://localhost:9000")
        #expect(moved.ingestURL == "https://e.example.com/x")
    }

    @Test func `paths become absolute`() throws {
        let moved = try configuration(["MOCHI_DATA": "a/../b/./c", "MOCHI_GEOIP_DB": "/geo//x.mmdb"])
        #expect(moved.data == Files.currentDirectory + "/b/c")
        #expect(moved.geoIPDatabase == "/geo/x.mmdb")
    }

    @Test(arguments: [("collect", "/collect"), ("/a/b/", "/a/b"), ("//x", "/x")])
    func `a path prefix begins with a slash and does not end with one`(text: String, prefix: String) throws {
        #expect(try configuration(["MOCHI_PATH_PREFIX": text]).pathPrefix == prefix)
    }

    @Test func `a slip of the pen in a name is found`() throws {
        let configuration = try configuration(["MOCHI_APP_PROT": "80", "MOCHI_TEST_LONG": "1", "HOME": "/"])
        #expect(configuration.unknownVariables == ["MOCHI_APP_PROT"])
    }

    @Test func `every variable is documented once`() {
        let names = Configuration.variables.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(Configuration.variables.allSatisfy { !$0.standard.isEmpty && !$0.meaning.isEmpty })
    }

    @Test func `the table of variables is what the documentation says`() throws {
        let page = String(
            decoding: try Files.read(Self.resources + "/docs/operations.md"), as: UTF8.self)
        for variable in Configuration.variables {
            #expect(page.contains("| `\(variable.name)` |"), "docs/operations.md lacks \(variable.name)")
        }
    }

    // MARK: Databases

    @Test func `a private PostgreSQL is reached by its socket, as the role itself`() throws {
        let options = try configuration(["MOCHI_DATA": "/data/o'brien"]).databaseOptions(for: .app)
        #expect(options.url == #"host='/data/o\'brien/run' user=mochi_app dbname=mochi"#)
        #expect(!options.setsRole)
    }

    @Test func `a lesser role comes through the owner's door unless it has its own`() throws {
        let owner = "postgresql://owner@db/mochi"
        let app = "postgresql://app@db/mochi"
        let configuration = try configuration(["DATABASE_URL": owner, "MOCHI_APP_DATABASE_URL": app])
        #expect(configuration.databaseOptions(for: .owner) == (owner, false))
        #expect(configuration.databaseOptions(for: .app) == (app, false))
        #expect(configuration.databaseOptions(for: .system) == (owner, true))
    }

    // MARK: The secret key

    @Test func `the secret key is made once, for its owner alone`() throws {
        try withTemporaryDirectory { directory in
            let configuration = try configuration(["MOCHI_DATA": directory + "/data"])
            let key = try configuration.loadSecretKey()
            #expect(key.count == 32)
            #expect(try configuration.loadSecretKey() == key)
            var status = stat()
            #expect(stat(configuration.secretKeyFile, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o600)
        }
    }

    @Test func `a stated secret key is used as it is`() throws {
        let digits = String(repeating: "0f", count: 32)
        #expect(
            try configuration(["MOCHI_SECRET_KEY": digits]).loadSecretKey()
                == [UInt8](repeating: 15, count: 32))
    }

    @Test func `a damaged secret key is a sentence, not a new key`() throws {
        try withTemporaryDirectory { directory in
            try Files.write(Array("garbage\n".utf8), to: directory + "/secret.key")
            let configuration = try configuration(["MOCHI_DATA": directory])
            #expect(throws: SecretKeyError.self) { try configuration.loadSecretKey() }
        }
    }
}

func withTemporaryDirectory(_ body: (String) throws -> Void) throws {
    var template = Array("/tmp/mochi-test-XXXXXX".utf8CString)
    let path = try #require(mkdtemp(&template).map { String(cString: $0) })
    defer { remove(path) }
    try body(path)
}

private func remove(_ path: String) {
    for name in (try? Files.list(path)) ?? [] { remove("\(path)/\(name)") }
    if rmdir(path) != 0 { unlink(path) }
}
