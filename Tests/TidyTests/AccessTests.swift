import Testing

struct AccessTests {
    /// Files outside the library products that must write `public`, each with the reason.
    private static let exempt: [String: String] = [
        "Tests/VectorIndexTests/Fixtures.swift":
            "a literal makes a RowID: the conformance of a public type to a public protocol needs a public witness"
    ]

    private static var promises: Regex<Substring> {
        #/(?:^|\s)public(?:\(set\))? [\w@]|(?:^|\s)open (?:class|func|var|subscript|override)\b/#
    }

    @Test func `only a shipped library product promises anything`() throws {
        let shipped = try Manifest.read().libraryTargets
        #expect(
            !shipped.isEmpty, "no library products were read from Package.swift: mend Manifest.libraryTargets"
        )
        for file in try SourceTree.everySwiftFile()
        where !shipped.contains(file.target ?? "") && Self.exempt[file.path] == nil {
            let found = file.codeLineNumbers(matching: Self.promises)
            #expect(
                found.isEmpty,
                """
                \(file.path), lines \(found): `public` is a promise to strangers, and no library product ships this \
                target: `package` is enough
                """)
        }
    }

    @Test func `no file is excused that promises nothing`() throws {
        let files = try SourceTree.everySwiftFile()
        for (path, reason) in Self.exempt {
            #expect(
                files.contains { $0.path == path && !$0.codeLineNumbers(matching: Self.promises).isEmpty },
                "\(path) needs no excuse (\"\(reason)\") any more: strike it from `exempt`"
            )
        }
    }

    @Test func `no module is exported again`() throws {
        for file in try SourceTree.everySwiftFile() {
            let found = file.codeLineNumbers(matching: /^\s*@_exported\b/)
            #expect(found.isEmpty, "\(file.path), lines \(found): let each file import what it uses")
        }
    }
}
