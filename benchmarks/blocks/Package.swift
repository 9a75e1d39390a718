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

// The sources that fold and store, without network and database: builds in a minute.
let package = Package(
    name: "blocks",
    targets: [
        .systemLibrary(name: "CZstd", path: "links/CZstd", pkgConfig: "libzstd"),
        .target(name: "Days", path: "links/Days", swiftSettings: flags),
        .target(name: "Stats", dependencies: ["CZstd", "Days"], path: "links/Stats", swiftSettings: flags),
        .executableTarget(
            name: "blocks", dependencies: ["Days", "Stats"], path: ".",
            exclude: ["links", "README.md", "run"],
            sources: ["main.swift", "Measurement.swift", "Traffic.swift"], swiftSettings: flags),
    ]
)
