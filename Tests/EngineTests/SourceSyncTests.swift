import Engine
import Foundation
import TestSupport
import Testing

struct SourceSyncTests {
    private func paths(_ test: TestEngine) throws -> [String] {
        try test.engine.library.documents(in: test.scope, limit: 1_000).map(\.path).sorted()
    }

    private func ingest(_ test: TestEngine, filter: PathFilter = PathFilter()) async throws -> FileSource {
        let source = try FileSource(at: test.folder.url.appending(path: "notes"), filter: filter)
        _ = try await test.engine.ingest(from: source.steps(), in: test.scope)
        return source
    }

    @Test func `what is gone from the folder is deleted, and nothing that came from elsewhere`() async throws
    {
        let test = try TestEngine()
        for name in ["a", "b", "c"] { try test.folder.write("text \(name)", to: "notes/\(name).md") }
        let source = try await ingest(test)
        try await test.ingest(["notes/uploaded.md": "uploaded", "other/x.md": "elsewhere"])
        try FileManager.default.removeItem(at: test.folder.url.appending(path: "notes/b.md"))
        let count = try await test.engine.deleteGone(from: source, within: DeletionGuard(), in: test.scope)
        #expect(count == 1)
        #expect(try paths(test) == ["notes/a.md", "notes/c.md", "notes/uploaded.md", "other/x.md"])
        #expect(try await test.search("text b").hits.allSatisfy { $0.citation.path != "notes/b.md" })
    }

    @Test func `deletions are a job, which names every document that was deleted`() async throws {
        let test = try TestEngine()
        for name in ["a", "b", "c"] { try test.folder.write("text \(name)", to: "notes/\(name).md") }
        let source = try await ingest(test)
        for name in ["b", "c"] {
            try FileManager.default.removeItem(at: test.folder.url.appending(path: "notes/\(name).md"))
        }
        _ = try await test.engine.deleteGone(from: source, within: DeletionGuard(), in: test.scope)
        let library = test.engine.library
        let job = try #require(try library.jobs(in: test.scope, limit: 1).first)
        #expect(job.state == .succeeded && job.documentCount == 2 && job.deletedCount == 2)
        let items = try library.jobItems(of: job.id, in: .deleted, limit: 9, scope: test.scope)
        #expect(items.map(\.path) == ["notes/b.md", "notes/c.md"])
    }

    @Test func `what is not wanted any more is deleted as well`() async throws {
        let test = try TestEngine()
        try test.folder.write("a", to: "notes/a.md")
        try test.folder.write("b", to: "notes/drafts/b.md")
        let source = try await ingest(test)
        try test.folder.write("drafts/\n", to: "notes/.gitignore")
        _ = try await test.engine.deleteGone(from: source, within: DeletionGuard(), in: test.scope)
        #expect(try paths(test) == ["notes/a.md"])
    }

    @Test func `a folder of which nothing is left deletes nothing unless that is allowed`() async throws {
        let test = try TestEngine()
        for name in ["a", "b"] { try test.folder.write("text \(name)", to: "notes/\(name).md") }
        let source = try await ingest(test)
        for name in ["a", "b"] {
            try FileManager.default.removeItem(at: test.folder.url.appending(path: "notes/\(name).md"))
        }
        await #expect(throws: EngineError.source(.emptied(source: "notes/", documentCount: 2))) {
            try await test.engine.deleteGone(from: source, within: DeletionGuard(), in: test.scope)
        }
        #expect(try paths(test).count == 2)
        let count = try await test.engine.deleteGone(
            from: source, within: DeletionGuard(allowsAll: true), in: test.scope)
        #expect(try count == 2 && paths(test).isEmpty)
    }

    @Test func `more deletions than are allowed are refused, and none is made`() async throws {
        let test = try TestEngine()
        for name in ["a", "b", "c"] { try test.folder.write("text \(name)", to: "notes/\(name).md") }
        let source = try await ingest(test)
        for name in ["a", "b"] {
            try FileManager.default.removeItem(at: test.folder.url.appending(path: "notes/\(name).md"))
        }
        await #expect(throws: EngineError.source(.tooManyDeletions(source: "notes/", found: 2, max: 1))) {
            try await test.engine.deleteGone(from: source, within: DeletionGuard(countMax: 1), in: test.scope)
        }
        #expect(try paths(test).count == 3)
    }

    @Test func `a folder that cannot be read leads to no deletion`() async throws {
        let test = try TestEngine()
        try test.folder.write("a", to: "notes/a.md")
        try test.folder.write("b", to: "notes/sub/b.md")
        let source = try await ingest(test)
        // An ignore file that cannot be read stands for a folder that cannot: the superuser reads every folder.
        try test.folder.write(String(repeating: "x\n", count: 200_000), to: "notes/sub/.gitignore")
        #expect(try await test.engine.deleteGone(from: source, within: DeletionGuard(), in: test.scope) == 0)
        #expect(try paths(test) == ["notes/a.md", "notes/sub/b.md"])
    }

    @Test func `only below the paths that are asked for is anything deleted`() async throws {
        let test = try TestEngine()
        for name in ["a.md", "sub/b.md", "sub/c.md", "subway.md"] {
            try test.folder.write("t \(name)", to: "notes/" + name)
        }
        let source = try await ingest(test)
        for name in ["a.md", "sub/b.md", "subway.md"] {
            try FileManager.default.removeItem(at: test.folder.url.appending(path: "notes/" + name))
        }
        _ = try await test.engine.deleteGone(
            from: source, at: ["sub"], within: DeletionGuard(), in: test.scope)
        #expect(try paths(test) == ["notes/a.md", "notes/sub/c.md", "notes/subway.md"])
    }
}
