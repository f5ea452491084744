import Engine
import Foundation
import TestSupport
import Testing

struct FileSourceTests {
    private func contents(
        of folder: TemporaryFolder, at path: String = "notes", name: String? = nil,
        filter: PathFilter = PathFilter()
    ) async throws -> SourceContents {
        let source = try FileSource(at: folder.url.appending(path: path), name: name, filter: filter)
        return try await SourceContents(of: source.steps())
    }

    private func filter(
        include: [String] = [], exclude: [String] = [], heedsIgnoreFiles: Bool = true
    ) throws -> PathFilter {
        PathFilter(
            included: try include.map { try PathPattern($0) },
            excluded: try exclude.map { try PathPattern($0) }, heedsIgnoreFiles: heedsIgnoreFiles)
    }

    @Test
    func `a folder's documents are named by the folder and the path within it, in order`() async throws {
        let folder = try TemporaryFolder()
        try folder.write("b", to: "notes/b.md")
        try folder.write("a", to: "notes/sub/a.TXT")
        try folder.write("x", to: "notes/picture.png")
        try folder.write("x", to: "notes/.hidden/secret.md")
        try folder.write("x", to: "notes/.draft.md")
        let found = try await contents(of: folder)
        #expect(found.paths == ["notes/b.md", "notes/sub/a.TXT"])
        #expect(found.skipped == ["notes/picture.png"])
        #expect(try await contents(of: folder, name: "handbook").paths.first == "handbook/b.md")
        let single = try await contents(of: folder, at: "notes/b.md")
        #expect(single.texts == ["b.md": "b"])
    }

    @Test func `names that no document can have fail or are passed over alone, and are told`() async throws {
        let folder = try TemporaryFolder()
        try folder.write("a", to: "notes/a.md")
        try folder.write("b", to: "notes/new\nline.md")
        let script = #"printf b > "$(printf '%s/bad\377.md' "$1")""#
        let shell = try Process.run(
            URL(filePath: "/bin/sh"),
            arguments: ["-c", script, "sh", folder.url.appending(path: "notes").path])
        shell.waitUntilExit()
        try #require(shell.terminationStatus == 0)
        let found = try await contents(of: folder)
        #expect(found.paths == ["notes/a.md"])
        #expect(
            found.failures.map(\.path) == ["notes/new\nline.md"] && found.skipped == ["notes/bad\u{FFFD}.md"])
    }

    @Test func `documents come in the order of their paths, whatever is a folder`() async throws {
        let folder = try TemporaryFolder()
        for path in ["a.md", "a/b.md", "a-b.md", "a/a/z.md", "b.md", "B.md"] {
            try folder.write("x", to: "notes/" + path)
        }
        let paths = try await contents(of: folder).paths
        #expect(paths == paths.sorted() && paths.count == 6, "\(paths)")
    }

    @Test func `a link that leads out of the folder is not followed`() async throws {
        let folder = try TemporaryFolder()
        try folder.write("secret", to: "outside/secret.md")
        try folder.write("inside", to: "notes/inside.md")
        try FileManager.default.createSymbolicLink(
            at: folder.url.appending(path: "notes/way"),
            withDestinationURL: folder.url.appending(path: "outside"))
        try FileManager.default.createSymbolicLink(
            at: folder.url.appending(path: "notes/file.md"),
            withDestinationURL: folder.url.appending(path: "outside/secret.md"))
        let found = try await contents(of: folder)
        #expect(found.paths == ["notes/inside.md"])
        #expect(found.skipped == ["notes/file.md", "notes/way"])
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

    @Test func `a survey counts what is then read`() async throws {
        let folder = try TemporaryFolder()
        try folder.write("four", to: "notes/a.md")
        try folder.write("three", to: "notes/sub/b.md")
        try folder.write("x", to: "notes/c.png")
        let source = try FileSource(at: folder.url.appending(path: "notes"))
        #expect(try source.survey() == SourceSurvey(documentCount: 2, byteCount: 9))
    }

    // MARK: What is wanted

    @Test func `only what is included is read, and nothing that is excluded`() async throws {
        let folder = try TemporaryFolder()
        for path in ["a.md", "a.txt", "drafts/b.md", "docs/c.md", "docs/deep/d.md"] {
            try folder.write("x", to: "notes/" + path)
        }
        let markdown = try await contents(of: folder, filter: filter(include: ["**/*.md"]))
        #expect(
            markdown.paths == ["notes/a.md", "notes/docs/c.md", "notes/docs/deep/d.md", "notes/drafts/b.md"])
        let rest = try await contents(of: folder, filter: filter(exclude: ["drafts/**", "*.txt"]))
        #expect(rest.paths == ["notes/a.md", "notes/docs/c.md", "notes/docs/deep/d.md"])
        let one = try await contents(of: folder, filter: filter(include: ["docs/"], exclude: ["deep/"]))
        #expect(one.paths == ["notes/docs/c.md"])
    }

    @Test func `ignore files are heeded: nested, negated, anchored, of folders, and those of Carrel last`()
        async throws
    {
        let folder = try TemporaryFolder()
        try folder.write(
            "# comment\n*.txt\n/top.md\nbuild/\n!keep.txt\n\nspace.md  \n", to: "notes/.gitignore")
        try folder.write("!sub.txt\nlocal.md\n", to: "notes/sub/.gitignore")
        try folder.write("secret.md\n!top.md\n", to: "notes/.carrelignore")
        for path in [
            "a.md", "a.txt", "keep.txt", "top.md", "space.md", "secret.md", "build/x.md", "sub/top.md",
            "sub/sub.txt",
            "sub/local.md", "sub/other.txt", "sub/build/y.md", "local.md",
        ] {
            try folder.write("x", to: "notes/" + path)
        }
        let found = try await contents(of: folder)
        #expect(
            found.paths == [
                "notes/a.md", "notes/keep.txt", "notes/local.md", "notes/sub/sub.txt", "notes/sub/top.md",
                "notes/top.md",
            ])
        let all = try await contents(of: folder, filter: filter(heedsIgnoreFiles: false))
        #expect(all.paths.count == 13)
    }

    @Test func `a folder whose ignore file is too large fails by itself, and nothing in it is read`()
        async throws
    {
        let folder = try TemporaryFolder()
        try folder.write("x", to: "notes/a.md")
        try folder.write("x", to: "notes/sub/b.md")
        try folder.write(String(repeating: "x\n", count: 200_000), to: "notes/sub/.gitignore")
        let found = try await contents(of: folder)
        #expect(found.paths == ["notes/a.md"])
        #expect(found.failures.map(\.path) == ["notes/sub/"])
        guard
            case .source(.ignoreFileTooLarge(_, 400_000, 262_144))? = found.failures.first?.error
                as? EngineError
        else {
            Issue.record("\(found.failures)")
            return
        }
    }

    @Test func `only the paths that are asked for are looked at, with all that is below them`() async throws {
        let folder = try TemporaryFolder()
        for path in ["a.md", "sub/b.md", "sub/deep/c.md", "other/d.md"] {
            try folder.write("x", to: "notes/" + path)
        }
        let source = try FileSource(at: folder.url.appending(path: "notes"))
        let found = try await SourceContents(of: source.steps(at: ["a.md", "gone.md", "sub"]))
        #expect(found.paths == ["notes/a.md", "notes/sub/b.md", "notes/sub/deep/c.md"])
    }
}
