// swift-tools-version: 6.2
import PackageDescription

/// The flags of every Swift target; why these three: docs/architecture.md.
let flags: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTesting = Target.Dependency.product(name: "HummingbirdTesting", package: "hummingbird")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTPTypes = Target.Dependency.product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioHTTP = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")

func library(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: flags)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: flags)
}

let package = Package(
    name: "mochi",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "mochi", targets: ["Mochi"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.34.1"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CArgon2", pkgConfig: "libargon2", providers: [.apt(["libargon2-dev"])]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(
            name: "CMaxMindDB", pkgConfig: "libmaxminddb", providers: [.apt(["libmaxminddb-dev"])]),
        .systemLibrary(
            name: "CQRencode", pkgConfig: "libqrencode", providers: [.apt(["libqrencode-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CLibRE2", providers: [.apt(["libre2-dev"])]),
        // RE2 speaks C++: this makes C of what is needed.
        .target(name: "CRE2", dependencies: ["CLibRE2"], linkerSettings: [.linkedLibrary("re2")]),

        library("Days", []),
        library("Operations", [logging, metrics, lifecycle, nioCore, nioPosix, nioHTTP]),
        library(
            "Postgres",
            ["CLibPQ", "Days", "Operations", crypto, logging, metrics, nioCore, nioPosix, lifecycle]),
        library("Auth", ["CArgon2", "Days", "Operations", "Postgres", crypto, logging, nioPosix]),
        library("Outbound", ["CCurl", "Operations", "Postgres", logging, metrics, nioPosix]),
        library(
            "Stats",
            ["Auth", "CRE2", "CZstd", "Days", "Operations", "Postgres", logging, metrics, nioCore, nioPosix]),
        library(
            "Ingest",
            [
                "Auth", "CMaxMindDB", "CZlib", "Days", "Operations", "Postgres", crypto, logging, metrics,
                lifecycle,
                nioCore, nioHTTP, nioPosix,
            ]),
        library("Billing", ["Auth", "Operations", "Outbound", "Postgres"]),
        library(
            "Worker",
            [
                "Auth", "Days", "Ingest", "Operations", "Outbound", "Postgres", "Stats", logging, metrics,
                lifecycle,
            ]),
        library(
            "App",
            [
                "Auth", "Billing", "CQRencode", "CZlib", "Days", "Operations", "Outbound", "Postgres",
                "Stats",
                crypto, httpTypes, hummingbird, hummingbirdCore, logging, metrics, mustache, lifecycle,
                nioCore, nioHTTPTypes,
                nioPosix,
            ]),
        .executableTarget(
            name: "Mochi",
            dependencies: [
                "App", "Auth", "Days", "Ingest", "Operations", "Outbound", "Postgres", "Stats", "Worker",
                argumentParser, logging, metrics, lifecycle, unixSignals, subprocess, systemPackage,
            ],
            swiftSettings: flags),

        .target(
            name: "TestSupport", dependencies: ["Auth", "Days", "Postgres", logging],
            path: "Tests/TestSupport",
            swiftSettings: flags),
        tests("DaysTests", ["Days"]),
        tests("OperationsTests", ["Operations", logging, metrics]),
        tests("PostgresTests", ["Days", "Postgres", "TestSupport", logging]),
        tests("AuthTests", ["Auth", "Days", "Postgres", "TestSupport"]),
        tests("OutboundTests", ["Operations", "Outbound"]),
        tests("StatsTests", ["Auth", "CRE2", "Days", "Postgres", "Stats", "TestSupport", logging]),
        tests(
            "IngestTests",
            [
                "Auth", "Days", "Ingest", "Operations", "Postgres", "TestSupport", logging, lifecycle,
                nioCore, nioPosix,
                nioHTTP,
            ]),
        tests(
            "WorkerTests",
            [
                "Auth", "Days", "Ingest", "Operations", "Outbound", "Postgres", "Stats", "TestSupport",
                "Worker",
                logging,
                lifecycle,
            ]),
        tests(
            "AppTests",
            [
                "App", "Auth", "Days", "Operations", "Outbound", "Postgres", "Stats", "TestSupport",
                httpTypes,
                hummingbird,
                hummingbirdTesting, logging, mustache, nioCore, nioPosix,
            ]),
        tests(
            "MochiTests",
            ["Mochi", "Operations", "Postgres", "TestSupport", logging, subprocess, systemPackage]),
    ],
    cxxLanguageStandard: .cxx17
)

// What benchmarks/stats/run alone builds.
if Context.environment["MOCHI_BENCHMARKS"] != nil {
    package.targets.append(
        .executableTarget(
            name: "StatsBenchmark",
            dependencies: ["Auth", "Days", "Operations", "Postgres", "Stats", argumentParser, logging],
            path: "benchmarks/stats",
            exclude: ["clickhouse.py", "compare.py", "panels.py", "postgres.py", "run"],
            swiftSettings: flags))
}
