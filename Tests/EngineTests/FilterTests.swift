import Documents
import Engine
import Foundation
import Store
import TestSupport
import Testing

struct FilterTests {
    private static func parse(_ json: String) throws -> DocumentFilter {
        try DocumentFilter(jsonText: json)
    }

    private static let year = DocumentField.attribute("year")

    @Test(
        arguments: [
            (#"{"type":"eq","key":"year","value":2026}"#, .condition(.compare(year, .equal, 2_026))),
            (#"{"type":"ne","key":"year","value":true}"#, .not(.condition(.compare(year, .equal, true)))),
            (
                #"{"type":"gte","key":"year","value":"2026-01-31"}"#,
                .condition(.compare(year, .greaterOrEqual, "2026-01-31"))
            ),
            (
                #"{"type":"in","key":"year","value":[1,"a",false]}"#,
                .condition(.isAny(year, of: [1, "a", false]))
            ),
            (#"{"type":"nin","key":"year","value":[1]}"#, .not(.condition(.isAny(year, of: [1])))),
            (#"{"type":"exists","key":"year"}"#, .condition(.exists(year))),
            (#"{"type":"exists","key":"year","value":false}"#, .not(.condition(.exists(year)))),
            (#"{"type":"prefix","key":"@path","value":"a/"}"#, .condition(.compare(.path, .prefix, "a/"))),
            (#"{"type":"contains","key":"@title","value":"x"}"#, .condition(.contains(.title, "x"))),
            (
                #"{"type":"lt","key":"@created","value":"2026-01-31"}"#,
                .condition(.compare(.created, .less, "2026-01-31"))
            ),
            (
                #"{"type":"eq","key":"@media_type","value":"text/csv"}"#,
                .condition(.compare(.mediaType, .equal, "text/csv"))
            ),
            (#"{"type":"folder","value":"a/b"}"#, .condition(.folder("a/b", isRecursive: true))),
            (#"{"type":"folder","value":"","recursive":false}"#, .condition(.folder("", isRecursive: false))),
            (
                #"{"type":"documents","value":["doc_aaaaaaaaaaaaaaaaaaaaaaaaaa"]}"#,
                .condition(.documents([DocumentID(rawValue: "doc_aaaaaaaaaaaaaaaaaaaaaaaaaa")]))
            ),
            (
                #"{"type":"or","filters":[{"type":"exists","key":"year"},"#
                    + #"{"type":"not","filter":{"type":"exists","key":"year"}}]}"#,
                .or([.condition(.exists(year)), .not(.condition(.exists(year)))])
            ),
        ] as [(String, DocumentFilter)])
    func `a filter is read from JSON`(json: String, expected: DocumentFilter) throws {
        #expect(try Self.parse(json) == expected)
    }

    @Test(arguments: [
        ("[]", "", "a list of 0"), ("nonsense", "", "a text of 8 bytes"), ("{}", "type", "nothing"),
        (#"{"type":"like","key":"a","value":1}"#, "type", "'like'"),
        (#"{"type":"eq","value":1}"#, "key", "nothing"),
        (#"{"type":"eq","key":"@size","value":1}"#, "key", "'@size'"),
        (#"{"type":"eq","key":"carrel:origin","value":"x"}"#, "key", "'carrel:origin'"),
        (#"{"type":"eq","key":"a"}"#, "value", "nothing"),
        (#"{"type":"eq","key":"a","value":null}"#, "value", "null"),
        (#"{"type":"eq","key":"a","value":["x"]}"#, "value", "a list of 1"),
        (#"{"type":"gt","key":"a","value":true}"#, "value", "true"),
        (#"{"type":"gt","key":"@created","value":"soon"}"#, "value", "'soon'"),
        (#"{"type":"eq","key":"@path","value":1}"#, "value", "a number"),
        (#"{"type":"prefix","key":"@updated","value":"2026"}"#, "key", "'@updated'"),
        (#"{"type":"contains","key":"a","value":""}"#, "value", "''"),
        (#"{"type":"in","key":"a","value":[]}"#, "value", "a list of 0"),
        (#"{"type":"in","key":"a","value":[1,{}]}"#, "value[1]", "an object"),
        (#"{"type":"exists","key":"a","value":1}"#, "value", "a number"),
        (#"{"type":"folder","value":"/a"}"#, "value", "'/a'"),
        (#"{"type":"folder","value":"a","recursive":1}"#, "recursive", "a number"),
        (#"{"type":"documents","value":["a.md"]}"#, "value[0]", "a string"),
        (#"{"type":"and","filters":[]}"#, "filters", "a list of 0"),
        (
            #"{"type":"and","filters":[{"type":"exists","key":"a"},{"type":"eq","key":"a","value":{}}]}"#,
            "filters[1].value", "an object"
        ),
        (#"{"type":"not","filter":{"type":"not","filter":1}}"#, "filter.filter", "a number"),
        (#"{"type":"exists","key":"a","valu":1}"#, "valu", "an unknown field"),
    ])
    func `a filter that is none says where, and what was found`(
        json: String, place: String, found: String
    ) {
        let error = #expect(throws: EngineError.self) { try Self.parse(json) }
        guard case .filterInvalid(let fault) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(fault.place == place && fault.found == found && !fault.expected.isEmpty, "\(fault)")
    }

    @Test func `a filter is bounded in conditions, depth and values`() throws {
        func nested(_ depth: Int) -> String {
            depth == 1
                ? #"{"type":"exists","key":"a"}"# : #"{"type":"not","filter":\#(nested(depth - 1))}"#
        }
        _ = try Self.parse(nested(8))
        func joined(_ count: Int) -> String {
            let leaves = (0..<count).map { #"{"type":"exists","key":"a\#($0)"}"# }
            return #"{"type":"or","filters":[\#(leaves.joined(separator: ","))]}"#
        }
        _ = try Self.parse(joined(64))
        func listed(_ count: Int) -> String {
            #"{"type":"in","key":"a","value":[\#((0..<count).map(String.init).joined(separator: ","))]}"#
        }
        _ = try Self.parse(listed(1_024))
        let both = #"{"type":"and","filters":[\#(joined(33)),\#(joined(33))]}"#
        for bad in [nested(9), joined(65), listed(1_025), both] {
            #expect(throws: EngineError.self) { try Self.parse(bad) }
        }
    }

    /// What a filter lets pass, by the law of each of its parts, from documents whose attributes are known.
    private static func matches(_ filter: DocumentFilter, _ number: Int) -> Bool {
        switch filter {
        case .not(let inner): return !matches(inner, number)
        case .and(let filters): return filters.allSatisfy { matches($0, number) }
        case .or(let filters): return filters.contains { matches($0, number) }
        case .condition(.compare(.attribute("n"), .less, .number(let bound))): return Double(number) < bound
        case .condition(.compare(.attribute("even"), .equal, .bool(let truth))):
            return number.isMultiple(of: 2) == truth
        case .condition(.exists(.attribute("third"))): return number.isMultiple(of: 3)
        case .condition(.folder(let folder, _)): return folder == "f\(number % 4)"
        default: preconditionFailure("no law for \(filter)")
        }
    }

    /// Documents in lists, some of them in the tail, and some deleted.
    private static func corpus(count: Int) async throws -> TestEngine {
        let test = try TestEngine(tailRowsMax: 64, tailRowsSealedAtClose: 1, trainingRowsMin: 200)
        let texts = Texts.documents(count: count, paragraphs: 2, seed: 7)
        let items = (0..<count).map { number in
            var item = TestEngine.item(
                "f\(number % 4)/d\(number).md", bytes: Array((texts["d\(number).md"] ?? "").utf8))
            item.given.attributes = ["n": .number(Double(number)), "even": .bool(number.isMultiple(of: 2))]
            if number.isMultiple(of: 3) { item.given.attributes["third"] = "yes" }
            return item
        }
        _ = try await test.engine.ingest(items, in: test.scope)
        try await test.engine.settle(in: test.scope)
        return test
    }

    private static func number(_ hit: SearchHit) -> Int {
        Int(hit.citation.path.split(separator: "/").last?.dropFirst().dropLast(3) ?? "") ?? -1
    }

    @Test func `a filtered search is the unfiltered one without what does not match, and never short`()
        async throws
    {
        let count = 400
        let test = try await Self.corpus(count: count)
        func less(_ bound: Double) -> DocumentFilter {
            .condition(.compare(.attribute("n"), .less, .number(bound)))
        }
        let even = DocumentFilter.condition(.compare(.attribute("even"), .equal, true))
        let third = DocumentFilter.condition(.exists(.attribute("third")))
        let folder = DocumentFilter.condition(.folder("f1", isRecursive: true))
        let filters: [DocumentFilter] = [
            less(200), less(40), less(4), less(1), less(0), even, .not(third), .and([even, third]),
            .or([.and([less(100), folder]), .not(.or([even, third]))]), .not(less(1_000)),
        ]
        for query in ["w11 w12 own3x1", "w500 w501", "own7x1 w3 w4 w5"] {
            let everything = try await test.engine.search(
                SearchRequest(query: query, limit: 1_000, recallTarget: 1, mode: .vector), in: test.scope)
            for filter in filters {
                let expected = everything.hits.filter { Self.matches(filter, Self.number($0)) }
                for limit in [5, 1_000] {
                    let exact = try await test.engine.search(
                        SearchRequest(
                            query: query, limit: limit, recallTarget: 1, mode: .vector, filter: filter),
                        in: test.scope)
                    #expect(
                        exact.hits.map(\.citation.chunkID)
                            == expected.prefix(limit).map(\.citation.chunkID), "\(filter)")
                    let found = try await test.engine.search(
                        SearchRequest(query: query, limit: limit, mode: .vector, filter: filter),
                        in: test.scope)
                    #expect(found.hits.count == min(limit, expected.count), "\(filter)")
                    #expect(found.hits.allSatisfy { Self.matches(filter, Self.number($0)) })
                    let documents = (0..<count).filter { Self.matches(filter, $0) }.count
                    #expect(found.matched?.documentCount == documents, "\(filter)")
                    #expect(found.matched?.rowCount == expected.count, "\(filter)")
                }
            }
        }
    }

    @Test(arguments: [0.5, 0.1, 0.01, 0.001])
    func `a filtered search finds what the exact one finds, whatever share of the documents matches`(
        share: Double
    ) async throws {
        let count = 1_000
        let test = try await Self.corpus(count: count)
        let filter = DocumentFilter.condition(
            .compare(.attribute("n"), .less, .number(share * Double(count))))
        var (found, wanted) = (0, 0)
        for query in (0..<20).map({ "w\($0 * 17) w\($0 * 31) w\($0 * 7) own\($0)x0" }) {
            let exact = try await test.engine.search(
                SearchRequest(query: query, limit: 10, recallTarget: 1, mode: .vector, filter: filter),
                in: test.scope)
            let probed = try await test.engine.search(
                SearchRequest(query: query, limit: 10, mode: .vector, filter: filter), in: test.scope)
            #expect(probed.hits.count == exact.hits.count)
            wanted += exact.hits.count
            found +=
                Set(exact.hits.map(\.citation.chunkID))
                .intersection(probed.hits.map(\.citation.chunkID)).count
        }
        #expect(Double(found) >= 0.95 * Double(wanted), "\(found) of \(wanted)")
    }

    @Test func `attributes that are set are searched at once, and nothing is embedded for them`() async throws
    {
        let test = try TestEngine()
        try await test.ingest([
            "a.md": "---\nteam: power\nyear: 2020\n---\n\nsame words", "b.md": "same words",
        ])
        func paths(_ json: String) async throws -> [String] {
            try await test.engine.search(
                SearchRequest(query: "same words", filter: try DocumentFilter(jsonText: json)), in: test.scope
            ).hits.map(\.citation.path)
        }
        let recent = #"{"type":"gte","key":"year","value":2024}"#
        #expect(try await paths(recent) == [])
        let path = try DocumentPath("a.md")
        let before = try test.engine.library.document(.path(path), in: test.scope)
        let embedded = test.embedder.textCount
        let after = try test.engine.library.change(
            .path(path), to: DocumentChange(attributes: ["year": .integer(2_025), "team": .null]),
            if: .revision(in: [before.revision]), in: test.scope)
        #expect(after.attributes == ["year": 2_025] && after.revision == before.revision + 1)
        #expect(test.embedder.textCount == embedded)
        #expect(try await paths(recent) == ["a.md"])
        #expect(try await paths(#"{"type":"exists","key":"team"}"#) == [])
        // Moved, it keeps them, and is found where it is.
        _ = try test.engine.library.moveDocument(
            .path(path), to: DocumentPath("f/a.md"), in: test.scope)
        #expect(try await paths(recent) == ["f/a.md"])
        #expect(try await paths(#"{"type":"folder","value":"f"}"#) == ["f/a.md"])
        // The same bytes again are no new version; other bytes bring their own attributes.
        try await test.ingest(["f/a.md": "same words, and more"])
        #expect(try await paths(recent) == [])
        #expect(try test.findings() == [])
    }

    @Test func `a change that is refused leaves the document as it was`() async throws {
        let test = try TestEngine()
        try await test.ingest(["a.md": "text"])
        let path = try DocumentPath("a.md")
        let before = try test.engine.library.document(.path(path), in: test.scope)
        #expect(throws: EngineError.preconditionFailed(foundRevision: before.revision)) {
            try test.engine.library.change(
                .path(path), to: DocumentChange(attributes: ["a": .integer(1)]),
                if: .revision(in: [before.revision + 1]), in: test.scope)
        }
        #expect(throws: EngineError.attributesInvalid(.nameReserved("carrel:origin"))) {
            try test.engine.library.change(
                .path(path), to: DocumentChange(attributes: ["carrel:origin": .null]), in: test.scope)
        }
        let many = Dictionary(
            uniqueKeysWithValues: (0..<65).map { ("k\($0)", PlainValue.integer($0)) })
        #expect(throws: EngineError.attributesInvalid(.tooMany(found: 65, max: 64))) {
            try test.engine.library.change(
                .path(path), to: DocumentChange(attributes: many), in: test.scope)
        }
        #expect(try test.engine.library.document(.path(path), in: test.scope) == before)
    }

    @Test func `a change that is sent again with its key is done once`() async throws {
        let test = try TestEngine()
        try await test.ingest(["a.md": "text"])
        let change = DocumentChange(path: try DocumentPath("b.md"), attributes: ["a": .integer(1)])
        let key = try IdempotencyKey("k", of: ["change"])
        let first = try test.engine.library.change(
            .path(DocumentPath("a.md")), to: change, key: key, in: test.scope)
        let second = try test.engine.library.change(
            .path(DocumentPath("a.md")), to: change, key: key, in: test.scope)
        #expect(first == second && first.path == "b.md" && first.attributes == ["a": 1])
        try await test.ingest(["a.md": "another text where it was"])
        let third = try test.engine.library.change(
            .path(DocumentPath("a.md")), to: change, key: key, in: test.scope)
        #expect(third == first)
    }

    @Test func `a workspace in which nothing is matches nothing`() async throws {
        let test = try TestEngine()
        let request = SearchRequest(query: "x", filter: .condition(.exists(.attribute("a"))))
        let response = try await test.engine.search(request, in: test.scope)
        #expect(response.matched?.documentCount == 0 && response.matched?.rowCount == 0)
    }
}
