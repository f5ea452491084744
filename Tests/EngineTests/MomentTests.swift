import Engine
import Foundation
import Store
import TestSupport
import Testing

/// Searches of moments that have passed, and pages over one of them.
struct MomentTests {
    @Test(arguments: SearchMode.allCases)
    func `an earlier moment is answered as it was then`(mode: SearchMode) async throws {
        let test = try TestEngine(tailRowsMax: 32, tailRowsSealedAtClose: 1)
        let documents = Texts.documents(count: 30, paragraphs: 2, seed: 12)
        try await test.ingest(documents)
        let questions = ["w11 w12 own3x1", "own7x0 own8x1", "w500 w1"]
        var before: [[String]] = []
        for question in questions {
            before.append(
                try await test.search(question, limit: 20, recallTarget: 1, mode: mode).hits.map(
                    \.citation.chunkID))
        }
        let moment = try await test.search("w1", mode: mode).snapshotSequence
        // Half is deleted, a part replaced, others come; some of it is sealed.
        for number in 0..<15 {
            try test.engine.library.deleteDocument(DocumentReference("d\(number).md"), in: test.scope)
        }
        try await test.ingest(["d20.md": "replaced w11 w12", "new.md": "own3x1 own7x0 w500"])
        try await test.engine.settle(in: test.scope)
        for (question, expected) in zip(questions, before) {
            let then = try await test.search(question, limit: 20, recallTarget: 1, mode: mode) {
                $0.asOf = .sequence(moment)
            }
            #expect(then.snapshotSequence == moment && then.searched.isComplete, "\(then.searched)")
            if mode == .vector { #expect(then.hits.map(\.citation.chunkID) == expected) }
            #expect(Set(then.hits.map(\.citation.chunkID)) == Set(expected), "\(question)")
            let now = try await test.search(question, limit: 20, recallTarget: 1, mode: mode)
            #expect(now.hits.map(\.citation.chunkID) != expected)
        }
    }

    @Test func `a time is the last commit before it`() async throws {
        let clock = EngineClock(milliseconds: 1_000_000)
        let test = try TestEngine(environment: clock.environment)
        try await test.ingest(["a.md": "first words"])
        clock.advance(milliseconds: 60_000)
        try await test.ingest(["b.md": "second words"])
        let between = Date(timeIntervalSince1970: 1_030)
        let then = try await test.search("words", mode: .keyword) { $0.asOf = .time(between) }
        #expect(then.hits.map(\.citation.path) == ["a.md"])
        for outside in [Date(timeIntervalSince1970: 1), Date(timeIntervalSince1970: 10_000)] {
            await #expect(throws: EngineError.search(.momentOutside)) {
                try await test.search("words") { $0.asOf = .time(outside) }
            }
        }
    }

    @Test func `a moment that is to come is refused, and one whose dead are gone as well`() async throws {
        let clock = EngineClock(milliseconds: 1_000_000)
        let test = try TestEngine(environment: clock.environment)
        try await test.ingest(["a.md": "first words"])
        let moment = try await test.search("words").snapshotSequence
        await #expect(throws: EngineError.search(.snapshotUnknown(found: moment + 1, newest: moment))) {
            try await test.search("words") { $0.asOf = .sequence(moment + 1) }
        }
        try test.engine.library.deleteDocument(DocumentReference("a.md"), in: test.scope)
        clock.advance(milliseconds: 48 * 3_600_000)
        _ = try test.engine.library.collectGarbage(in: test.scope, olderThan: .seconds(24 * 3_600))
        await #expect(throws: EngineError.search(.snapshotExpired(found: moment, oldest: moment + 1))) {
            try await test.search("words") { $0.asOf = .sequence(moment) }
        }
    }

    @Test(arguments: SearchMode.allCases)
    func `pages of one moment are the answer in parts, whatever changes meanwhile`(
        mode: SearchMode
    ) async throws {
        let test = try TestEngine()
        try await test.ingest(Texts.documents(count: 20, paragraphs: 3, seed: 4))
        let whole = try await test.search("w11 w12 w13 w14 own3x1", limit: 30, recallTarget: 1, mode: mode)
        var pages: [String] = []
        var page = try await test.search("w11 w12 w13 w14 own3x1", limit: 7, recallTarget: 1, mode: mode)
        while true {
            pages += page.hits.map(\.citation.chunkID)
            #expect(page.hits.map(\.rank).first == pages.count - page.hits.count + 1)
            guard page.hasMore, pages.count < 30 else { break }
            try test.engine.library.deleteDocument(
                DocumentReference(try #require(page.hits.first).citation.documentID), in: test.scope)
            let shown = pages.count
            let moment = whole.snapshotSequence
            page = try await test.search("w11 w12 w13 w14 own3x1", limit: 7, recallTarget: 1, mode: mode) {
                ($0.offset, $0.asOf) = (shown, .sequence(moment))
            }
        }
        if mode == .vector {
            #expect(Array(pages.prefix(30)) == Array(whole.hits.map(\.citation.chunkID).prefix(pages.count)))
        }
        #expect(Set(pages).count == pages.count)
    }
}
