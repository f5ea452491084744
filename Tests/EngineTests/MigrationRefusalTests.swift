import Embedding
import Engine
import Store
import TestSupport
import Testing

/// A workspace that goes to a model which will not embed some of its passages.
struct MigrationRefusalTests {
    /// Stands in one paragraph of the documents.
    private static let word = "own3x2 "

    private struct Blocked {
        var test: TestEngine
        var new: WordHashEmbedder
        var report: MigrationReport
    }

    /// A migration that came to its end but for the passage with the word.
    private func blocked(_ documents: [String: String] = Migrating.documents) async throws -> Blocked {
        let new = Migrating.new
        let test = try Migrating.engine(others: [Migrating.old, new])
        try await test.ingest(documents)
        try await test.engine.settle(in: test.scope)
        new.refuse(textsWith: Self.word)
        return Blocked(test: test, new: new, report: try await test.engine.migrate(to: new, in: test.scope))
    }

    @Test func `a passage that is refused keeps no other from being embedded, and the old model stays`()
        async throws
    {
        let old = try await Migrating.reference(Migrating.old)
        let blocked = try await blocked()
        let (test, report) = (blocked.test, blocked.report)
        #expect(report.outcome == .blocked && report.progress.refusedCount == 1)
        #expect(report.progress.embeddedCount == blocked.new.textCount)
        let refused = try #require(report.refusedPassages.first)
        #expect(report.refusedPassages.count == 1 && refused.path == "d3.md")
        #expect(refused.reason == "it does not like the word")
        let lines = try #require(Migrating.documents["d3.md"]).split(
            separator: "\n", omittingEmptySubsequences: false)
        #expect(
            lines[refused.lines.lowerBound - 1..<refused.lines.upperBound].contains { $0.contains(Self.word) }
        )
        #expect(try test.states == [.live, .building])
        #expect(try await test.placedAnswers() == old)
        #expect(try test.findings() == [])
    }

    @Test func `run again it pays for what it was refused only, as often as it is refused`() async throws {
        let blocked = try await blocked()
        let embedded = blocked.new.textCount
        let again = try await blocked.test.engine.migrate(to: blocked.new, in: blocked.test.scope)
        #expect(again.outcome == .blocked && again.refusedPassages == blocked.report.refusedPassages)
        #expect(blocked.new.textCount == embedded && again.progress.embeddedCount == 0)
        blocked.new.refuse(textsWith: nil)
        let last = try await blocked.test.engine.migrate(to: blocked.new, in: blocked.test.scope)
        #expect(last.outcome == .finished && last.progress.embeddedCount == 1)
        #expect(try await blocked.test.placedAnswers() == Migrating.reference(Migrating.new))
    }

    @Test func `once the document is changed the workspace moves`() async throws {
        let blocked = try await blocked()
        var documents = Migrating.documents
        documents["d3.md"] = documents["d3.md"]?.replacing(Self.word, with: "else ")
        try await blocked.test.ingest(documents)
        let report = try await blocked.test.engine.migrate(to: blocked.new, in: blocked.test.scope)
        #expect(report.outcome == .finished && report.refusedPassages.isEmpty)
        #expect(try blocked.test.states == [.live, .previous])
        #expect(try await blocked.test.placedAnswers() == Migrating.reference(Migrating.new, documents))
        #expect(try blocked.test.findings() == [])
    }

    @Test func `a refused text that stands in two documents is told of in both`() async throws {
        var documents = Migrating.documents
        documents["twin.md"] = documents["d3.md"]
        let blocked = try await blocked(documents)
        #expect(blocked.report.refusedPassages.map(\.path).sorted() == ["d3.md", "twin.md"])
        #expect(blocked.report.progress.refusedCount == 1)
        documents["d3.md"] = documents["d3.md"]?.replacing(Self.word, with: "else ")
        try await blocked.test.ingest(documents)
        let again = try await blocked.test.engine.migrate(to: blocked.new, in: blocked.test.scope)
        #expect(again.outcome == .blocked && again.refusedPassages.map(\.path) == ["twin.md"])
    }

    @Test func `a document that goes while the others are embedded blocks nothing`() async throws {
        let new = Migrating.new
        let test = try Migrating.engine(others: [Migrating.old, new])
        try await test.ingest(Migrating.documents)
        new.refuse(textsWith: Self.word)
        let library = test.engine.library
        let report = try await test.engine.migrate(to: new, in: test.scope) { event in
            guard case .embedded(let progress) = event, progress.refusedCount == 1 else { return }
            do {
                try library.deleteDocument(DocumentReference("d3.md"), in: test.scope)
            } catch EngineError.documentNotFound {
                // It is told more than once that one was refused.
            } catch {
                Issue.record(error)
            }
        }
        #expect(report.outcome == .finished && report.progress.refusedCount == 1)
        var rest = Migrating.documents
        rest["d3.md"] = nil
        #expect(try await test.placedAnswers() == Migrating.reference(Migrating.new, rest))
        #expect(try test.findings() == [])
    }

    @Test func `a model that refuses everything is not asked about everything`() async throws {
        let sections = (0..<1_300).map { "# Section \($0)\n\nown\($0) stands here.\n" }
        let new = Migrating.new
        let test = try Migrating.engine(others: [Migrating.old, new])
        try await test.ingest(["long.md": sections.joined(separator: "\n")])
        new.refuse(textsWith: "own")
        let report = try await test.engine.migrate(to: new, in: test.scope)
        #expect(report.outcome == .blocked && report.progress.passageCount >= 1_300)
        #expect((1_000..<1_200).contains(report.progress.refusedCount))
        #expect(report.refusedPassages.count == MigrationReport.refusedPassagesMax)
    }
}
