import GRDB

/// What a database file of one kind must look like: its application id and the steps that brought it here.
///
/// A file at version n has had the first n steps. The version is SQLite's own `user_version`, so the check
/// and the step are one transaction, also when two processes open the same old file at once.
struct Schema: Sendable {
    /// At offset 68 of the file; `file(1)` and we know the kind by it.
    let applicationID: Int32

    /// Step n, counted from 0, leads from version n to n + 1. A step is never edited once released.
    let steps: [String]

    var version: Int {
        steps.count
    }

    /// Refuses a file of another application or of a newer version, before anything is written to it.
    func check(_ database: Database, path: String) throws {
        let found = try State(database)
        guard found.applicationID == applicationID || found.isEmpty else {
            throw StoreError.foreignDatabase(path: path, expected: applicationID, found: found.applicationID)
        }
        guard found.version <= version else {
            throw StoreError.schemaTooNew(path: path, found: found.version, newestKnown: version)
        }
    }

    /// Brings the file to the newest version, each step in its own transaction.
    func migrate(_ pool: DatabasePool, path: String) throws {
        while try pool.read({ try State($0).version }) < version {
            try pool.write { database in
                try check(database, path: path)
                let found = try State(database).version
                guard found < version else { return }
                try database.execute(sql: steps[found])
                try database.execute(sql: "PRAGMA application_id = \(applicationID)")
                try database.execute(sql: "PRAGMA user_version = \(found + 1)")
            }
        }
    }

    private struct State {
        let applicationID: Int32
        let version: Int
        let isEmpty: Bool

        init(_ database: Database) throws {
            applicationID = try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0
            version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
            let tableCount = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema") ?? 0
            isEmpty = applicationID == 0 && version == 0 && tableCount == 0
        }
    }
}
