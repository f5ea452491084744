import Documents
import Engine
import Foundation
import Store
import TestSupport
import Testing

/// Every reason for which a document may be missing, each made on purpose.
struct ExplainTests {
    private static func reason(
        _ test: TestEngine, _ query: String, _ path: String, mode: SearchMode = .hybrid, limit: Int = 3,
        _ adjust: (inout SearchRequest) -> Void = { _ in }
    ) async throws -> Explanation {
        var request = SearchRequest(query: query, limit: limit, mode: mode)
        adjust(&request)
        return try await test.engine.explain(request, DocumentReference(path), in: test.scope)
    }

    private static func notes() async throws -> TestEngine {
        let test = try TestEngine()
        try await test.ingest([
            "pump.md": "---\nyear: 2020\n---\n\nThe heat pump is reset by hand.",
            "tank.md": "---\nyear: 2021\n---\n\nThe water tank is cleaned in spring.",
            "copy.md": "The heat pump is reset by hand.",
            "road.md": "The road to the harbour is closed in winter.",
        ])
        return test
    }

    @Test(arguments: SearchMode.allCases)
    func `what is in the answer is said to be, with its rank and receipt`(mode: SearchMode) async throws {
        let test = try await Self.notes()
        let found = try await Self.reason(test, "water tank spring", "tank.md", mode: mode)
        #expect(found.reason == .found && found.rank == 1)
        #expect(found.best?.citation.path == "tank.md" && found.best?.receipt.parts.isEmpty == false)
    }

    @Test func `a document that never was, and one that was deleted, are told apart`() async throws {
        let test = try await Self.notes()
        #expect(try await Self.reason(test, "pump", "none.md").reason == .notIngested)
        try test.engine.library.deleteDocument(DocumentReference("road.md"), in: test.scope)
        #expect(try await Self.reason(test, "road", "road.md").reason == .deleted)
    }

    @Test func `a document whose ingest failed says why`() async throws {
        let test = try await Self.notes()
        _ = try await test.engine.ingest(
            [TestEngine.item("bad.md", bytes: [0xff, 0xfe, 0, 0, 1])], in: test.scope)
        let explanation = try await Self.reason(test, "anything", "bad.md")
        #expect(explanation.reason == .failed && explanation.detail?.isEmpty == false)
    }

    @Test func `a document that was taken over and is not done yet`() async throws {
        let test = try await Self.notes()
        let held = try HeldJobs(test)
        _ = try await held.submit(["new.md": "The heat pump was replaced."])
        #expect(try await Self.reason(test, "heat pump", "new.md").reason == .pending)
        try await held.release()
        try await test.engine.close()
    }

    @Test func `a document that repeats a better one, where difference was asked for`() async throws {
        let test = try await Self.notes()
        let question = "heat pump reset by hand road harbour"
        let explanation = try await Self.reason(test, question, "pump.md", limit: 2) { $0.diversity = 0.9 }
        #expect(explanation.reason == .repeated && explanation.rank.map { $0 <= 2 } == true)
        #expect(try await Self.reason(test, question, "pump.md", limit: 2).reason == .found)
    }

    @Test func `a document that the filter keeps out`() async throws {
        let test = try await Self.notes()
        let explanation = try await Self.reason(test, "heat pump", "pump.md") {
            $0.filter = .condition(.compare(.attribute("year"), .greater, .number(2020)))
        }
        #expect(explanation.reason == .filtered)
    }

    @Test func `a document that a mark rules out`() async throws {
        let test = try await Self.notes()
        #expect(try await Self.reason(test, "hand -pump", "pump.md").reason == .ruledOut)
        #expect(try await Self.reason(test, "\"cold pump\"", "pump.md").reason == .ruledOut)
    }

    @Test func `a document without any of the words`() async throws {
        let test = try await Self.notes()
        #expect(try await Self.reason(test, "harbour", "tank.md", mode: .keyword).reason == .noWord)
    }

    @Test func `a document that is not relevant enough`() async throws {
        let test = try await Self.notes()
        let explanation = try await Self.reason(test, "harbour winter", "tank.md") { $0.minScore = 0.999 }
        #expect(explanation.reason == .belowMinScore && explanation.detail != nil)
    }

    @Test func `a document that says what a better one says`() async throws {
        let test = try await Self.notes()
        let explanation = try await Self.reason(test, "heat pump reset by hand", "pump.md") {
            $0.collapsesDuplicates = true
        }
        #expect(explanation.reason == .duplicate)
        #expect(explanation.duplicateOf?.path == "copy.md")
    }

    @Test func `a document that came after the moment asked for, and one without passages`() async throws {
        let test = try await Self.notes()
        let before = try await test.search("pump").snapshotSequence
        try await test.ingest(["late.md": "The heat pump was replaced.", "empty.md": "\n"])
        let late = try await Self.reason(test, "heat pump", "late.md") { $0.asOf = .sequence(before) }
        #expect(late.reason == .later && late.snapshotSequence == before)
        #expect(try await Self.reason(test, "heat pump", "empty.md").reason == .empty)
    }

    @Test(arguments: SearchMode.allCases)
    func `a document that others are better than, with its rank`(mode: SearchMode) async throws {
        let test = try await Self.notes()
        let explanation = try await Self.reason(
            test, "the heat pump is reset by hand in winter", "road.md", mode: mode, limit: 1)
        #expect(explanation.reason == .outranked)
        #expect(try #require(explanation.rank) > 1)
    }

    @Test func `a passage in a list that was not looked through`() async throws {
        let test = try TestEngine(tailRowsMax: 64, trainingRowsMin: 256)
        try await test.ingest(Texts.documents(count: 400, paragraphs: 2, seed: 9))
        try await test.engine.settle(in: test.scope)
        // With one list of many, some of the truly nearest are missed; one of them is asked for.
        for question in ["w11 w12 w13", "w500 w3", "w1 w2 w3 w4", "w40 w41 w42", "w7 w8"] {
            let exact = try await test.search(question, limit: 40, recallTarget: 1)
            let probed = try await test.search(question, limit: 40, nprobe: 1)
            let found = Set(probed.hits.map(\.citation.documentID))
            guard let missed = exact.hits.first(where: { !found.contains($0.citation.documentID) }) else {
                continue
            }
            let explanation = try await Self.reason(
                test, question, missed.citation.path, mode: .vector, limit: 40
            ) { $0.nprobe = 1 }
            #expect(explanation.reason == .listNotProbed)
            return
        }
        Issue.record("no question missed anything")
    }
}
