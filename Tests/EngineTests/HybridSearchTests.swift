import Engine
import Foundation
import TestSupport
import Testing

/// Words and vectors, fused: what is found, and how it is accounted for.
struct HybridSearchTests {
    private static let notes = [
        "pump.md":
            "# Heat pump\n\nThe heat pump shows ERR_4711 when its pressure is too low. Reset it by hand.",
        "tank.md": "# Tank\n\nThe water tank holds two hundred litres and is cleaned in spring.",
        "road.md": "# Road\n\nThe road to the harbour is closed in winter; take the ferry.",
        "mast.md": "# Mast\n\nLights on the mast are checked each month by the keeper of the harbour.",
    ]

    private static func notes() async throws -> TestEngine {
        let test = try TestEngine()
        try await test.ingest(notes)
        return test
    }

    @Test(arguments: SearchMode.allCases)
    func `every mode finds the passage that says it`(mode: SearchMode) async throws {
        let test = try await Self.notes()
        let hits = try await test.search("water tank cleaned in spring", mode: mode).hits
        #expect(hits.first?.citation.path == "tank.md")
    }

    @Test func `words are found in all their forms, and codes by their parts`() async throws {
        let test = try await Self.notes()
        for (question, path) in [
            ("cleaning tanks", "tank.md"), ("ERR_4711", "pump.md"), ("4711", "pump.md"), ("err", "pump.md"),
        ] {
            let hits = try await test.search(question, mode: .keyword).hits
            #expect(hits.map(\.citation.path) == [path], "\(question)")
        }
    }

    @Test func `a search for words that nobody wrote finds nothing, and needs no model`() async throws {
        let test = try await Self.notes()
        let response = try await test.search("zyzzogeton", mode: .keyword)
        #expect(response.hits.isEmpty && response.model == nil)
        #expect(response.searched.isComplete && response.searched.committed == 4)
    }

    @Test func `quotes, minus and star hold for both sides of a hybrid search`() async throws {
        let test = try await Self.notes()
        func paths(_ query: String) async throws -> [String] {
            try await test.search(query, mode: .hybrid).hits.map(\.citation.path).sorted()
        }
        #expect(try await paths("harbour -ferry").contains("road.md") == false)
        #expect(try await paths("\"heat pump\"") == ["pump.md"])
        #expect(try await paths("\"pump heat\"") == [])
        #expect(
            try await test.search("harb*", mode: .keyword).hits.map(\.citation.path).sorted() == [
                "mast.md", "road.md",
            ])
    }

    @Test(arguments: SearchMode.allCases, [FusionMethod.normalized, .reciprocalRankDefault])
    func `every receipt adds up`(mode: SearchMode, fusion: FusionMethod) async throws {
        let test = try TestEngine(tailRowsMax: 16)
        try await test.ingest(Texts.documents(count: 20, paragraphs: 3, seed: 3))
        for question in ["w11 w12 own3x2", "own7x1 own8x1", "w1 w2 w3 w4 w5 w6"] {
            let hits = try await test.search(question, limit: 30, mode: mode) { $0.fusion = fusion }.hits
            #expect(!hits.isEmpty)
            for hit in hits {
                let sum = hit.receipt.parts.reduce(0) { $0 + $1.contribution }
                #expect(abs(sum - hit.score) < 1e-6)
                for part in hit.receipt.parts {
                    #expect(abs(part.weight * part.share - part.contribution) < 1e-6)
                }
                guard let keyword = hit.receipt[.keyword] else { continue }
                #expect(abs(hit.receipt.words.reduce(0) { $0 + $1.score } - keyword.value) < 1e-6)
            }
            #expect(hits.map(\.score) == hits.map(\.score).sorted(by: >))
        }
    }

    @Test func `the answer is the same before the words are sealed, after, and after compaction`()
        async throws
    {
        let documents = Texts.documents(count: 24, paragraphs: 3, seed: 5)
        let whole = try TestEngine()
        try await whole.ingest(documents)
        let sealed = try TestEngine(tailRowsMax: 8, tailRowsSealedAtClose: 1)
        try await sealed.ingest(documents)
        try await sealed.engine.settle(in: sealed.scope)
        #expect(try sealed.segmentFiles("postings").isEmpty == false)
        for question in ["w11 w12 own3x2", "w500", "own7x1 own8x1 own9x1"] {
            let (one, other) = (
                try await whole.search(question, mode: .keyword),
                try await sealed.search(question, mode: .keyword)
            )
            #expect(one.hits.map(\.citation.path) == other.hits.map(\.citation.path))
            for (left, right) in zip(one.hits, other.hits) { #expect(abs(left.score - right.score) < 1e-6) }
            #expect(other.searchedWords?.isComplete == true)
        }
        #expect(try sealed.findings().isEmpty)
    }

    @Test func `a byte flipped in a segment of postings changes no answer`() async throws {
        let test = try TestEngine(tailRowsMax: 8, tailRowsSealedAtClose: 1)
        try await test.ingest(Texts.documents(count: 12, paragraphs: 2, seed: 6))
        let expected = try await test.search("own3x1 w7", mode: .keyword).hits.map(\.citation.chunkID)
        try await test.engine.close()
        for file in try test.segmentFiles("postings") {
            var bytes = try Array(Data(contentsOf: file))
            bytes[bytes.count / 2] ^= 0xff
            try FileManager.default.removeItem(at: file)
            try Data(bytes).write(to: file)
        }
        let again = try TestEngine(folder: test.folder)
        #expect(try await again.search("own3x1 w7", mode: .keyword).hits.map(\.citation.chunkID) == expected)
        // Damage that no question has met is found by who looks, and mended by who rebuilds.
        _ = try again.engine.library.rebuild(in: again.scope)
        #expect(try again.findings().isEmpty)
        let rebuilt = try await again.search("own3x1 w7", mode: .keyword).hits.map(\.citation.chunkID)
        #expect(rebuilt == expected)
    }

    @Test(arguments: SearchMode.allCases)
    func `the largest request that is allowed is answered`(mode: SearchMode) async throws {
        let test = try await Self.notes()
        let hits = try await test.search("harbour", limit: SearchRequest.limitMax, mode: mode) {
            ($0.collapsesDuplicates, $0.diversity, $0.minScore) = (true, 0.5, 0)
        }.hits
        #expect(!hits.isEmpty)
    }

    @Test func `what is deleted or replaced is found by no word of it any more`() async throws {
        let test = try await Self.notes()
        try await test.ingest(["tank.md": "# Tank\n\nNothing is said here."])
        try test.engine.library.deleteDocument(DocumentReference("road.md"), in: test.scope)
        #expect(try await test.search("litres", mode: .keyword).hits.isEmpty)
        #expect(try await test.search("ferry", mode: .keyword).hits.isEmpty)
        #expect(try await test.search("said", mode: .keyword).hits.map(\.citation.path) == ["tank.md"])
    }

    @Test func `title and headings are found as words of every passage under them`() async throws {
        let test = try await Self.notes()
        let hits = try await test.search("mast", mode: .keyword).hits
        #expect(hits.first?.citation.path == "mast.md")
    }

    /// Every passage of an answer, page by page, and how many there are.
    private static func pages(
        _ test: TestEngine, _ query: String, _ mode: SearchMode,
        _ adjust: (inout SearchRequest) -> Void = { _ in }
    ) async throws -> [String] {
        var (paths, offset) = ([String](), 0)
        while true {
            let response = try await test.search(query, limit: 7, mode: mode) {
                $0.offset = offset
                adjust(&$0)
            }
            paths += response.hits.map(\.citation.path)
            guard response.hasMore else { return paths }
            offset += 7
        }
    }

    @Test(arguments: SearchMode.allCases, [0.0, 0.5])
    func `pages of equally good passages repeat none and lose none`(
        mode: SearchMode, diversity: Double
    ) async throws {
        let test = try TestEngine()
        try await test.ingest(
            Dictionary(
                uniqueKeysWithValues: (0..<240).map {
                    ("\($0 * 7_919 % 240).md", "# Report\n\nwalrus number \($0)")
                }))
        let found = try await Self.pages(test, "walrus", mode) { $0.diversity = diversity }
        #expect(found.count == 240 && Set(found).count == 240)
        let few = try await test.search("walrus", limit: 5, mode: mode) { $0.diversity = diversity }
        let many = try await test.search("walrus", limit: 50, mode: mode) { $0.diversity = diversity }
        #expect(few.hits.map(\.citation.path) == many.hits.prefix(5).map(\.citation.path))
    }

    @Test(arguments: SearchMode.allCases)
    func `as many passages are shown as there are when repetitions are collapsed`(
        mode: SearchMode
    ) async throws {
        let test = try TestEngine()
        var documents = Dictionary(
            uniqueKeysWithValues: (0..<300).map {
                ("copy \($0).md", "The roof is looked after by the caretaker.")
            })
        for (name, text) in [
            ("a", "roof of slate and of nothing else at all"),
            ("b", "a caretaker walks the roof every spring"),
            ("c", "who pays the caretaker, and when, is written down here"), ("d", "roof"),
        ] { documents["\(name).md"] = text }
        try await test.ingest(documents)
        let response = try await test.search("roof caretaker", limit: 5, mode: mode) {
            $0.collapsesDuplicates = true
        }
        #expect(response.hits.count == 5 && response.hits.contains { $0.duplicateCount == 299 })
    }

    @Test func `words are found in a language that hardly a passage is in`() async throws {
        let test = try TestEngine()
        var documents = Dictionary(
            uniqueKeysWithValues: (0..<150).map {
                (
                    "\($0).md",
                    "The station keeps the boats and the lamps in good order, as note \($0) says to everybody."
                )
            })
        documents["de.md"] =
            "Die Mädchen laufen zu den Schlössern und sehen die Änderungen an den Häusern im Dorf."
        try await test.ingest(documents)
        for word in ["Mädchen", "\"Mädchen\"", "Schlössern", "Änderungen", "Häuser"] {
            let hits = try await test.search(word, mode: .keyword).hits
            #expect(hits.map(\.citation.path) == ["de.md"], "\(word)")
        }
    }

    @Test func `a title that came beside the text counts twice`() async throws {
        let test = try TestEngine()
        let items = [
            ("a.txt", nil, "The petrel and the gull."), ("b.txt", "Petrel", "The tern and the gull."),
        ].map {
            (path, title, text) in
            var item = TestEngine.item(path, bytes: Array(text.utf8))
            item.given.title = title
            return item
        }
        _ = try await test.engine.ingest(items, in: test.scope)
        let hits = try await test.search("petrel", mode: .keyword).hits
        // Counted once the two would be as good, but for the title's length.
        #expect(hits.map(\.citation.path) == ["b.txt", "a.txt"])
    }

    @Test func `highlights are the question's words, as the passage has them`() async throws {
        let test = try await Self.notes()
        let hit = try #require(try await test.search("cleaning tanks", mode: .keyword).hits.first)
        let bytes = Array(hit.text.utf8)
        let marked = hit.highlights.map { String(decoding: bytes[$0], as: UTF8.self).lowercased() }
        #expect(Set(marked) == ["tank", "cleaned"])
    }
}
