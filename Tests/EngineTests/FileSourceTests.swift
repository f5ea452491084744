import Engine
import Foundation
import TestSupport
import Testing

struct FileSourceTests {
    @Test func `a folder's documents are named by the folder and the path within it, in order`() throws {
        let folder = try TemporaryFolder()
        try folder.write("b", to: "notes/b.md")
        try folder.write("a", to: "notes/sub/a.TXT")
        try folder.write("x", to: "notes/picture.png")
        try folder.write("x", to: "notes/.hidden/secret.md")
        try folder.write("x", to: "notes/.draft.md")
        let source = try FileSource(at: folder.url.appending(path: "notes"))
        #expect(source.items.map(\.path) == ["notes/b.md", "notes/sub/a.TXT"])
        #expect(source.skippedPaths == ["notes/picture.png"])
        let named = try FileSource(at: folder.url.appending(path: "notes"), name: "handbook")
        #expect(named.items.first?.path == "handbook/b.md")
        let single = try FileSource(at: folder.url.appending(path: "notes/b.md"))
        #expect(single.items.map(\.path) == ["b.md"])
        #expect(try single.items.first?.load() == Array("b".utf8))
    }

    @Test func `a link that leads out of the folder is not followed`() throws {
        let folder = try TemporaryFolder()
        try folder.write("secret", to: "outside/secret.md")
        try folder.write("inside", to: "notes/inside.md")
        try FileManager.default.createSymbolicLink(
            at: folder.url.appending(path: "notes/way"),
            withDestinationURL: folder.url.appending(path: "outside"))
        try FileManager.default.createSymbolicLink(
            at: folder.url.appending(path: "notes/file.md"),
            withDestinationURL: folder.url.appending(path: "outside/secret.md"))
        let source = try FileSource(at: folder.url.appending(path: "notes"))
        #expect(source.items.map(\.path) == ["notes/inside.md"])
        #expect(source.skippedPaths == ["notes/file.md", "notes/way"])
    }

    @Test func `what is not there, and a single file of another type, are refused`() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("x", to: "picture.png")
        let missing = folder.url.appending(path: "missing")
        #expect(throws: EngineError.pathNotFound(missing.path)) { try FileSource(at: missing) }
        #expect(
            throws: EngineError.unsupportedType(path: "picture.png", allowed: FileSource.allowedTypes)
        ) { try FileSource(at: file) }
    }
}
