import Store

extension Library {
    /// Gives a document another path. Its id, its versions and its passages stay, and nothing is embedded.
    ///
    /// - Throws: `EngineError.documentNotFound`, `.documentExists`, `.preconditionFailed`, `.documentContended` while
    ///   an upload of it waits.
    package func moveDocument(
        _ reference: DocumentReference, to path: DocumentPath, if precondition: DocumentPrecondition = .none,
        key: IdempotencyKey? = nil, in scope: WorkspaceScope
    ) throws -> DocumentSummary {
        try change(in: scope) { store in
            if let key, try store.job(of: key.request) != nil { return }
            let record = try record(reference, in: scope)
            try precondition.check(record.revision)
            try store.moveDocument(
                record.id, to: path.text, folder: ExternalID.folder(of: path.text),
                expectedRevision: precondition == .none ? nil : record.revision, key: key?.request)
        }
        return try document(.path(path), in: scope)
    }

    /// Gives every document of a folder and of its sub-folders a path under another one: all of them or none.
    ///
    /// - Returns: how many; of a request that was sent before, how many are there.
    /// - Throws: `EngineError.folderNotFound`, `.documentExists`, `.tooManyDocuments`, `.documentContended`.
    package func moveFolder(
        _ folder: DocumentPath, to target: DocumentPath, key: IdempotencyKey? = nil, in scope: WorkspaceScope
    ) throws -> Int {
        guard !(target.text + "/").hasPrefix(folder.text + "/") else {
            throw EngineError.documentExists(target.text)
        }
        return try change(in: scope) { store in
            if let key, try store.job(of: key.request) != nil {
                return try store.documents(under: target.text, limit: WorkspaceStore.movedMax).count
            }
            let count = try store.moveFolder(folder.text, to: target.text, key: key?.request)
            guard count > 0 else { throw EngineError.folderNotFound(folder.text) }
            return count
        }
    }

    /// Deletes every document of a folder and of its sub-folders, one after the other.
    ///
    /// - Returns: how many.
    /// - Throws: `EngineError.folderNotFound`.
    package func deleteFolder(_ folder: DocumentPath, in scope: WorkspaceScope) throws -> Int {
        try change(in: scope) { store in
            var deleted = 0
            while true {
                let page = try store.documents(under: folder.text, limit: 256)
                for document in page {
                    do {
                        _ = try store.deleteDocument(document.id)
                        deleted += 1
                    } catch StoreError.documentNotFound {
                        // Somebody else was first.
                        continue
                    }
                }
                if page.isEmpty { break }
            }
            guard deleted > 0 else { throw EngineError.folderNotFound(folder.text) }
            return deleted
        }
    }

    /// Folders that hold documents themselves, by path; the next page begins after the last one. The root is "".
    package func folders(
        in scope: WorkspaceScope, after folder: String? = nil, limit: Int
    ) throws -> [String] {
        try workspace(in: scope).store.folders(after: folder, limit: limit)
    }

    /// Lends the Store to who changes it: the workspace is not removed meanwhile.
    func change<Success>(
        in scope: WorkspaceScope, _ body: (WorkspaceStore) throws -> Success
    ) throws -> Success {
        let workspace = try workspace(in: scope)
        let store = workspace.store
        let lock = try IngestLock(joining: directory(of: scope.workspaceID)) {
            try workspace.endAbandonedJobs()
        }
        defer { withExtendedLifetime(lock) {} }
        try requireActive(scope)
        return try body(store)
    }
}
