import Testing

struct DocumentTests {
    /// Every document but the change log, which may name what is gone.
    private static func documents() throws -> [SourceFile] {
        try SourceTree.everyFile().filter { $0.path.hasSuffix(".md") && $0.path != "CHANGELOG.md" }
    }

    @Test func `every path that a document names exists`() throws {
        let names = try Set(
            SourceTree.everyFile().compactMap { $0.path.split(separator: "/").last.map(String.init) })
        for document in try Self.documents() {
            for path in DocumentNames(document).paths {
                let isThere =
                    path.text.contains("/")
                    ? Self.places(of: path.text, namedIn: document).contains(where: SourceTree.exists)
                    : names.contains(path.text)
                #expect(
                    isThere,
                    "\(document.path):\(path.line) names \(path.text), which is not there: mend either"
                )
            }
        }
    }

    @Test func `every link within the repository leads somewhere`() throws {
        for document in try Self.documents() {
            let folder = document.path.split(separator: "/").dropLast().map { $0 + "/" }.joined()
            for link in DocumentNames(document).links {
                #expect(
                    SourceTree.exists(folder + link.text),
                    "\(document.path):\(link.line) links to \(link.text), which is not there: mend the link"
                )
            }
        }
    }

    @Test func `every make that a document names is a target of the Makefile`() throws {
        let targets = try Set(Makefile.targets())
        for document in try Self.documents() {
            for name in DocumentNames(document).makeTargets {
                #expect(
                    targets.contains(name.text),
                    "\(document.path):\(name.line): the Makefile knows no `make \(name.text)`: mend either"
                )
            }
        }
    }

    @Test(arguments: [
        ("Sources/CLI/Carrel.swift", "Sources/CLI/Carrel.swift"), ("CLI/IngestCommand", "CLI/IngestCommand"),
        ("Datasets/skerry/radio.md:13-17", "Datasets/skerry/radio.md"), ("(script/demo).", "script/demo"),
        ("Datasets/", "Datasets/"), (".ci/run", ".ci/run"), ("Package.swift", "Package.swift"),
        ("Gone/Gone.swift", "Gone/Gone.swift"), ("Engine.docc/Module.md", "Engine.docc/Module.md"),
    ])
    func `a path of the repository is known as one`(word: String, path: String) {
        #expect(DocumentNames.path(in: Substring(word)) == path)
    }

    @Test(arguments: [
        "notes/roof.md", "../shared/data", "<data>/catalog.sqlite", "~/notes", "/v1/search",
        "application/json",
        "https://example.com/v1/embeddings", "Engine.docc/Decisions/NNNN-title.md", "$PWD/.build/release",
        "Sources/<target>/Module.md", "read/write", "model.json", "Engine.ingest", "create|list|delete",
        "config/carrel.yml", "server.py",
    ])
    func `a placeholder or somebody else's path is not taken for one of the repository`(word: String) {
        #expect(DocumentNames.path(in: Substring(word)) == nil)
    }

    /// Where a path may stand that leaves out what goes without saying: `Sources/`, `.swift` and, in a
    /// target's own documentation, the target.
    private static func places(of path: String, namedIn document: SourceFile) -> [String] {
        var bases = ["", "Sources/"]
        if let target = document.target { bases.append("Sources/\(target)/") }
        if let name = path.firstMatch(of: /^(\w+)\.docc\//)?.output.1 { bases.append("Sources/\(name)/") }
        return bases.flatMap { [$0 + path, $0 + path + ".swift"] }
    }
}
