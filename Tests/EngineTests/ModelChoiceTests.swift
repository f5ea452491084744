import Embedding
import Engine
import Foundation
import Kernels
import Synchronization
import TestSupport
import Testing

/// Which model a workspace is used with.
struct ModelChoiceTests {
    @Test
    func `each workspace is searched and ingested into with its own model, and a new one with the standard`()
        async throws
    {
        let test = try await Migrating.ingested()
        let next = try TestEngine(folder: test.folder, embedder: Migrating.new)
        try next.engine.library.createWorkspace(named: "other")
        let other = try next.engine.library.operatorScope(forWorkspace: "other")
        let item = TestEngine.item("a.md", bytes: Array("the treasure is under the oak".utf8))
        _ = try await next.engine.put(item, in: other)

        let server = try Migrating.engine(test.folder, others: [Migrating.new])
        let request = SearchRequest(query: "treasure oak")
        #expect(try await server.engine.search(request, in: server.scope).model?.id == "word-hash")
        #expect(try await server.engine.search(request, in: other).model?.id == "next")
        let late = TestEngine.item("b.md", bytes: Array("nobody knows the oak".utf8))
        _ = try await server.engine.put(late, in: other)
        let response = try await next.engine.search(request, in: other)
        #expect(response.hits.count == 2 && response.searched.isComplete)
        try server.engine.library.createWorkspace(named: "third")
        let third = try server.engine.library.operatorScope(forWorkspace: "third")
        #expect(try await server.engine.search(request, in: third).model == nil)
        _ = try await server.engine.put(item, in: third)
        #expect(try await server.engine.search(request, in: third).model?.id == "word-hash")
        let models = try server.engine.library.workspaces().map { $0.model?.id }
        #expect(models == ["word-hash", "next", "word-hash"])
    }

    @Test func `a workspace whose model is not here is refused by its name, and nothing is embedded`()
        async throws
    {
        let test = try await Migrating.ingested()
        let server = try TestEngine(
            folder: test.folder, embedder: Migrating.new,
            others: [WordHashEmbedder(dimension: 32)])
        let missing = EngineError.spaceMismatch(
            workspace: "notes", expected: test.embedder.space, found: nil)
        await #expect(throws: missing) { try await server.search("w1") }
        await #expect(throws: missing) { try await server.ingest(["a.md": "text"]) }
        #expect(server.embedder.textCount == 0)
    }

    @Test func `a model that is asked for is used in whichever form a workspace has it, and no other is`()
        throws
    {
        let (asked, sibling) = (WordHashEmbedder(model: "m0"), WordHashEmbedder(model: "m0", dimension: 32))
        let shelf = EmbedderShelf(only: { asked }, or: { $0.model == "m0" ? sibling : nil })
        #expect(try shelf.embedder(of: asked.space, for: "w").space == asked.space)
        #expect(try shelf.embedder(of: sibling.space, for: "w").space == sibling.space)
        let other = WordHashEmbedder(model: "m1").space
        #expect(throws: EngineError.spaceMismatch(workspace: "w", expected: other, found: asked.space)) {
            try shelf.embedder(of: other, for: "w")
        }
    }

    @Test func `a model is loaded when it is wanted, once, and a few are kept`() async throws {
        let loads = Mutex<[String]>([])
        let shelf = EmbedderShelf(standard: {
            loads.withLock { $0.append("standard") }
            return WordHashEmbedder(model: "m0")
        }) { space in
            loads.withLock { $0.append(space.model) }
            return WordHashEmbedder(model: space.model)
        }
        func want(_ model: String) throws {
            let space = WordHashEmbedder(model: model).space
            #expect(try shelf.embedder(of: space, for: "w").space == space)
        }
        for _ in 0..<3 { for model in ["m0", "m1", "m2", "m3"] { try want(model) } }
        #expect(loads.withLock { $0 } == ["m0", "m1", "m2", "m3"])
        let held = try shelf.embedder(of: WordHashEmbedder(model: "m0").space, for: "w")
        // The standard one is there already, for a workspace that has vectors.
        #expect(try shelf.standard() as? WordHashEmbedder === held as? WordHashEmbedder)
        for model in ["m0", "m4", "m1"] { try want(model) }
        #expect(loads.withLock { $0 } == ["m0", "m1", "m2", "m3", "standard", "m4", "m1"])
    }
}
