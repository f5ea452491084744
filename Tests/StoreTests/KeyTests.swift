import Foundation
import GRDB
import Store
import Testing

@Suite struct Keys {
    private let directory: TemporaryDirectory
    private let clock = TestClock()
    private let catalog: Catalog

    init() throws {
        directory = try TemporaryDirectory()
        let clock = clock
        catalog = try Catalog(
            dataPath: directory.path + "/data",
            environment: StoreEnvironment(
                now: { clock.now }, randomBytes: StoreEnvironment.system.randomBytes))
    }

    private func draft(
        _ workspace: WorkspaceID?, _ permission: KeyPermission = .read, expiresAt: Timestamp? = nil
    ) -> KeyDraft {
        KeyDraft(workspace: workspace, permission: permission, name: "k", expiresAt: expiresAt)
    }

    @Test func `a key has its form, comes back by its id, and matches itself alone`() throws {
        let workspace = try catalog.createWorkspace(named: "a").id
        let (record, token) = try catalog.createKey(draft(workspace))
        #expect(token.text.wholeMatch(of: /crl_[a-z2-7]{16}_[a-z2-7]{52}/) != nil)
        #expect(try catalog.key(record.id) == record && record.id == token.id)
        #expect(KeyToken(parsing: token.text)?.matches(record.digest) == true)
        let (other, _) = try catalog.createKey(draft(workspace))
        #expect(!token.matches(other.digest))
        #expect(try catalog.key(KeyID(rawValue: "none")) == nil)
    }

    @Test func `the key itself is nowhere on the disk`() throws {
        let workspace = try catalog.createWorkspace(named: "a").id
        let token = try catalog.createKey(draft(workspace)).token
        let secret = Data(token.text.utf8.suffix(52))
        for name in ["catalog.sqlite", "catalog.sqlite-wal"] {
            let bytes = try Data(contentsOf: URL(filePath: directory.path + "/data/" + name))
            #expect(bytes.range(of: secret) == nil, "\(name) holds the secret")
            #expect(bytes.count > 0)
        }
    }

    @Test(arguments: [
        "", "crl_", "crl_aaaaaaaaaaaaaaaa", "crl_" + String(repeating: "a", count: 69),
        "crl-aaaaaaaaaaaaaaaa_" + String(repeating: "a", count: 52),
        "crl_AAAAAAAAAAAAAAAA_" + String(repeating: "a", count: 52),
        "crl_aaaaaaaaaaaaaaa1_" + String(repeating: "a", count: 52),
        "crl_aaaaaaaaaaaaaaaa_" + String(repeating: "a", count: 51),
        "crl_aaaaaaaaaaaaaaaa_" + String(repeating: "a", count: 53),
        "crl_aaaaaaaaaaaaaaaa_" + String(repeating: "é", count: 26),
    ])
    func `text of another form is no key`(text: String) {
        #expect(KeyToken(parsing: text) == nil)
    }

    @Test func `keys are listed by workspace, in pages, and the operator's apart`() throws {
        let (first, second) = (
            try catalog.createWorkspace(named: "a").id, try catalog.createWorkspace(named: "b").id
        )
        let own = try (0..<5).map { _ in try catalog.createKey(draft(first)).record }.sorted {
            $0.id.rawValue < $1.id.rawValue
        }
        let foreign = try catalog.createKey(draft(second, .owner)).record
        let everything = try catalog.createKey(draft(nil, .owner)).record
        #expect(try catalog.keys(of: first, limit: 3) == Array(own[..<3]))
        #expect(try catalog.keys(of: first, after: own[2].id, limit: 3) == Array(own[3...]))
        #expect(try catalog.keys(of: second, limit: 3) == [foreign])
        #expect(try catalog.keys(of: nil, limit: 3) == [everything])
    }

    @Test func `revoking notes the moment, once, and knows no other keys`() throws {
        let workspace = try catalog.createWorkspace(named: "a").id
        let id = try catalog.createKey(draft(workspace)).record.id
        let moment = clock.now
        try catalog.revokeKey(id)
        clock.advance(milliseconds: 10)
        try catalog.revokeKey(id)
        #expect(try catalog.key(id)?.revokedAt == moment)
        let none = KeyID(rawValue: "none")
        #expect(throws: StoreError.keyNotFound(none)) { try catalog.revokeKey(none) }
    }

    @Test func `a workspace's keys go with it, and none are made for one that goes`() throws {
        let workspace = try catalog.createWorkspace(named: "a").id
        let id = try catalog.createKey(draft(workspace)).record.id
        try catalog.markDeleting(workspace)
        #expect(throws: StoreError.workspaceNotFound(found: workspace.rawValue)) {
            try catalog.createKey(draft(workspace))
        }
        try catalog.finishDeletion(workspace)
        #expect(try catalog.key(id) == nil)
    }

    @Test func `the number of keys is bounded, and dead ones make room`() throws {
        let workspace = try catalog.createWorkspace(named: "a").id
        let expiry = Timestamp(milliseconds: clock.now.milliseconds + 1)
        let first = try catalog.createKey(draft(workspace)).record.id
        for number in 1..<Catalog.keysPerWorkspaceMax {
            _ = try catalog.createKey(draft(workspace, expiresAt: number == 1 ? expiry : nil))
        }
        #expect(throws: StoreError.tooManyKeys(countMax: Catalog.keysPerWorkspaceMax)) {
            try catalog.createKey(draft(workspace))
        }
        try catalog.revokeKey(first)
        _ = try catalog.createKey(draft(workspace))
        #expect(try catalog.key(first) == nil)
        clock.advance(milliseconds: 2)
        _ = try catalog.createKey(draft(workspace))
        #expect(try catalog.keys(of: workspace, limit: 2_000).count == Catalog.keysPerWorkspaceMax)
    }

    @Test(arguments: [
        ("", StoreError.keyNameInvalid(byteCount: 0, byteCountMax: 200)),
        (String(repeating: "n", count: 201), .keyNameInvalid(byteCount: 201, byteCountMax: 200)),
        // One character, as people count.
        ("a" + String(repeating: "\u{301}", count: 100), .keyNameInvalid(byteCount: 201, byteCountMax: 200)),
        ("two\nlines", .keyNameHoldsControl(10)), ("\u{1b}[31m", .keyNameHoldsControl(0x1b)),
    ])
    func `a name that is too long, or could forge a line of a list, is refused`(
        name: String, error: StoreError
    ) throws {
        #expect(throws: error) {
            try catalog.createKey(KeyDraft(workspace: nil, permission: .owner, name: name))
        }
    }

    @Test func `a catalog from before there were keys is brought up to date`() throws {
        let old = try TemporaryDirectory()
        let path = old.path + "/data"
        try Catalog(dataPath: path, environment: .system).close()
        for name in ["catalog.sqlite", "catalog.sqlite-wal", "catalog.sqlite-shm"] {
            try? FileManager.default.removeItem(atPath: path + "/" + name)
        }
        try DatabaseQueue(path: path + "/catalog.sqlite").write { database in
            // The catalog's first schema, as the first release wrote it.
            try database.execute(
                sql: """
                    CREATE TABLE workspace (
                        id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL,
                        created_at INTEGER NOT NULL
                    ) STRICT;
                    CREATE UNIQUE INDEX workspace_by_name ON workspace (name) WHERE state = 'active';
                    CREATE INDEX workspace_leaving ON workspace (state, id) WHERE state <> 'active';
                    PRAGMA application_id = 0x43724374;
                    PRAGMA user_version = 1;
                    """)
        }
        let opened = try Catalog(dataPath: path, environment: .system)
        #expect(try opened.createKey(draft(nil, .owner)).record.permission == .owner)
    }
}
