import Documents
import Embedding
import Engine
import Foundation
import Kernels
import Store
import Synchronization
import TestSupport
import Testing

/// What a workspace does that goes from one model to another.
struct MigrationTests {
    /// What searchers saw, and whether they may stop.
    private final class Tally: Sendable {
        private let state = Mutex<(counts: [String: Int], isDone: Bool)>(([:], false))

        var counts: [String: Int] { state.withLock { $0.counts } }
        var isDone: Bool { state.withLock { $0.isDone } }

        func count(_ model: String) {
            state.withLock { $0.counts[model, default: 0] += 1 }
        }

        func end() {
            state.withLock { $0.isDone = true }
        }
    }

    @Test func `a migrated workspace answers as one that was ingested with the new model, in every process`()
        async throws
    {
        let test = try await Migrating.ingested()
        let server = try Migrating.engine(test.folder)
        let old = try await Migrating.reference(Migrating.old)
        #expect(try await server.placedAnswers() == old)
        let new = Migrating.new
        let report = try await test.engine.migrate(to: new, in: test.scope)
        #expect(report.outcome == .finished && report.to == new.space)
        #expect(report.from == test.embedder.space && report.progress.embeddedCount == new.textCount)
        #expect(report.progress.passedCount == report.progress.passageCount)
        let expected = try await Migrating.reference(Migrating.new)
        #expect(expected != old)
        for engine in [test, server] {
            #expect(try await engine.placedAnswers() == expected)
            #expect(try await engine.search("w1").model?.id == "next")
        }
        #expect(try test.states == [.live, .previous])
        #expect(try test.findings() == [])
    }

    @Test func `the first search after the cut-over finds the index trained and compacted`() async throws {
        let test = try await Migrating.ingested()
        _ = try await test.engine.migrate(to: Migrating.new, in: test.scope)
        let other = try Migrating.engine(test.folder)
        let response = try await other.search("w11 w12", nprobe: 1)
        #expect(response.model?.id == "next" && response.probed.listCount >= 1, "\(response.probed)")
        #expect(response.searched.isComplete && response.searched.tail == 0)
        let spaces = try test.engine.library.spaces(in: test.scope)
        #expect(spaces.map(\.state) == [.live, .previous] && spaces[0].segmentCount == 1)
        #expect(spaces[0].embeddingCount == spaces[1].embeddingCount)
    }

    @Test func `after a migration unchanged documents cost nothing, and new ones are of the new model`()
        async throws
    {
        let test = try await Migrating.ingested()
        let new = Migrating.new
        let engine = try Migrating.engine(test.folder, others: [new])
        _ = try await engine.engine.migrate(to: new, in: engine.scope)
        let embedded = new.textCount
        #expect(try await engine.ingest(Migrating.documents).unchangedCount == Migrating.documents.count)
        #expect(new.textCount == embedded)
        #expect(try await engine.ingest(Migrating.more).ingestedCount == Migrating.more.count)
        #expect(engine.embedder.textCount == 0 && new.textCount > embedded)
        let all = Migrating.documents.merging(Migrating.more) { $1 }
        #expect(try await engine.placedAnswers() == Migrating.reference(Migrating.new, all))
        #expect(try engine.findings() == [])
    }

    @Test func `a model with a smaller window is told of what it does not read, and ingesting cuts it anew`()
        async throws
    {
        let test = try TestEngine(others: [Migrating.old])
        try await test.ingest(Migrating.documents)
        let narrow = WordHashEmbedder(model: "narrow", windowTokens: 34)
        let engine = try TestEngine(folder: test.folder, others: [narrow])
        let report = try await engine.engine.migrate(to: narrow, in: engine.scope)
        #expect(report.progress.truncatedCount > 0)
        #expect(report.progress.tokenCount <= report.progress.embeddedCount * 34)
        #expect(try await engine.ingest(Migrating.documents).replacedCount == Migrating.documents.count)
        #expect(try engine.findings() == [])
        _ = try engine.engine.library.dropPrevious(in: engine.scope)
        let another = WordHashEmbedder(model: "narrow too", windowTokens: 34)
        let again = try await engine.engine.migrate(to: another, in: engine.scope)
        #expect(again.progress.embeddedCount > report.progress.embeddedCount)
        #expect(again.progress.truncatedCount == 0)
    }

    @Test func `one space an answer: every search beside migrations is of one model, and none fails`()
        async throws
    {
        let test = try await Migrating.ingested()
        let expected = [
            "word-hash": try await Migrating.reference(Migrating.old),
            "next": try await Migrating.reference(Migrating.new),
        ]
        let server = try Migrating.engine(test.folder) { $0.maintainsWhileSearching = true }
        let seen = Tally()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for searcher in 0..<3 {
                group.addTask {
                    var number = searcher
                    while !seen.isDone {
                        seen.count(try await server.checkAnswer(number, expected) ?? "")
                        number += 1
                    }
                }
            }
            group.addTask {
                for _ in 0..<2 {
                    _ = try await test.engine.migrate(to: Migrating.new, in: test.scope)
                    _ = try await server.checkAnswer(0, expected)
                    _ = try await test.engine.rollBack(in: test.scope)
                    _ = try await server.checkAnswer(1, expected)
                }
                _ = try await test.engine.migrate(to: Migrating.new, in: test.scope)
                seen.end()
            }
            try await group.waitForAll()
        }
        #expect(seen.counts["word-hash", default: 0] > 0, "\(seen.counts)")
        #expect(try await server.search("w1").model?.id == "next")
        #expect(try test.findings() == [])
    }

    @Test func `a query that was embedded before the cut-over is embedded anew after it`() async throws {
        let test = try await Migrating.ingested()
        let asked = HookedEmbedder(Migrating.old, role: .query)
        let server = try TestEngine(folder: test.folder, others: [asked, Migrating.new])
        // The server's own standard embedder is another one, so that the hooked one is asked for.
        let engine = try Engine(
            configuration: EngineConfiguration(dataDirectory: test.folder.url.appending(path: "data")),
            embedders: EmbedderShelf(standard: { Migrating.new }) { space in
                space == asked.space ? asked : nil
            }, pool: ComputePool(threadCount: 2))
        asked.during { number in
            guard number == 1 else { return }
            _ = try await test.engine.migrate(to: Migrating.new, in: test.scope)
        }
        let response = try await engine.search(SearchRequest(query: "w500", limit: 5), in: server.scope)
        #expect(response.model?.id == "next" && response.hits.count == 5)
        #expect(response.searched.isComplete)
    }

    @Test func `a document that was read for the old model is committed with the new one`() async throws {
        let test = try await Migrating.ingested()
        let asked = HookedEmbedder(Migrating.old, role: .passage)
        let engine = try Engine(
            configuration: EngineConfiguration(dataDirectory: test.folder.url.appending(path: "data")),
            embedders: EmbedderShelf(standard: { Migrating.new }) { space in
                space == asked.space ? asked : nil
            }, pool: ComputePool(threadCount: 2))
        asked.during { number in
            guard number == 1 else { return }
            _ = try await test.engine.migrate(to: Migrating.new, in: test.scope)
        }
        let text = "the lighthouse keeper sleeps at noon"
        let outcome = try await engine.put(
            TestEngine.item("late.md", bytes: Array(text.utf8)), in: test.scope)
        let version = try #require(outcome.version)
        #expect(version.version == 1 && version.embeddedCount == 1)
        let hit = try #require(try await test.search("lighthouse keeper").hits.first)
        #expect(hit.citation.path == "late.md")
        #expect(try test.findings() == [])
    }

    @Test func `what is ingested, changed and deleted meanwhile is as it should be afterwards`() async throws
    {
        let test = try await Migrating.ingested()
        let other = try Migrating.engine(test.folder)
        let target = HookedEmbedder(Migrating.new, role: .passage)
        var documents = Migrating.documents
        documents["d3.md"] = nil
        documents["d5.md"] = "# Other\n\nquite another text with w500 and w11"
        documents.merge(Migrating.more) { $1 }
        let changes = documents
        target.during { number in
            switch number {
            case 1:
                try other.engine.library.deleteDocument(.path(DocumentPath("d3.md")), in: other.scope)
            case 2: try await other.ingest(["d5.md": changes["d5.md"] ?? ""])
            case 3: try await other.ingest(Migrating.more)
            default: break
            }
        }
        let report = try await test.engine.migrate(to: target, in: test.scope)
        #expect(report.outcome == .finished)
        #expect(try await test.placedAnswers() == Migrating.reference(Migrating.new, documents))
        #expect(try await other.placedAnswers() == Migrating.reference(Migrating.new, documents))
        #expect(try test.findings() == [])
    }

    @Test func `the way back brings along what came since, and can be gone again`() async throws {
        let test = try await Migrating.ingested()
        _ = try await test.engine.migrate(to: Migrating.new, in: test.scope)
        try await test.ingest(Migrating.more)
        try test.engine.library.deleteDocument(.path(DocumentPath("d3.md")), in: test.scope)
        var documents = Migrating.documents.merging(Migrating.more) { $1 }
        documents["d3.md"] = nil
        let back = try await test.engine.rollBack(in: test.scope)
        #expect(back.outcome == .finished && back.to == test.embedder.space)
        #expect(back.progress.embeddedCount > 0 && back.progress.embeddedCount < 60)
        #expect(try await test.placedAnswers() == Migrating.reference(Migrating.old, documents))
        let again = try await test.engine.rollBack(in: test.scope)
        #expect(again.to.model == "next" && again.progress.embeddedCount == 0)
        #expect(try await test.placedAnswers() == Migrating.reference(Migrating.new, documents))
        #expect(try test.findings() == [])
    }

    @Test
    func `the way back needs no model where nothing came since, and says which one where something did`()
        async throws
    {
        let test = try await Migrating.ingested()
        _ = try await test.engine.migrate(to: Migrating.new, in: test.scope)
        let without = try TestEngine(
            folder: test.folder, embedder: Migrating.new, others: [Migrating.new])
        #expect(try await without.engine.rollBack(in: test.scope).outcome == .finished)
        #expect(try await test.placedAnswers() == Migrating.reference(Migrating.old))
        _ = try await test.engine.rollBack(in: test.scope)
        try await without.ingest(["late.md": "some late text"])
        let missing = EngineError.spaceMismatch(
            workspace: "notes", expected: test.embedder.space, found: nil)
        await #expect(throws: missing) { try await without.engine.rollBack(in: test.scope) }
        #expect(try await without.search("w1").model?.id == "next")
        #expect(try test.states == [.live, .previous])
    }

    @Test func `a budget stops a migration cleanly, and the next run goes on`() async throws {
        let test = try await Migrating.ingested()
        let new = Migrating.new
        var reports: [MigrationReport] = []
        repeat {
            reports.append(try await test.engine.migrate(to: new, in: test.scope, tokensMax: 16_000))
            #expect(reports.last.map { $0.progress.tokenCount <= 16_000 } == true)
            if reports.last?.outcome == .paused {
                #expect(try await test.search("w1").model?.id == "word-hash")
                #expect(try test.states == [.live, .building] && test.findings() == [])
            }
        } while reports.last?.outcome == .paused && reports.count < 20
        #expect(reports.count > 2 && reports.last?.outcome == .finished)
        #expect(reports.reduce(0) { $0 + $1.progress.embeddedCount } == new.textCount)
        #expect(try await test.placedAnswers() == Migrating.reference(Migrating.new))
    }

    @Test func `an embedder that fails stops a migration, and no text is embedded twice`() async throws {
        let test = try await Migrating.ingested()
        let new = Migrating.new
        new.fail(onCalls: [2])
        await #expect(throws: WordHashEmbedder.Refusal(callNumber: 2)) {
            try await test.engine.migrate(to: new, in: test.scope)
        }
        #expect(try await test.search("w1").model?.id == "word-hash")
        #expect(new.textCount == 128)
        let report = try await test.engine.migrate(to: new, in: test.scope)
        #expect(report.progress.embeddedCount + 128 == new.textCount)
        #expect(try await test.placedAnswers() == Migrating.reference(Migrating.new))
    }

    @Test func `a server loads the model that a workspace is being moved to before the cut-over, once`()
        async throws
    {
        let test = try await Migrating.ingested()
        _ = try await test.engine.migrate(to: Migrating.new, in: test.scope, tokensMax: 4_000)
        let (loads, load) = AsyncStream.makeStream(of: String.self)
        var configuration = EngineConfiguration(dataDirectory: test.folder.url.appending(path: "data"))
        configuration.maintainsWhileSearching = true
        let server = try Engine(
            configuration: configuration,
            embedders: EmbedderShelf(standard: { Migrating.old }) { space in
                load.yield(space.model)
                return [Migrating.old, Migrating.new].first { $0.space == space }
            }, pool: ComputePool(threadCount: 2))
        for _ in 0..<5 {
            _ = try await server.search(SearchRequest(query: "w1"), in: test.scope)
        }
        var iterator = loads.makeAsyncIterator()
        #expect(await iterator.next() == "word-hash")
        #expect(await iterator.next() == "next")
        _ = try await test.engine.migrate(to: Migrating.new, in: test.scope)
        #expect(try await server.search(SearchRequest(query: "w1"), in: test.scope).model?.id == "next")
        load.finish()
        #expect(await iterator.next() == nil)
    }

    @Test func `questions kept for measuring recall go with the model they were embedded by`() async throws {
        let test = try await Migrating.ingested()
        let server = try Migrating.engine(test.folder) { $0.recallSampling = 1 }
        for number in 0..<40 { _ = try await server.search("w\(number)") }
        #expect(try await server.engine.recall(in: server.scope).sampledCount == 40)
        _ = try await test.engine.migrate(to: Migrating.new, in: test.scope)
        #expect(try await server.engine.measureRecall(in: server.scope).sampledCount == 0)
        for number in 0..<3 { _ = try await server.search("w\(number)") }
        let report = try await server.engine.measureRecall(in: server.scope)
        #expect(report.sampledCount == 3 && report.measurement?.queryCount == 3)
    }
}

extension TestEngine {
    var states: [SpaceSummary.State] {
        get throws { try engine.library.spaces(in: scope).map(\.state) }
    }
}
