import Foundation
import GRDB
import Store
import Synchronization
import Testing

@Suite struct Workspaces {
    private let directory: TemporaryDirectory
    private let catalog: Catalog

    init() throws {
        directory = try TemporaryDirectory()
        catalog = try Catalog(dataPath: directory.path + "/data", environment: .system)
    }

    private func names(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory.path + "/data/" + folder)
    }

    @Test func `a workspace is found by name and by id, and opens`() throws {
        let record = try catalog.createWorkspace(named: "team-a.docs_1")
        #expect(record.id.rawValue.wholeMatch(of: /ws_[a-z2-7]{26}/) != nil)
        #expect(try catalog.workspace(named: "team-a.docs_1") == record)
        #expect(try catalog.workspace(record.id) == record)
        #expect(try catalog.openWorkspace(record.id).statistics().documentCount == 0)
        #expect(try names(in: "workspaces") == [record.id.rawValue])
    }

    @Test func `a name is taken once`() throws {
        _ = try catalog.createWorkspace(named: "a")
        #expect(throws: StoreError.workspaceExists(name: "a")) { try catalog.createWorkspace(named: "a") }
        #expect(try names(in: "workspaces").count == 1)
    }

    @Test(arguments: [
        ("", WorkspaceNameViolation.empty),
        ("A", .firstCharacter(found: "A")),
        ("-a", .firstCharacter(found: "-")),
        ("..", .firstCharacter(found: ".")),
        ("é", .firstCharacter(found: "é")),
        ("a/b", .character(found: "/")),
        ("a b", .character(found: " ")),
        ("aé", .character(found: "é")),
        ("a\u{301}", .firstCharacter(found: "a\u{301}")),
        ("ws_abcdefghijklmnopqrstuvwxyz", .looksLikeID),
        (String(repeating: "a", count: 64), .tooLong(characterCount: 64, characterCountMax: 63)),
    ])
    func `a name that breaks a rule is refused with the rule`(
        name: String, violation: WorkspaceNameViolation
    ) throws {
        #expect(throws: StoreError.workspaceNameInvalid(found: name, violation: violation)) {
            try catalog.createWorkspace(named: name)
        }
    }

    @Test(arguments: ["a", "0", "a.b_c-d", String(repeating: "a", count: 63)])
    func `a name that keeps the rules is taken`(name: String) throws {
        #expect(try catalog.createWorkspace(named: name).name == name)
    }

    @Test func `workspaces are listed by name in pages`() throws {
        for name in ["c", "a", "d", "b"] {
            _ = try catalog.createWorkspace(named: name)
        }
        #expect(try catalog.workspaces(limit: 3).map(\.name) == ["a", "b", "c"])
        #expect(try catalog.workspaces(after: "c", limit: 3).map(\.name) == ["d"])
    }

    @Test func `a marked workspace frees its name and can still be drained`() throws {
        let record = try catalog.createWorkspace(named: "a")
        try catalog.markDeleting(record.id)
        try catalog.markDeleting(record.id)
        #expect(try catalog.workspace(named: "a") == nil)
        #expect(try catalog.workspacesBeingDeleted().map(\.id) == [record.id])
        #expect(try catalog.openWorkspace(record.id).pendingCharges(limit: 1).isEmpty)
        #expect(try catalog.createWorkspace(named: "a").id != record.id)
    }

    @Test func `a deleted workspace leaves no file and no row`() throws {
        let record = try catalog.createWorkspace(named: "a")
        #expect(throws: StoreError.workspaceNotMarked(record.id)) { try catalog.finishDeletion(record.id) }
        try catalog.markDeleting(record.id)
        try catalog.finishDeletion(record.id)
        try catalog.finishDeletion(record.id)
        #expect(try names(in: "workspaces").isEmpty && names(in: "trash").isEmpty)
        #expect(try catalog.workspace(record.id) == nil)
        #expect(throws: StoreError.workspaceNotFound(found: record.id.rawValue)) {
            try catalog.openWorkspace(record.id)
        }
        #expect(throws: StoreError.workspaceNotFound(found: record.id.rawValue)) {
            try catalog.markDeleting(record.id)
        }
    }

    @Test(arguments: [false, true])
    func `a removal that a crash interrupted is finished at the next opening`(renamed: Bool) throws {
        let record = try catalog.createWorkspace(named: "a")
        try catalog.markDeleting(record.id)
        let data = directory.path + "/data"
        try DatabaseQueue(path: data + "/catalog.sqlite").write {
            try $0.execute(sql: "UPDATE workspace SET state = 'trashed'")
        }
        if renamed {
            try FileManager.default.moveItem(
                atPath: catalog.directoryPath(of: record.id), toPath: data + "/trash/" + record.id.rawValue)
        }
        try catalog.close()
        let again = try Catalog(dataPath: data, environment: .system)
        #expect(try again.workspace(record.id) == nil)
        #expect(try names(in: "workspaces").isEmpty && names(in: "trash").isEmpty)
    }

    @Test func `a workspace only marked is not removed by opening: its charges are not carried yet`() throws {
        let record = try catalog.createWorkspace(named: "a")
        try catalog.markDeleting(record.id)
        try catalog.close()
        let again = try Catalog(dataPath: directory.path + "/data", environment: .system)
        #expect(try again.workspacesBeingDeleted().map(\.id) == [record.id])
        #expect(try names(in: "workspaces") == [record.id.rawValue])
    }

    @Test func `a workspace whose database was emptied does not open as an empty one`() throws {
        let record = try catalog.createWorkspace(named: "a")
        let path = catalog.directoryPath(of: record.id) + "/workspace.sqlite"
        try Data().write(to: URL(filePath: path))
        #expect(throws: StoreError.workspaceFilesMissing(path: path)) { try catalog.openWorkspace(record.id) }
    }

    @Test func `a workspace whose files are gone does not open as an empty one`() throws {
        let record = try catalog.createWorkspace(named: "a")
        let path = catalog.directoryPath(of: record.id) + "/workspace.sqlite"
        try FileManager.default.removeItem(atPath: path)
        #expect(throws: StoreError.workspaceFilesMissing(path: path)) { try catalog.openWorkspace(record.id) }
    }
}

@Suite struct Schemas {
    @Test func `many openings of a new directory at once make one catalog`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/data"
        let failures = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: 8) { index in
            do {
                let catalog = try Catalog(dataPath: path, environment: .system)
                _ = try catalog.createWorkspace(named: "workspace-\(index)")
                try catalog.close()
            } catch {
                failures.withLock { $0.append("\(error)") }
            }
        }
        #expect(failures.withLock { $0 } == [])
        #expect(try Catalog(dataPath: path, environment: .system).workspaces(limit: 9).count == 8)
    }

    private func tamper(_ workspace: TestWorkspace, _ sql: String) throws {
        try workspace.store.close()
        try DatabaseQueue(path: workspace.path + "/workspace.sqlite").writeWithoutTransaction {
            try $0.execute(sql: sql)
        }
    }

    @Test func `a workspace of a newer version is refused`() throws {
        let workspace = try TestWorkspace()
        try tamper(workspace, "PRAGMA user_version = 8")
        let path = workspace.path + "/workspace.sqlite"
        #expect(throws: StoreError.schemaTooNew(path: path, found: 8, newestKnown: 7)) {
            try WorkspaceStore(opening: workspace.path, environment: workspace.environment)
        }
    }

    @Test func `another application's file is refused and left as it was`() throws {
        let workspace = try TestWorkspace()
        try tamper(workspace, "PRAGMA application_id = 7; PRAGMA journal_mode = DELETE")
        let path = workspace.path + "/workspace.sqlite"
        let before = try Data(contentsOf: URL(filePath: path))
        #expect(throws: StoreError.foreignDatabase(path: path, expected: 0x4372_5773, found: 7)) {
            try WorkspaceStore(opening: workspace.path, environment: workspace.environment)
        }
        #expect(try Data(contentsOf: URL(filePath: path)) == before)
    }

    @Test func `a file that is no database is reported as damaged`() throws {
        let workspace = try TestWorkspace()
        try workspace.store.close()
        let path = workspace.path + "/workspace.sqlite"
        try Data(repeating: 0x41, count: 8192).write(to: URL(filePath: path))
        let error = #expect(throws: StoreError.self) {
            try WorkspaceStore(opening: workspace.path, environment: workspace.environment)
        }
        guard case .databaseDamaged = error else {
            Issue.record("found \(String(describing: error))")
            return
        }
    }

    @Test(arguments: [
        ("PRAGMA application_id", "\(0x4372_5773)"), ("PRAGMA user_version", "7"),
        ("PRAGMA journal_mode", "wal"),
    ])
    func `a workspace says what it is`(pragma: String, expected: String) throws {
        let workspace = try TestWorkspace()
        let found = try DatabaseQueue(path: workspace.path + "/workspace.sqlite").read {
            try String.fetchOne($0, sql: pragma)
        }
        #expect(found == expected)
    }
}

@Suite struct Identifiers {
    /// Golden values: Python 3.11, `base64.b32encode(hashlib.sha256(…).digest())`, fields with
    /// `struct.pack('<q', len)`.
    @Test func `ids are those another implementation computes`() {
        let document = DocumentID(externalID: "guide/intro.md")
        #expect(document.rawValue == "doc_6xrqqrfaurqrchvrv2nfqm6qk4")
        let content = ContentDigest(of: Array("hello\n".utf8))
        #expect(content.hex == "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03")
        let chunk = ChunkID(document: document, content: content, fingerprint: "markdown/1;200", ordinal: 7)
        #expect(chunk.rawValue == "chk_7brrskmfj2xjbnippuftbmn534")
    }

    @Test func `a digest survives its hexadecimal form, and other text is refused`() {
        let digest = ContentDigest(of: "text")
        #expect(ContentDigest(hex: digest.hex) == digest)
        #expect(ContentDigest(hex: digest.hex.uppercased()) == nil)
        #expect(ContentDigest(hex: String(digest.hex.dropLast())) == nil)
        #expect(ContentDigest(bytes: [1, 2, 3]) == nil)
    }
}
