import Foundation

package enum WorkspacePhase: String, Sendable {
    case active
    /// Closed to new work; its charges are being carried to the ledger.
    case deleting
    /// Its files are being removed.
    case trashed
}

/// A workspace as the catalog knows it.
package struct WorkspaceRecord: Sendable, Equatable {
    package let id: WorkspaceID
    package let name: String
    package let phase: WorkspacePhase
    package let createdAt: Timestamp
}

/// Which workspaces there are, and where: `catalog.sqlite` and the directories beside it.
///
/// A workspace goes in three steps, each of which survives a crash: marked (`markDeleting`), its charges
/// carried by the caller, then removed (`finishDeletion`): renamed into `trash`, unlinked, forgotten. Opening
/// the catalog goes on with what was being removed; what was only marked is the caller's, for its charges are
/// not carried yet.
package final class Catalog: Sendable {
    /// Characters of a name.
    package static let nameCharactersMax = 63

    private let dataPath: String
    let database: DatabaseFile
    let environment: StoreEnvironment

    /// Opens the catalog in a data directory, which is made with its parents if it is not there.
    package init(dataPath: String, environment: StoreEnvironment) throws(StoreError) {
        self.dataPath = dataPath
        self.environment = environment
        do {
            try FileManager.default.createDirectory(atPath: dataPath, withIntermediateDirectories: true)
        } catch {
            throw StoreError(FileFailure(operation: .makeDirectory, path: dataPath, underlying: error))
        }
        try perform {
            try SystemCalls.makeDirectory(dataPath + "/workspaces")
            try SystemCalls.makeDirectory(dataPath + "/trash")
        }
        database = try DatabaseFile(path: dataPath + "/catalog.sqlite", schema: CatalogSchema.schema)
        try perform { try SystemCalls.syncDirectory(dataPath) }
        for record in try workspaces(in: .trashed) {
            try remove(record.id)
        }
    }

    package func close() throws(StoreError) {
        try database.close()
    }

    /// A new workspace: its files first, then its row, so that a row always has files.
    ///
    /// - Throws: `.workspaceNameInvalid`; `.workspaceExists`.
    package func createWorkspace(named name: String) throws(StoreError) -> WorkspaceRecord {
        if let violation = WorkspaceNameViolation(of: name) {
            throw .workspaceNameInvalid(found: name, violation: violation)
        }
        guard try workspace(named: name) == nil else { throw .workspaceExists(name: name) }
        let record = WorkspaceRecord(
            id: WorkspaceID(random: environment.randomBytes(17)), name: name, phase: .active,
            createdAt: environment.now())
        try WorkspaceStore.create(at: directoryPath(of: record.id), environment: environment).close()
        environment.reached(.workspaceMade)
        let inserted = try database.write {
            try $0.run(
                CatalogStatement.insert, record.id.rawValue, name, record.createdAt.milliseconds)
        }
        guard inserted == 1 else {
            try removeTree(directoryPath(of: record.id))
            throw .workspaceExists(name: name)
        }
        environment.reached(.workspaceRecorded)
        return record
    }

    /// Nil if there is no active workspace of that name.
    package func workspace(named name: String) throws(StoreError) -> WorkspaceRecord? {
        try database.read { try $0.row(CatalogStatement.byName, name) { try WorkspaceRecord(&$0) } }
    }

    package func workspace(_ id: WorkspaceID) throws(StoreError) -> WorkspaceRecord? {
        try database.read { try $0.row(CatalogStatement.byID, id.rawValue) { try WorkspaceRecord(&$0) } }
    }

    /// Active workspaces by name; the next page begins after the last one's name.
    package func workspaces(after name: String = "", limit: Int) throws(StoreError) -> [WorkspaceRecord] {
        try database.read {
            try $0.rows(CatalogStatement.activeAfter, name, limit) { try WorkspaceRecord(&$0) }
        }
    }

    /// Workspaces whose deletion was begun, to be drained and finished.
    package func workspacesBeingDeleted() throws(StoreError) -> [WorkspaceRecord] {
        try workspaces(in: .deleting)
    }

    /// Opens an active workspace, or one being deleted, to drain it.
    ///
    /// - Throws: `.workspaceNotFound`; what `WorkspaceStore(opening:environment:)` throws.
    package func openWorkspace(_ id: WorkspaceID) throws(StoreError) -> WorkspaceStore {
        guard let record = try workspace(id), record.phase != .trashed else {
            throw .workspaceNotFound(found: id.rawValue)
        }
        return try WorkspaceStore(opening: directoryPath(of: record.id), environment: environment)
    }

    /// Closes a workspace to new work and frees its name. Marking it again changes nothing.
    package func markDeleting(_ id: WorkspaceID) throws(StoreError) {
        try database.write { connection in
            guard try connection.run(CatalogStatement.mark, id.rawValue) == 0 else { return }
            guard try connection.row(CatalogStatement.byID, id.rawValue, decode: { try $0.text() }) != nil
            else {
                throw StoreError.workspaceNotFound(found: id.rawValue)
            }
        }
        environment.reached(.workspaceMarked)
    }

    /// Removes a marked workspace with all its files. Whoever has it open keeps reading files without a name.
    ///
    /// - Throws: `.workspaceNotMarked` for one that is active.
    package func finishDeletion(_ id: WorkspaceID) throws(StoreError) {
        let record = try database.write { connection in
            try connection.run(CatalogStatement.trash, id.rawValue)
            return try connection.row(CatalogStatement.byID, id.rawValue) { try WorkspaceRecord(&$0) }
        }
        guard let record else { return }
        guard record.phase == .trashed else { throw .workspaceNotMarked(id) }
        environment.reached(.workspaceTrashed)
        try remove(id)
    }

    // MARK: Waiting jobs

    /// Says that jobs may be waiting in a workspace, durably.
    package func noteWaiting(_ id: WorkspaceID) throws(StoreError) {
        try database.write { _ = try $0.run(CatalogStatement.noteWaiting, id.rawValue) }
        environment.reached(.waitingNoted)
    }

    /// Says that none is. Whoever says so looks once more after it.
    package func forgetWaiting(_ id: WorkspaceID) throws(StoreError) {
        try database.write { _ = try $0.run(CatalogStatement.forgetWaiting, id.rawValue) }
    }

    /// Workspaces in which jobs may be waiting, by id; the next page begins after the last one.
    package func waitingWorkspaces(after id: String = "", limit: Int) throws(StoreError) -> [WorkspaceID] {
        try database.read {
            try $0.rows(CatalogStatement.waitingAfter, id, limit) { WorkspaceID(rawValue: try $0.text()) }
        }
    }

    /// Where the workspace's files are.
    package func directoryPath(of id: WorkspaceID) -> String {
        dataPath + "/workspaces/" + id.rawValue
    }

    private func workspaces(in phase: WorkspacePhase) throws(StoreError) -> [WorkspaceRecord] {
        var records: [WorkspaceRecord] = []
        while true {
            let page = try database.read {
                try $0.rows(CatalogStatement.leaving, phase.rawValue, records.last?.id.rawValue ?? "", 256) {
                    try WorkspaceRecord(&$0)
                }
            }
            records += page
            if page.isEmpty { return records }
        }
    }

    /// Renaming first: a directory under `workspaces` is whole, whatever is interrupted.
    private func remove(_ id: WorkspaceID) throws(StoreError) {
        let trash = dataPath + "/trash/" + id.rawValue
        try perform {
            if try SystemCalls.status(directoryPath(of: id)) != nil {
                try rename(directoryPath(of: id), to: trash)
                environment.reached(.workspaceRenamed)
                try SystemCalls.syncDirectory(dataPath + "/workspaces")
            }
        }
        try removeTree(trash)
        environment.reached(.workspaceRemoved)
        try database.write { _ = try $0.run(CatalogStatement.delete, id.rawValue) }
    }

    /// Another process may be removing the same workspace: what counts is that it is gone.
    private func rename(_ path: String, to trash: String) throws(FileFailure) {
        do {
            try SystemCalls.renameFile(path, to: trash)
        } catch {
            guard try SystemCalls.status(path) != nil else { return }
            throw error
        }
    }

    private func removeTree(_ path: String) throws(StoreError) {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            guard try perform({ try SystemCalls.status(path) }) != nil else { return }
            throw StoreError(FileFailure(operation: .unlink, path: path, underlying: error))
        }
    }
}

extension WorkspaceRecord {
    init(_ reader: inout ColumnReader) throws {
        id = WorkspaceID(rawValue: try reader.text())
        name = try reader.text()
        phase = try reader.choice()
        createdAt = try reader.timestamp()
    }
}

extension WorkspaceNameViolation {
    /// Nil if the name is well formed.
    package init?(of name: String) {
        func isFirst(_ character: Character) -> Bool {
            ("a"..."z").contains(character) || ("0"..."9").contains(character)
        }
        guard let first = name.first else {
            self = .empty
            return
        }
        if name.count > Catalog.nameCharactersMax {
            self = .tooLong(characterCount: name.count, characterCountMax: Catalog.nameCharactersMax)
        } else if !isFirst(first) || !first.isASCII {
            self = .firstCharacter(found: first)
        } else if let found = name.first(where: { !$0.isASCII || !isFirst($0) && !"._-".contains($0) }) {
            self = .character(found: found)
        } else if WorkspaceID.hasForm(name) {
            self = .looksLikeID
        } else {
            return nil
        }
    }
}
