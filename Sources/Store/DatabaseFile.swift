import Foundation
import GRDB
import Synchronization

/// One SQLite file as the Store opens every one of them: WAL, `synchronous=FULL`, foreign keys, one writer,
/// four readers, small caches; known by its application id and brought to the newest schema before first use.
final class DatabaseFile: Sendable {
    /// How long a writer waits for another process's transaction. Staging transactions take milliseconds; a
    /// checkpoint of a full log on a slow disk takes seconds.
    private static let busyTimeoutSeconds = 10.0

    /// 256 workspaces may be open with five connections each: 768 KiB apiece stay under 1 GiB together.
    private static let cacheKibibytes = 768

    /// Of the writer: index pages of the last rows are met again, those of a workspace of a million rows are not.
    /// 256 workspaces' writers stay under 1 GiB.
    private static let writerCacheKibibytes = 4_096

    /// Pages of log after which it is folded in: 32 MiB. At SQLite's 1,000 every transaction of a thousand rows
    /// folds its own, and the same index pages are written and synced again by the next.
    private static let checkpointPages = 8_192

    /// Two for questions beside two for ingests, which hold one for milliseconds; made only when they are needed.
    private static let readerCountMax = 4

    private let pool: DatabasePool

    /// Whether nothing stands in the log that was never synced; see `settleLog`.
    private let isLogSettled: Mutex<Bool>

    /// Creates the file if it is not there.
    init(path: String, schema: Schema) throws(StoreError) {
        pool = try perform {
            var configuration = Configuration()
            configuration.busyMode = .timeout(Self.busyTimeoutSeconds)
            configuration.maximumReaderCount = Self.readerCountMax
            configuration.foreignKeysEnabled = true
            configuration.prepareDatabase { database in
                try database.execute(sql: "PRAGMA cache_size = -\(Self.cacheKibibytes)")
                try schema.check(database, path: path)
            }
            let pool = try DatabasePool(path: path, configuration: configuration)
            // The pool settles for NORMAL, under which a power cut loses acknowledged commits.
            try pool.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA synchronous = FULL")
                try database.execute(sql: "PRAGMA cache_size = -\(Self.writerCacheKibibytes)")
                // A transaction's pages are written once, at its end, not whenever the cache is full. They are
                // bounded by the rows of a transaction, and given back after it.
                try database.execute(sql: "PRAGMA cache_spill = OFF")
                try database.execute(sql: "PRAGMA wal_autocheckpoint = \(Self.checkpointPages)")
            }
            return pool
        }
        // A disk that is full or fails lets nothing be written, and everything be read.
        isLogSettled = Mutex((try? Self.settleLog(of: pool)) != nil)
        try perform { try schema.migrate(pool, path: path) }
    }

    /// Folds in what stands in the log, so that it begins anew, or leaves it to others who have it in use.
    ///
    /// The pool begins a log with two transactions of its own (a table made and dropped), under NORMAL, so that they
    /// are not synced. Should the sync of the first commit behind them fail, Linux takes their pages for written all
    /// the same; the commit is written again, they are not. A power cut then takes them, and every commit behind them.
    private static func settleLog(of pool: DatabasePool) throws {
        try pool.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA busy_timeout = 0")
            defer {
                try? database.execute(sql: "PRAGMA busy_timeout = \(Int(Self.busyTimeoutSeconds * 1_000))")
            }
            _ = try Row.fetchOne(database, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
        }
    }

    /// Runs `body` over one snapshot; never waits for a writer.
    func read<Result>(_ body: (Connection) throws -> Result) throws(StoreError) -> Result {
        try perform { try pool.read { try body(Connection(database: $0)) } }
    }

    /// Runs `body` in one immediate transaction: all of it is durable on return, none of it if it throws.
    func write<Result>(_ body: (Connection) throws -> Result) throws(StoreError) -> Result {
        try perform {
            try isLogSettled.withLock { isSettled in
                if !isSettled { try Self.settleLog(of: pool) }
                isSettled = true
            }
            return try pool.write { try body(Connection(database: $0)) }
        }
    }

    /// Every connection empties its cache once it is free; nobody waits for that.
    func releaseMemory() {
        pool.releaseMemoryEventually()
    }

    /// Waits for what is running, then closes all connections; the last process to close folds the log in.
    func close() throws(StoreError) {
        // Readers first: SQLite folds the log in when the last connection closes, and a reader may not write.
        pool.releaseMemory()
        try perform { try pool.close() }
    }
}

/// Runs `body` and gives its failure the Store's name.
func perform<Result>(_ body: () throws -> Result) throws(StoreError) -> Result {
    do {
        return try body()
    } catch let error as StoreError {
        throw error
    } catch let error as FileFailure {
        throw StoreError(error)
    } catch let error as DatabaseError {
        throw StoreError(error)
    } catch {
        // What is left is a value of the wrong type in a column (`RowDecodingError`, `DecodingError`). Their words
        // may hold what is in the row, which is no log's business.
        throw .databaseDamaged(
            .database(
                extendedCode: ResultCode.SQLITE_CORRUPT.rawValue, message: "\(type(of: error))", sql: nil))
    }
}

extension StoreError {
    init(_ error: DatabaseError) {
        let failure = StorageFailure.database(
            extendedCode: error.extendedResultCode.rawValue, message: error.message ?? "", sql: error.sql)
        self =
            switch error.resultCode {
            case .SQLITE_BUSY, .SQLITE_LOCKED: .busy(failure)
            case .SQLITE_FULL: .diskFull(failure)
            case .SQLITE_CORRUPT, .SQLITE_NOTADB: .databaseDamaged(failure)
            default: .storageFailed(failure)
            }
    }

    init(_ failure: FileFailure) {
        self = failure.isDiskFull ? .diskFull(.file(failure)) : .storageFailed(.file(failure))
    }
}
