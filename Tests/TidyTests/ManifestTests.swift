import Testing

struct ManifestTests {
    @Test func `every Swift target is built by the strict settings`() throws {
        let manifest = try Manifest.read()
        #expect(!manifest.entries.isEmpty, "no targets were read from Package.swift: mend Manifest.init")
        for entry in manifest.entries where try !SourceTree.swiftFiles(under: entry.folder).isEmpty {
            #expect(
                entry.text.contains(/swiftSettings: strict\b/),
                "Package.swift: \(entry.name) is built by looser rules than the others: add `swiftSettings: strict`"
            )
        }
    }

    @Test(arguments: [
        ".strictMemorySafety()", ".treatAllWarnings(as: .error)",
        #".enableUpcomingFeature("ExistentialAny")"#,
        #".enableUpcomingFeature("InternalImportsByDefault")"#,
        #".enableUpcomingFeature("MemberImportVisibility")"#,
    ])
    func `the strict settings say what STYLE.md promises of them`(setting: String) throws {
        let text = try Manifest.read().text
        let strict = text.firstMatch(of: /let strict: \[SwiftSetting\] = \[([\s\S]*?)\n\]/)?.output.1
        #expect(
            strict?.contains(setting) == true,
            "Package.swift: `strict` lost \(setting): put it back, and mend what it then finds"
        )
    }

    @Test func `every Swift file belongs to a target`() throws {
        let folders = try Manifest.read().entries.map { $0.folder + "/" }
        for file in try SourceTree.everySwiftFile() {
            #expect(
                folders.contains { file.path.hasPrefix($0) },
                "\(file.path) is in no target of Package.swift, so nobody compiles it: give it one, or delete it"
            )
        }
    }
}
