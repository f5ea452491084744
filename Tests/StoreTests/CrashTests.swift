import Foundation
import Store
import Testing

/// What an ingest does, verb by verb, each given the staged version that is under way.
private enum Step: CaseIterable {
    case putBlob, embed, begin, stageFirst, stageRest, commit, putBlobAgain, embedAgain, beginAgain,
        commitAgain,
        delete
}

/// The script: document `a` comes, changes, goes. `old` stays all the while.
private final class Script {
    static let first = "one\ntwo\nthree"
    static let second = "one\nfour"

    let workspace: TestWorkspace
    private var staged: StagedVersion?

    init() throws {
        workspace = try TestWorkspace()
        try workspace.put("old", "stays")
    }

    func run(_ step: Step) throws {
        let store = workspace.store
        let chunks = TestWorkspace.chunks(of: Self.first)
        let source = Array(Self.first.utf8)
        switch step {
        case .putBlob: _ = try store.putBlob(source)
        case .embed: try workspace.embed(chunks)
        case .begin: staged = try store.begin(workspace.draft("a", Self.first))
        case .stageFirst: try store.stage([chunks[0]], of: try #require(staged).version, source: source)
        case .stageRest: try store.stage(chunks, of: try #require(staged).version, source: source)
        case .putBlobAgain: _ = try store.putBlob(Array(Self.second.utf8))
        case .embedAgain: try workspace.embed(TestWorkspace.chunks(of: Self.second))
        case .beginAgain: staged = try workspace.stage("a", Self.second)
        case .commit, .commitAgain:
            let version = try #require(staged)
            _ = try store.commit(version.version, expectedRevision: version.revision)
        case .delete: _ = try store.deleteDocument(DocumentID(externalID: "a"))
        }
    }

    /// What must be seen after `count` steps: whole versions, from commit to commit.
    static func expected(after count: Int) -> [String: String] {
        switch count {
        case ..<6: ["old": "stays"]
        case ..<10: ["old": "stays", "a": first]
        case ..<11: ["old": "stays", "a": second]
        default: ["old": "stays"]
        }
    }
}

@Suite struct `The Store decides` {
    @Test(arguments: 0...Step.allCases.count)
    func `a store dropped between any two verbs reopens with nothing half visible`(count: Int) throws {
        let script = try Script()
        for step in Step.allCases.prefix(count) {
            try script.run(step)
        }
        try script.workspace.reopen()
        #expect(try script.workspace.visible() == Script.expected(after: count))
        #expect(try script.workspace.store.verify() == [])
    }

    @Test func `a process killed between any two verbs leaves what a close would leave`() throws {
        let script = try Script()
        for (index, step) in Step.allCases.enumerated() {
            try script.run(step)
            let copy = try script.workspace.crashCopy()
            #expect(try script.workspace.visible(in: copy.store) == Script.expected(after: index + 1))
            #expect(try copy.store.verify() == [])
            try copy.store.close()
        }
    }

    /// SQLite appends a transaction to the log frame by frame; a crash may keep any prefix of what was not
    /// synced.
    @Test func `a log cut off at any frame shows some whole state of the past`() throws {
        let script = try Script()
        for step in Step.allCases {
            try script.run(step)
        }
        let logPath = script.workspace.path + "/workspace.sqlite-wal"
        let log = try Data(contentsOf: URL(filePath: logPath))
        let (headerBytes, frameBytes) = (32, 24 + 4096)
        let frameCount = (log.count - headerBytes) / frameBytes
        #expect(frameCount > 40)
        let states = (0...Step.allCases.count).map(Script.expected(after:)) + [[:]]
        var seen: Set<[String: String]> = []
        for frame in stride(from: 1, through: frameCount, by: 1) {
            let torn = frame.isMultiple(of: 2) ? frameBytes / 2 : 0
            let kept = log.prefix(headerBytes + frame * frameBytes + torn)
            guard let visible = try Self.visible(script.workspace, logged: kept) else { continue }
            #expect(states.contains(visible), "cut at frame \(frame)")
            seen.insert(visible)
        }
        #expect(seen == Set(states), "every state was reached by some cut")
    }

    /// Nil while the schema itself is not in the log yet.
    private static func visible(_ workspace: TestWorkspace, logged: Data) throws -> [String: String]? {
        let copy = try TemporaryDirectory()
        for name in ["workspace.sqlite", "blobs"] {
            try FileManager.default.copyItem(
                atPath: workspace.path + "/" + name, toPath: copy.path + "/" + name)
        }
        try logged.write(to: URL(filePath: copy.path + "/workspace.sqlite-wal"))
        let store = try WorkspaceStore(opening: copy.path, environment: workspace.environment)
        defer { try? store.close() }
        guard try store.space(.live) != nil else { return nil }
        #expect(try store.verify() == [])
        return try workspace.visible(in: store)
    }
}
