import Embedding
import Engine
import TestSupport
import Testing

struct SearchTests {
    @Test func `a workspace without documents answers with nothing, and says that it searched nothing`()
        async throws
    {
        let response = try await TestEngine().search("anything")
        #expect(response.hits.isEmpty)
        let searched = response.searched
        #expect(searched.committed == 0 && searched.sealed == 0 && searched.tail == 0)
    }

    @Test func `an unknown workspace has no scope`() throws {
        let test = try TestEngine()
        #expect(throws: EngineError.workspaceNotFound("other")) {
            try test.engine.library.operatorScope(forWorkspace: "other")
        }
    }

    @Test(arguments: [
        (SearchRequest(query: " \n\t"), EngineError.emptyQuery),
        (SearchRequest(query: "a", limit: 0), .limitOutOfRange(found: 0, allowed: 1...1_000)),
        (SearchRequest(query: "a", limit: 1_001), .limitOutOfRange(found: 1_001, allowed: 1...1_000)),
        (SearchRequest(query: "a", recallTarget: 0), .recallTargetOutOfRange(found: 0)),
        (SearchRequest(query: "a", recallTarget: 1.01), .recallTargetOutOfRange(found: 1.01)),
        (SearchRequest(query: "a", nprobe: 0), .nprobeOutOfRange(found: 0, allowed: 1...65_536)),
        (SearchRequest(query: "a", nprobe: 65_537), .nprobeOutOfRange(found: 65_537, allowed: 1...65_536)),
        (
            SearchRequest(query: String(repeating: "a", count: 100_000)),
            .queryTooLong(byteCount: 100_000, byteCountMax: 32_768)
        ),
        (
            SearchRequest(query: String(repeating: "word ", count: 300)),
            .queryTokensOutOfRange(found: 300, max: 254)
        ),
    ])
    func `a request outside the bounds is refused with what was found and what is allowed`(
        request: SearchRequest, expected: EngineError
    ) async throws {
        let test = try TestEngine()
        try await test.ingest(["a.md": "text"])
        await #expect(throws: expected) { try await test.engine.search(request, in: test.scope) }
    }

    @Test func `vectors of another model are never compared`() async throws {
        let test = try TestEngine()
        try await test.ingest(["a.md": "text"])
        let other = try TestEngine(folder: test.folder, embedder: WordHashEmbedder(model: "other"))
        let expected = EngineError.spaceMismatch(
            workspace: "notes", expected: test.embedder.space, found: other.embedder.space)
        await #expect(throws: expected) { try await other.search("text") }
        await #expect(throws: expected) { try await other.ingest(["b.md": "text"]) }
    }

    @Test func `the limit cuts the best, and passages of equal similarity come in order of their paths`()
        async throws
    {
        let test = try TestEngine()
        try await test.ingest([
            "c.md": "same words", "a.md": "same words", "b.md": "same words", "z.md": "other",
        ])
        let three = try await test.search("same words", limit: 3).hits
        #expect(three.map(\.citation.path) == ["a.md", "b.md", "c.md"])
        #expect(three.map(\.rank) == [1, 2, 3])
        #expect(Set(three.map(\.similarity)).count == 1)
        let two = try await test.search("same words", limit: 2).hits
        #expect(two.map(\.citation.path) == ["a.md", "b.md"])
    }
}
