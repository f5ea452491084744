import Documents
import Engine
import Foundation
import Store
import TestSupport
import Testing

struct IngestTests {
    @Test func `what is ingested is found, and cited at its lines`() async throws {
        let test = try TestEngine()
        try await test.ingest([
            "boat.md": "# Boat\n\nThe outboard burns petrol.\n\n## Hull\n\nThe hull is rubber.\n",
            "tea.md": "# Tea\n\nWater boils in the kettle.\n",
        ])
        let response = try await test.search("kettle water boils")
        let hit = try #require(response.hits.first)
        #expect(hit.citation.path == "tea.md")
        #expect(hit.citation.title == "Tea")
        #expect(hit.citation.version == 1)
        #expect(hit.citation.lineRange.contains(3))
        #expect(hit.text.contains("kettle"))
        #expect(response.searched.isComplete && response.searched.committed > 0)
    }

    @Test func `an unchanged document costs no embedding the second time`() async throws {
        let test = try TestEngine()
        let documents = Texts.documents(count: 5, paragraphs: 6, seed: 1)
        let first = try await test.ingest(documents)
        let embedded = test.embedder.textCount
        let second = try await test.ingest(documents)
        #expect(first.ingestedCount == 5 && first.embeddedCount == embedded)
        #expect(second.unchangedCount == 5 && second.ingestedCount == 0 && second.tokenCount == 0)
        #expect(test.embedder.textCount == embedded)
    }

    @Test func `a changed document is replaced whole, and only its changed text is embedded`() async throws {
        let test = try TestEngine()
        var documents = Texts.documents(count: 2, paragraphs: 12, seed: 2)
        let first = try await test.ingest(documents)
        documents["d1.md"] = (documents["d1.md"] ?? "").replacing("own1x11", with: "replacedword")
        let second = try await test.ingest(documents)
        #expect(second.replacedCount == 1 && second.unchangedCount == 1)
        #expect(second.embeddedCount < first.chunkCount / 2)
        let hits = try await test.search("replacedword", limit: 100).hits
        #expect(hits.filter { $0.text.contains("replacedword") }.map(\.citation.version) == [2])
        let old = try await test.search("own1x11", limit: 100).hits
        #expect(!old.contains { $0.text.contains("own1x11") })
    }

    @Test func `a document that fails stops no other, and is whole after the next run`() async throws {
        let test = try TestEngine()
        let documents = Texts.documents(count: 6, paragraphs: 3, seed: 3)
        test.embedder.fail(onCalls: [3], passing: false)
        let first = try await test.ingest(documents)
        #expect(first.failures.count == 1 && first.ingestedCount == 5)
        #expect(first.failures.first?.error is WordHashEmbedder.Refusal)
        let failed = try #require(first.failures.first?.path)
        #expect(!(try await test.search("w1", limit: 100)).hits.contains { $0.citation.path == failed })
        let second = try await test.ingest(documents)
        #expect(second.ingestedCount == 1 && second.unchangedCount == 5 && second.failures.isEmpty)
    }

    @Test func `a passage that is refused fails its document alone, and no other passage is paid for again`()
        async throws
    {
        let test = try TestEngine()
        var documents = Texts.documents(count: 4, paragraphs: 12, seed: 5)
        documents["d2.md"] = (documents["d2.md"] ?? "").replacing("own2x6", with: "poison")
        test.embedder.refuse(textsWith: "poison")
        let first = try await test.ingest(documents)
        let failure = try #require(first.failures.first)
        #expect(first.ingestedCount == 3 && first.failures.count == 1 && failure.path == "d2.md")
        guard
            case .passageRefused(let lines, let refused, let count, let reason)? = failure.error
                as? EngineError
        else {
            Issue.record("\(failure.error)")
            return
        }
        // Passages overlap: the paragraph may stand in two.
        #expect((1...2).contains(refused) && count > refused && reason == "it does not like the word")
        // A heading, an empty line, and then a paragraph and an empty line for each.
        #expect(lines.contains(3 + 6 * 2), "\(lines)")
        let paid = test.embedder.textCount
        let again = try await test.ingest(documents)
        #expect(again.unchangedCount == 3 && again.failures.count == 1)
        #expect(test.embedder.textCount == paid)
        test.embedder.refuse(textsWith: nil)
        let mended = try await test.ingest(documents)
        #expect(mended.ingestedCount == 1 && mended.embeddedCount == refused)
        #expect(test.embedder.textCount == paid + refused)
    }

    @Test func `bytes that are no document are refused one by one, each with its reason`() async throws {
        let test = try TestEngine()
        let large = [UInt8](repeating: UInt8(ascii: "a"), count: 11 << 20)
        let png: [UInt8] =
            [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] + [UInt8](repeating: 0, count: 64)
        let progress = try await test.engine.ingest(
            [
                TestEngine.item("good.md", bytes: Array("# Good\n\nText.".utf8)),
                TestEngine.item("large.txt", bytes: large),
                TestEngine.item("picture.md", bytes: png),
                TestEngine.item("empty.md", bytes: []),
            ], in: test.scope)
        #expect(progress.ingestedCount == 2)
        let errors = Dictionary(
            uniqueKeysWithValues: progress.failures.map { ($0.path, $0.error as? DocumentError) })
        #expect(errors["large.txt"] == .tooLarge(byteCount: 11 << 20, byteCountMax: 10 << 20))
        guard case .notText = errors["picture.md"] ?? nil else {
            Issue.record("picture.md: \(String(describing: errors["picture.md"]))")
            return
        }
    }

    @Test func `text on the last page of a long document, and in the last row of a long table, is found`()
        async throws
    {
        // Wide vectors, so that a few rare words stand out of a passage of many.
        let test = try TestEngine(embedder: WordHashEmbedder(dimension: 1_024))
        var generator = SplitMix64(seed: 4)
        let pages = (0..<600).map { _ in
            (0..<60).map { _ in "w\(UInt32.random(in: 0..<2_000, using: &generator))" }.joined(separator: " ")
                + "."
        }
        let rows = (0..<400).map { "| item\($0) | place\($0) | w\($0) w\($0 + 1) |" }
        let table = ["| Article | Shelf | Remark |", "|---|---|---|"] + rows
        try await test.ingest([
            "long.md": "# Long\n\n" + pages.joined(separator: "\n\n")
                + "\n\nthe lighthouse keeper sleeps at noon\n",
            "table.md": "# Stock\n\n" + table.joined(separator: "\n") + "\n",
        ])
        let last = try await test.search("lighthouse keeper sleeps at noon", limit: 1).hits.first
        #expect(last?.text.hasSuffix("the lighthouse keeper sleeps at noon") == true)
        #expect(last?.citation.lineRange.upperBound == 1_203)
        let row = try await test.search("item399 place399", limit: 1).hits.first
        #expect(row?.text.hasSuffix("| item399 | place399 | w399 w400 |") == true)
        #expect(row?.text.hasPrefix("| Article | Shelf | Remark |") == true)
        #expect(row?.citation.lineRange.upperBound == 404)
    }

    @Test func `ingests of two processes run beside each other, and neither takes the other's for dead`()
        async throws
    {
        let test = try TestEngine()
        let gate = Gate()
        let slow = IngestItem(path: "slow.md", mediaType: .markdown, byteCount: 4) {
            gate.wait()
            return Array("slow".utf8)
        }
        let running = Task { try await test.engine.ingest([slow], in: test.scope, report: gate.openAtStart) }
        await gate.started()
        let other = try TestEngine(folder: test.folder)
        #expect(try await other.ingest(["a.md": "text"]).ingestedCount == 1)
        gate.open()
        #expect(try await running.value.ingestedCount == 1)
        #expect(try await test.search("slow text").hits.count == 2)
    }

    @Test func `a workspace that is deleted during an ingest is gone at once, and its files at the end`()
        async throws
    {
        let test = try TestEngine()
        let gate = Gate()
        let slow = IngestItem(path: "slow.md", mediaType: .markdown, byteCount: 4) {
            gate.wait()
            return Array("slow".utf8)
        }
        let running = Task { try await test.engine.ingest([slow], in: test.scope, report: gate.openAtStart) }
        await gate.started()
        let other = try TestEngine(folder: test.folder)
        let folder = test.folder.url.appending(path: "data/workspaces/\(test.scope.id)")
        try other.engine.library.deleteWorkspace(in: other.scope)
        #expect(try !other.engine.library.hasWorkspace(named: "notes"))
        #expect(FileManager.default.fileExists(atPath: folder.path))
        try other.engine.library.createWorkspace(named: "notes")
        gate.open()
        _ = try await running.value
        #expect(!FileManager.default.fileExists(atPath: folder.path))
        await #expect(throws: EngineError.workspaceNotFound("notes")) {
            try await test.ingest(["b.md": "late"])
        }
    }

    @Test func `a search does not wait for an ingest that waits for its embedder`() async throws {
        let test = try TestEngine()
        try await test.ingest(["a.md": "alpha beta"])
        let gate = Gate()
        let slow = IngestItem(path: "slow.md", mediaType: .markdown, byteCount: 4) {
            gate.wait()
            return Array("alpha slow".utf8)
        }
        let running = Task { try await test.engine.ingest([slow], in: test.scope, report: gate.openAtStart) }
        await gate.started()
        let hits = try await test.search("alpha").hits
        #expect(hits.map(\.citation.path) == ["a.md"])
        gate.open()
        _ = try await running.value
        #expect(try await test.search("alpha").hits.count == 2)
    }
}
