import Engine
import Foundation
import Store
import TestSupport
import Testing

/// What keys open. That they are stored and counted rightly is tested with the Store.
struct KeyTests {
    private let test: TestEngine
    private var library: Library { test.engine.library }

    init() throws {
        test = try TestEngine()
    }

    private func key(_ permission: Permission) throws -> IssuedKey {
        try library.createKey(KeyRequest(name: "k", permission: permission), in: test.scope)
    }

    @Test(arguments: Permission.allCases, Permission.allCases)
    func `a key allows its own level and those before it`(found: Permission, needed: Permission) throws {
        let principal = try library.principal(showing: try key(found).text)
        if found >= needed {
            let scope = try library.scope(ofWorkspace: "notes", for: principal, needing: needed)
            #expect(scope == test.scope)
        } else {
            #expect(throws: EngineError.permissionTooLow(found: found, needed: needed)) {
                try library.scope(ofWorkspace: "notes", for: principal, needing: needed)
            }
        }
        #expect(!principal.isOperator)
        #expect(throws: EngineError.operatorOnly) { try library.requireOperator(principal) }
    }

    @Test func `another workspace is not there for a key, by its name or by its id, whatever the need`()
        throws
    {
        let other = try library.createWorkspace(named: "other")
        let principal = try library.principal(showing: try key(.owner).text)
        for name in ["other", other.id, "none", "", "NOTES"] {
            for permission in Permission.allCases {
                #expect(throws: EngineError.workspaceNotFound(name)) {
                    try library.scope(ofWorkspace: name, for: principal, needing: permission)
                }
            }
        }
        #expect(try library.workspaces(for: principal, limit: 10).map(\.name) == ["notes"])
    }

    @Test func `a workspace that took a deleted one's name is not opened by the deleted one's key`() throws {
        let text = try key(.owner).text
        let principal = try library.principal(showing: text)
        try library.deleteWorkspace(in: test.scope)
        try library.createWorkspace(named: "notes")
        #expect(throws: EngineError.workspaceNotFound("notes")) {
            try library.scope(ofWorkspace: "notes", for: principal, needing: .read)
        }
        #expect(throws: EngineError.keyUnknown) { try library.principal(showing: text) }
        #expect(try library.workspaces(for: principal, limit: 10).isEmpty)
    }

    @Test func `the operator's key opens everything, in pages`() throws {
        for name in ["a", "b", "c"] { try library.createWorkspace(named: name) }
        let principal = try library.principal(showing: try library.createOperatorKey(named: "platform").text)
        try library.requireOperator(principal)
        for name in ["a", "notes"] {
            #expect(try library.scope(ofWorkspace: name, for: principal, needing: .owner).name == name)
        }
        let first = try library.workspaces(for: principal, limit: 2).map(\.name)
        let second = try library.workspaces(for: principal, after: "b", limit: 2).map(\.name)
        #expect(first == ["a", "b"] && second == ["c", "notes"])
    }

    @Test func `a damaged workspace is listed as such, and hides no other`() throws {
        let id = try library.createWorkspace(named: "broken").id
        let again = try TestEngine(folder: test.folder)
        let path = "data/workspaces/\(id)/workspace.sqlite"
        for suffix in ["-wal", "-shm"] {
            try? FileManager.default.removeItem(at: test.folder.url.appending(path: path + suffix))
        }
        try test.folder.write(Array(repeating: 0x41, count: 8_192), to: path)
        let listed = try again.engine.library.workspaces()
        #expect(listed.map(\.name) == ["broken", "notes"])
        #expect(listed.map(\.isDamaged) == [true, false])
    }

    @Test func `a key of another process is known at once, and so is its end`() throws {
        let other = try TestEngine(folder: test.folder)
        let issued = try other.engine.library.createKey(
            KeyRequest(name: "k", permission: .read), in: other.scope)
        #expect(try library.principal(showing: issued.text).keyID == issued.summary.id)
        try other.engine.library.revokeKey(issued.summary.id)
        #expect(throws: EngineError.keyRevoked) { try library.principal(showing: issued.text) }
    }

    @Test func `the wrong secret of a revoked key tells nothing of it`() throws {
        let issued = try key(.read)
        try library.revokeKey(issued.summary.id)
        let wrong = String(issued.text.dropLast(4)) + "aaaa"
        #expect(throws: EngineError.keyUnknown) { try library.principal(showing: wrong) }
    }

    @Test func `an owner revokes only keys of the own workspace`() throws {
        try library.createWorkspace(named: "other")
        let neighbour = try library.operatorScope(forWorkspace: "other")
        let issued = try key(.read)
        #expect(throws: EngineError.keyNotFound(issued.summary.id)) {
            try library.revokeKey(issued.summary.id, in: neighbour)
        }
        #expect(try library.principal(showing: issued.text).keyID == issued.summary.id)
        #expect(try library.keys(in: neighbour).isEmpty)
    }
}

struct TranslationTests {
    @Test(arguments: [
        (StoreError.workspaceExists(name: "a") as any Error, EngineError.workspaceExists("a")),
        (StoreError.busy(.database(extendedCode: 5, message: "m", sql: "s")), .storeBusy),
        (StoreError.diskFull(.file(FileFailure(operation: .write, path: "/p", code: 28))), .diskFull),
        (POSIXError(.ENOSPC), .diskFull),
        (EngineError.emptyQuery, .emptyQuery),
        (WordHashEmbedder.Refusal(callNumber: 1), .embedderFailed(isRetriable: true)),
    ])
    func `an error of a lower layer is said in the product's cases`(found: any Error, expected: EngineError) {
        #expect(EngineError(translating: found) == expected)
    }

    @Test func `a fault's words hold nothing of what was asked or stored`() {
        struct Leaky: Error { var text = "the secret" }
        let errors: [any Error] = [
            Leaky(),
            StoreError.storageFailed(
                .database(extendedCode: 10, message: "disk I/O error", sql: "the secret")),
            StoreError.segmentNotFound(SegmentNumber(rawValue: 1)),
        ]
        for error in errors {
            #expect(!"\(EngineError(translating: error))".contains("the secret"))
        }
    }
}

struct DocumentPathTests {
    @Test(arguments: [
        "a", "a/b.md", "ü/ß 1.txt", "...", "a..b/.c", "doc_", String(repeating: "a", count: 1_024),
    ])
    func `a path of plain names is taken as it is`(text: String) throws {
        #expect(try DocumentPath(text).text == text)
    }

    @Test(arguments: [
        ("", DocumentPathRule.empty), ("/a", .emptyName), ("a/", .emptyName), ("a//b", .emptyName),
        (".", .dotName),
        ("a/../b", .dotName), ("a\u{0}", .controlCharacter(0)), ("a\u{7f}", .controlCharacter(0x7f)),
        ("a\n", .controlCharacter(10)), ("doc_abcdefghijklmnopqrstuvwxyz", .looksLikeID),
        (String(repeating: "a", count: 1_025), .tooLong(byteCount: 1_025, byteCountMax: 1_024)),
    ])
    func `another is refused with the rule it breaks`(text: String, rule: DocumentPathRule) {
        #expect(throws: EngineError.documentPathInvalid(rule)) { try DocumentPath(text) }
    }
}
