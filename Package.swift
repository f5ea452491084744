// swift-tools-version: 6.2
import PackageDescription

/// Every Swift target is held to the same rules; `TidyTests` compares the graph below with ARCHITECTURE.md.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let histogram = Target.Dependency.product(name: "Histogram", package: "hdrhistogram-swift")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioFoundation = Target.Dependency.product(name: "NIOFoundationCompat", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioHTTPTypes = Target.Dependency.product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioHTTPTypesHTTP1 = Target.Dependency.product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")

let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")

let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
    name: "carrel",
    products: [
        .executable(name: "carrel", targets: ["CLI"]),
        .library(name: "VectorIndex", targets: ["VectorIndex"]),
        .library(name: "Evaluation", targets: ["Evaluation"]),
    ],
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: ["YAML"]),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // Layer 0: C
        .systemLibrary(name: "CBLAS", pkgConfig: "blas", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(
            name: "CLAPACKE", pkgConfig: "lapacke", providers: [.apt(["liblapacke-dev"])]),
        .systemLibrary(
            name: "CCmarkGFM", pkgConfig: "libcmark-gfm",
            providers: [.apt(["libcmark-gfm-dev", "libcmark-gfm-extensions-dev"])]),
        .systemLibrary(
            name: "CArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"])]),
        .systemLibrary(name: "CMalloc"),
        .target(name: "CKernels"),
        .target(name: "CPoppler", linkerSettings: [.linkedLibrary("poppler-cpp")]),
        .systemLibrary(name: "CStemmer", providers: [.apt(["libstemmer-dev"])]),
        .systemLibrary(name: "CXML2", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
        .systemLibrary(name: "CZip", pkgConfig: "libzip", providers: [.apt(["libzip-dev"])]),

        // Layers 1 and 2
        .target(name: "Kernels", dependencies: ["CBLAS", "CLAPACKE", "CKernels"], swiftSettings: strict),
        .target(name: "Columnar", swiftSettings: strict),
        .target(
            name: "Documents", dependencies: ["CCmarkGFM", "CPoppler", "CXML2", "CZip"], swiftSettings: strict
        ),
        .target(name: "Embedding", dependencies: ["Kernels", "Columnar"], swiftSettings: strict),
        .target(name: "TextIndex", dependencies: ["Kernels", "Columnar", "CStemmer"], swiftSettings: strict),
        .target(name: "VectorIndex", dependencies: ["Kernels", "Columnar"], swiftSettings: strict),

        // Layers 3 and 4
        .target(name: "Store", dependencies: ["Documents", grdb, crypto], swiftSettings: strict),
        .target(
            name: "Engine",
            dependencies: [
                "VectorIndex", "TextIndex", "Embedding", "Documents", "Store", "Kernels", "CArchive",
                "CMalloc",
            ],
            swiftSettings: strict),

        // Layers 5 and 6
        .target(
            name: "Cloud",
            dependencies: [
                "Engine", "Embedding", asyncHTTPClient, nioCore, nioFoundation, nioHTTP1, nioPosix, nioSSL,
            ],
            swiftSettings: strict),
        .target(name: "Evaluation", dependencies: [histogram], swiftSettings: strict),
        .target(
            name: "Server",
            dependencies: [
                "Engine", hummingbird, hummingbirdCore, httpTypes, logging, nioCore, nioFoundation, nioHTTP1,
                nioHTTPTypes,
                nioHTTPTypesHTTP1, serviceLifecycle,
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "CLI",
            dependencies: [
                "Cloud", "Server", "Engine", "Evaluation", "Embedding", "Documents", "Store", "VectorIndex",
                "Kernels", argumentParser, configuration, logging, serviceLifecycle, systemPackage,
                unixSignals,
                yams,
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "ScanBenchmark", dependencies: ["VectorIndex", "Kernels", argumentParser],
            path: "Benchmarks/ScanBenchmark", swiftSettings: strict),
        .executableTarget(
            name: "TextBenchmark", dependencies: ["TextIndex", argumentParser],
            path: "Benchmarks/TextBenchmark", swiftSettings: strict),
        .executableTarget(
            name: "EmbedTexts", dependencies: ["Embedding", "Kernels", argumentParser],
            path: "Benchmarks/EmbedTexts", swiftSettings: strict),
        .executableTarget(
            name: "TenantBenchmark",
            dependencies: ["Engine", "Evaluation", "Documents", "Kernels", "TestSupport", argumentParser],
            path: "Benchmarks/TenantBenchmark", swiftSettings: strict),

        // Tests
        .executableTarget(
            name: "Fuzzer",
            dependencies: [
                "Documents", "VectorIndex", "TextIndex", "Columnar", "TestSupport", argumentParser,
            ],
            path: "Tests/Fuzzer", swiftSettings: strict),
        .target(
            name: "TestSupport", dependencies: ["Embedding", nioCore, nioHTTP1, nioPosix],
            path: "Tests/TestSupport", swiftSettings: strict),
        .testTarget(name: "KernelsTests", dependencies: ["Kernels", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "ColumnarTests", dependencies: ["Columnar"], resources: [.copy("Goldens")],
            swiftSettings: strict),
        .testTarget(
            name: "DocumentsTests", dependencies: ["Documents", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "EmbeddingTests", dependencies: ["Embedding", "Kernels"], exclude: ["Goldens"],
            swiftSettings: strict),
        .testTarget(
            name: "TextIndexTests", dependencies: ["TextIndex", "Kernels", "Columnar", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "VectorIndexTests", dependencies: ["VectorIndex", "Kernels", "Columnar", "TestSupport"],
            resources: [.copy("Goldens")], swiftSettings: strict),
        .testTarget(
            name: "StoreTests", dependencies: ["Store", "Documents", "TestSupport", grdb],
            swiftSettings: strict),
        .testTarget(
            name: "EngineTests",
            dependencies: [
                "Engine", "Store", "Embedding", "Documents", "VectorIndex", "Kernels", "Columnar",
                "TestSupport",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "CloudTests",
            dependencies: [
                "Cloud", "Engine", "Embedding", "Documents", "Kernels", "TestSupport", nioCore, nioPosix,
                nioSSL,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ServerTests",
            dependencies: [
                "Server", "Engine", "Embedding", "Store", "Kernels", "TestSupport", httpTypes, logging,
                nioCore,
                nioEmbedded, serviceLifecycle,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "EvaluationTests", dependencies: ["Evaluation", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "CLITests", dependencies: ["CLI", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "TidyTests", swiftSettings: strict),
    ]
)
