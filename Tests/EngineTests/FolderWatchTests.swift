import Engine
import Foundation
import TestSupport
import Testing

struct FolderWatchTests {
    private func changed(_ path: String) -> FolderEvent {
        .changed(path: path, isFolder: false, appeared: false)
    }

    // MARK: Gathering

    @Test func `changes are handed out when it is quiet, each path once`() {
        var gathering = ChangeGathering(quiet: .seconds(1), patience: .seconds(10))
        gathering.add(changed("b"), at: .seconds(1))
        gathering.add(changed("a"), at: .milliseconds(1_500))
        gathering.add(changed("b"), at: .milliseconds(1_600))
        #expect(gathering.due == .milliseconds(2_600))
        #expect(gathering.take(at: .milliseconds(2_599)) == nil)
        #expect(gathering.take(at: .milliseconds(2_600)) == .paths(["a", "b"]))
        #expect(gathering.due == nil && gathering.take(at: .seconds(60)) == nil)
    }

    @Test func `where it is never quiet, changes are handed out all the same`() {
        var gathering = ChangeGathering(quiet: .seconds(1), patience: .seconds(3))
        for tenth in 0...30 { gathering.add(changed("log"), at: .milliseconds(100 * tenth)) }
        #expect(gathering.take(at: .seconds(3)) == .paths(["log"]))
    }

    @Test func `what is below a path that changed is not told by itself, and what is hidden not at all`() {
        var gathering = ChangeGathering(quiet: .zero, patience: .zero)
        for path in ["a/b/c", "a", "ab", "x/.git/index", ".swp"] { gathering.add(changed(path), at: .zero) }
        #expect(gathering.take(at: .zero) == .paths(["a", "ab"]))
        gathering.add(changed("y/.gitignore"), at: .zero)
        #expect(gathering.take(at: .zero) == .paths(["y"]))
        gathering.add(changed(".hidden"), at: .zero)
        #expect(gathering.due == nil)
    }

    @Test func `after an overflow, and after too many changes, everything is looked at`() {
        var gathering = ChangeGathering(quiet: .zero, patience: .zero)
        gathering.add(changed("a"), at: .zero)
        gathering.add(.overflow, at: .zero)
        #expect(gathering.take(at: .zero) == .all)
        for number in 0...ChangeGathering.pathsMax { gathering.add(changed("\(number)"), at: .zero) }
        #expect(gathering.take(at: .zero) == .all)
    }

    // MARK: Watching

    /// Follows a folder while `body` changes it; `next` waits for the next changes.
    private func watching(
        _ folder: TemporaryFolder,
        _ body: (_ next: () async -> FolderWatch.Changes?) async throws -> Void
    ) async throws {
        let engine = try TestEngine()
        let source = try FileSource(at: folder.url.appending(path: "notes"))
        let watch = try await engine.engine.watch(source)
        let (stream, continuation) = AsyncStream.makeStream(of: FolderWatch.Changes.self)
        let following = Task {
            try await watch.follow(quiet: .milliseconds(20), patience: .seconds(1)) { continuation.yield($0) }
            continuation.finish()
        }
        var iterator = stream.makeAsyncIterator()
        try await body { await iterator.next() }
        watch.stop()
        try await following.value
    }

    @Test func `files that are written, made, moved and removed are told`() async throws {
        let folder = try TemporaryFolder()
        try folder.write("a", to: "notes/a.md")
        try folder.write("o", to: "outside.md")
        try await watching(folder) { next in
            try folder.write("changed", to: "notes/a.md")
            #expect(await next() == .paths(["a.md"]))
            try FileManager.default.moveItem(
                at: folder.url.appending(path: "outside.md"), to: folder.url.appending(path: "notes/in.md"))
            #expect(await next() == .paths(["in.md"]))
            try FileManager.default.removeItem(at: folder.url.appending(path: "notes/a.md"))
            #expect(await next() == .paths(["a.md"]))
        }
    }

    @Test func `a folder that is made or moved to there is told whole, and watched from then on`()
        async throws
    {
        let folder = try TemporaryFolder()
        try folder.write("a", to: "notes/a.md")
        try folder.write("x", to: "ready/deep/x.md")
        try await watching(folder) { next in
            try FileManager.default.moveItem(
                at: folder.url.appending(path: "ready"), to: folder.url.appending(path: "notes/ready"))
            #expect(await next() == .paths(["ready"]))
            try folder.write("y", to: "notes/ready/deep/y.md")
            let deep = FolderWatch.Changes.paths(["ready/deep/y.md"])
            #expect(await next() == deep)
            try folder.write("z", to: "notes/new/inner/z.md")
            // Making a file and closing it may be told apart where the machine is busy.
            var changes = await next()
            while changes == deep { changes = await next() }
            #expect(changes == .paths(["new"]))
        }
    }
}
