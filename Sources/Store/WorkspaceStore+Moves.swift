extension WorkspaceStore {
    /// Documents that one transaction moves at most: it holds the write lock for half a second.
    package static let movedMax = 10_000

    /// Gives a document another path. Its id, versions and chunks stay.
    ///
    /// - Parameters:
    ///   - folder: the one that `externalID` lies in.
    ///   - expectedRevision: nil moves whatever is there.
    ///   - key: of the request that the move is.
    /// - Throws: `.externalIDInvalid`; `.documentNotFound`; `.documentExists` if there is one at the path already;
    ///   `.versionConflict` also while an upload of the document waits; `.requestRepeated`, `.requestKeyReused`.
    package func moveDocument(
        _ id: DocumentID, to externalID: String, folder: String, expectedRevision: Int64? = nil,
        key: RequestKey? = nil
    ) throws(StoreError) {
        try checkExternalID(externalID)
        let now = environment.now()
        try database.write { connection in
            try connection.claim(key, as: "move", source: externalID, environment, now)
            try connection.move(id, to: externalID, folder: folder, expectedRevision, now)
            try connection.run(AttributeStatement.filterChanged)
            environment.reached(.moveWritten)
        }
        environment.reached(.moveDurable)
    }

    /// Gives every document under a folder, sub-folders included, a path under another one: all of them or none.
    ///
    /// - Returns: how many.
    /// - Throws: what `moveDocument` throws; `.tooManyDocuments`.
    package func moveFolder(
        _ folder: String, to target: String, key: RequestKey? = nil
    ) throws(StoreError) -> Int {
        let now = environment.now()
        return try database.write { connection in
            try connection.claim(key, as: "move", source: folder, environment, now)
            let found = try connection.documents(under: folder, limit: Self.movedMax + 1)
            guard found.count <= Self.movedMax else {
                throw StoreError.tooManyDocuments(countMax: Self.movedMax)
            }
            for document in found {
                let path = target + document.path.dropFirst(folder.count)
                try checkExternalID(path)
                try connection.move(document.id, to: path, folder: ExternalID.folder(of: path), nil, now)
            }
            try connection.run(AttributeStatement.filterChanged)
            return found.count
        }
    }

    /// Documents under a folder, sub-folders included, by path; nothing under the root, which is no folder.
    package func documents(
        under folder: String, after path: String = "", limit: Int
    ) throws(StoreError) -> [(id: DocumentID, path: String)] {
        try database.read { try $0.documents(under: folder, after: path, limit: limit) }
    }

    /// Names of folders that hold documents themselves, in their order; the next page begins after the last one.
    ///
    /// - Parameter folder: nil begins with the root, which is "".
    package func folders(after folder: String?, limit: Int) throws(StoreError) -> [String] {
        try database.read { connection in
            var found: [String] = []
            if folder == nil,
                try connection.row(WorkspaceStatement.rootIsUsed, decode: { try $0.count() }) != nil
            {
                found.append("")
            }
            var last = folder ?? ""
            while found.count < limit,
                let next = try connection.row(WorkspaceStatement.nextFolder, last, decode: { try $0.text() })
            {
                found.append(next)
                last = next
            }
            return found
        }
    }

    func checkExternalID(_ externalID: String) throws(StoreError) {
        let byteCount = externalID.utf8.count
        guard (1...Self.externalIDBytesMax).contains(byteCount) else {
            throw .externalIDInvalid(byteCount: byteCount, byteCountMax: Self.externalIDBytesMax)
        }
    }
}

extension Connection {
    /// Notes a request that is done within this transaction as a job that has succeeded.
    ///
    /// - Throws: `.requestRepeated`, `.requestKeyReused`.
    func claim(
        _ key: RequestKey?, as kind: String, source: String, _ environment: StoreEnvironment, _ now: Timestamp
    ) throws {
        guard let key else { return }
        _ = try createJob(
            JobID(random: environment.randomBytes(17)), kind: kind, source: source, .succeeded, key, now)
    }

    fileprivate func documents(
        under folder: String, after path: String = "", limit: Int
    ) throws -> [(id: DocumentID, path: String)] {
        // "0" is the character after "/": what is between is under the folder.
        try rows(
            WorkspaceStatement.documentsUnder, max(path, folder + "/"), folder + "0", limit
        ) { (id: DocumentID(rawValue: try $0.text()), path: try $0.text()) }
    }

    func move(
        _ id: DocumentID, to externalID: String, folder: String, _ expectedRevision: Int64?, _ now: Timestamp
    ) throws {
        let found = try row(WorkspaceStatement.documentForCommit, id.rawValue) { reader in
            (
                ordinal: try reader.integer(), current: try reader.optionalInteger(),
                revision: try reader.integer(), path: try reader.text()
            )
        }
        guard let found, let current = found.current else {
            throw StoreError.documentNotFound(found: id.rawValue)
        }
        guard found.revision == expectedRevision ?? found.revision else {
            throw StoreError.versionConflict(
                document: id, expected: expectedRevision ?? found.revision, found: found.revision)
        }
        guard found.path != externalID else { return }
        // What an upload has promised to write would come to lie at the old path. Whoever else is writing the document
        // meets another revision, and begins again.
        let isInHand = try row(JobStatement.uploadOfPath, found.path) { try $0.integer() } != nil
        guard !isInHand else {
            throw StoreError.versionConflict(document: id, expected: found.revision, found: found.revision)
        }
        try vacate(externalID)
        try run(WorkspaceStatement.moveDocument, externalID, folder, now.milliseconds, found.ordinal)
        try run(WorkspaceStatement.moveVersion, folder, current)
    }

    /// A path whose document is gone belongs to nobody; the row is still needed for its versions.
    private func vacate(_ externalID: String) throws {
        let found = try row(WorkspaceStatement.documentForPath, externalID) {
            (ordinal: try $0.integer(), current: try $0.optionalInteger())
        }
        guard let found else { return }
        guard found.current == nil else { throw StoreError.documentExists(externalID: externalID) }
        // No document's path holds a control character.
        try run(WorkspaceStatement.vacatePath, "\u{1}\(found.ordinal)", found.ordinal)
    }
}

/// The path by which a document is known within a workspace.
package enum ExternalID {
    /// What stands before its last part: empty for the root.
    package static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
    }
}
