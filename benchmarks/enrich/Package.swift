// swift-tools-version: 6.2
import PackageDescription

// The sources of the collector that enrich, without its network and its database: builds in half a minute.
let package = Package(
    name: "enrich",
    targets: [
        .systemLibrary(name: "CMaxMindDB", path: "links/CMaxMindDB", pkgConfig: "libmaxminddb"),
        .target(name: "Days", path: "links/Days"),
        .target(
            name: "Ingest", dependencies: ["CMaxMindDB", "Days"], path: "links/Enrichment",
            exclude: ["LocationFollowing.swift"]),
        .executableTarget(
            name: "enrich", dependencies: ["Ingest"], path: ".", exclude: ["links", "README.md", "run"],
            sources: ["main.swift", "Measurement.swift"]),
    ]
)
