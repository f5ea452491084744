/// What a key allows, each level all of the one before.
package enum KeyPermission: String, Sendable, CaseIterable {
    case read, write, owner
}

/// A key as the catalog keeps it.
package struct KeyRecord: Sendable, Equatable {
    package let id: KeyID

    /// The only workspace it opens; nil for the operator's, which opens all.
    package let workspace: WorkspaceID?
    package let permission: KeyPermission

    /// What its maker calls it.
    package let name: String
    package let digest: ContentDigest
    package let createdAt: Timestamp

    /// From this moment on it opens nothing; nil for never.
    package let expiresAt: Timestamp?
    package let revokedAt: Timestamp?
}

/// A key to be.
package struct KeyDraft: Sendable, Equatable {
    package var workspace: WorkspaceID?
    package var permission: KeyPermission
    package var name: String
    package var expiresAt: Timestamp?

    package init(
        workspace: WorkspaceID?, permission: KeyPermission, name: String, expiresAt: Timestamp? = nil
    ) {
        self.workspace = workspace
        self.permission = permission
        self.name = name
        self.expiresAt = expiresAt
    }
}

extension Catalog {
    /// Keys of one workspace: a list that is read by people, and a bound on what an owner can make. Revoked and
    /// expired ones are listed too, and make room when it is needed.
    package static let keysPerWorkspaceMax = 1_000

    /// Dead keys that make room at a time.
    static let deadKeysDropped = 100

    /// UTF-8 bytes of a key's name. Characters would be no bound: one may have any number of accents.
    package static let keyNameBytesMax = 200

    /// Makes a key. Its text is in the answer and nowhere else.
    ///
    /// - Throws: `.keyNameInvalid`, `.keyNameHoldsControl`; `.tooManyKeys`; `.workspaceNotFound` unless the
    ///   workspace is active.
    package func createKey(_ draft: KeyDraft) throws(StoreError) -> (record: KeyRecord, token: KeyToken) {
        try Self.check(draft.name)
        precondition(
            draft.workspace != nil || draft.permission == .owner,
            "the operator's key is an owner's, found \(draft.permission)")
        let token = KeyToken(environment: environment)
        let record = KeyRecord(
            id: token.id, workspace: draft.workspace, permission: draft.permission, name: draft.name,
            digest: token.digest, createdAt: environment.now(), expiresAt: draft.expiresAt, revokedAt: nil)
        try database.write { connection in
            try connection.insert(record)
            environment.reached(.keyWritten)
        }
        return (record, token)
    }

    private static func check(_ name: String) throws(StoreError) {
        let byteCount = name.utf8.count
        guard (1...keyNameBytesMax).contains(byteCount) else {
            throw .keyNameInvalid(byteCount: byteCount, byteCountMax: keyNameBytesMax)
        }
        if let control = name.unicodeScalars.first(where: { $0.properties.generalCategory == .control }) {
            throw .keyNameHoldsControl(control.value)
        }
    }

    /// Nil if there is none of that id.
    package func key(_ id: KeyID) throws(StoreError) -> KeyRecord? {
        try database.read { try $0.row(CatalogStatement.keyByID, id.rawValue) { try KeyRecord(&$0) } }
    }

    /// Keys by id; the next page begins after the last one's.
    ///
    /// - Parameter workspace: nil for the operator's own.
    package func keys(
        of workspace: WorkspaceID?, after id: KeyID? = nil, limit: Int
    ) throws(StoreError) -> [KeyRecord] {
        try database.read {
            try $0.rows(
                CatalogStatement.keysOfWorkspace, workspace?.rawValue, id?.rawValue ?? "", limit
            ) { try KeyRecord(&$0) }
        }
    }

    /// From now on the key opens nothing. Revoking it again changes nothing.
    ///
    /// - Throws: `.keyNotFound`.
    package func revokeKey(_ id: KeyID) throws(StoreError) {
        let now = environment.now().milliseconds
        try database.write { connection in
            guard try connection.run(CatalogStatement.revokeKey, now, id.rawValue) == 0 else { return }
            guard try connection.row(CatalogStatement.keyByID, id.rawValue, decode: { try $0.text() }) != nil
            else { throw StoreError.keyNotFound(id) }
        }
    }
}

extension Connection {
    fileprivate func insert(_ record: KeyRecord) throws {
        if let workspace = record.workspace {
            let found = try row(CatalogStatement.byID, workspace.rawValue) { try WorkspaceRecord(&$0) }
            guard found?.phase == .active else {
                throw StoreError.workspaceNotFound(found: workspace.rawValue)
            }
        }
        try makeRoom(in: record.workspace, now: record.createdAt)
        try run(
            CatalogStatement.insertKey, record.id.rawValue, record.workspace?.rawValue,
            record.permission.rawValue, record.name, record.digest.data, record.createdAt.milliseconds,
            record.expiresAt?.milliseconds)
    }

    private func makeRoom(in workspace: WorkspaceID?, now: Timestamp) throws {
        let count = try row(CatalogStatement.keyCount, workspace?.rawValue) { try $0.count() } ?? 0
        guard count >= Catalog.keysPerWorkspaceMax else { return }
        let dropped = try run(
            CatalogStatement.deleteDeadKeys, workspace?.rawValue, now.milliseconds, Catalog.deadKeysDropped)
        guard dropped > 0 else { throw StoreError.tooManyKeys(countMax: Catalog.keysPerWorkspaceMax) }
    }
}

extension KeyRecord {
    fileprivate init(_ reader: inout ColumnReader) throws {
        id = KeyID(rawValue: try reader.text())
        workspace = try reader.optionalText().map(WorkspaceID.init(rawValue:))
        permission = try reader.choice()
        name = try reader.text()
        digest = try reader.digest()
        createdAt = try reader.timestamp()
        expiresAt = try reader.optionalTimestamp()
        revokedAt = try reader.optionalTimestamp()
    }
}
