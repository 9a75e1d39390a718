// swift-tools-version: 6.2
import PackageDescription

/// The flags of the project's own package, so that what is linked in builds here as it does there.
let flags: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

// The sources of the collector that enrich, without its network and its database: builds in half a minute.
let package = Package(
    name: "enrich",
    targets: [
        .systemLibrary(name: "CMaxMindDB", path: "links/CMaxMindDB", pkgConfig: "libmaxminddb"),
        .target(name: "Days", path: "links/Days", swiftSettings: flags),
        .target(
            name: "Operations", path: "links/Operations", swiftSettings: flags),
        .target(
            name: "Ingest", dependencies: ["CMaxMindDB", "Days", "Operations"], path: "links/Ingest",
            exclude: ["Enrichment/LocationFollowing.swift"], swiftSettings: flags),
        .executableTarget(
            name: "enrich", dependencies: ["Ingest"], path: ".", exclude: ["links", "README.md", "run"],
            sources: ["main.swift", "Measurement.swift"], swiftSettings: flags),
    ]
)
