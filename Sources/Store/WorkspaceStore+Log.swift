extension WorkspaceStore {
    /// The last commit's number; zero in an empty workspace.
    package func currentSequence() throws(StoreError) -> SequenceNumber {
        try database.read { try $0.currentSequence() }
    }

    /// The log after `after`, for an index that follows it: at most `limit` commits, and no further commit
    /// once `rowsMax` rows were read, but always one if there is one.
    ///
    /// - Parameter space: the space the index is of; rows whose text has no vector in it are left out.
    /// - Throws: `.logTruncated` if deaths the follower has not seen were forgotten: it opens anew.
    package func commits(
        after: SequenceNumber, in space: SpaceID, limit: Int, rowsMax: Int = 16_384
    ) throws(StoreError) -> [Commit] {
        try database.read { connection in
            let records = try connection.records(after: after, limit: limit)
            var commits: [Commit] = []
            var rowCount = 0
            for record in records where commits.isEmpty || rowCount < rowsMax {
                let commit = try connection.commit(record, space)
                rowCount += commit.born.count
                commits.append(commit)
            }
            return commits
        }
    }

    /// Rows of committed versions born in `bornIn`, live or retained, in ascending order: what a segment is
    /// built of. Rows whose text has no vector in the space are left out. Pass the last page's `next` until it is
    /// nil.
    package func rows(
        in space: SpaceID, bornIn: ClosedRange<SequenceNumber>, from cursor: RowCursor? = nil, limit: Int
    ) throws(StoreError) -> RowPage {
        precondition(limit > 0, "limit must be positive, found \(limit)")
        let low = bornIn.lowerBound.rawValue
        let high = bornIn.upperBound.rawValue
        return try database.read { connection in
            let bounds = try cursor ?? connection.rowBounds(low, high)
            let found = try connection.rows(
                WorkspaceStatement.rowsBornBetween, bounds.lower, bounds.upper, space.rawValue, low, high,
                limit
            ) { try $0.indexedRow() }
            let rows = found.compactMap(\.indexed)
            guard let last = found.last, found.count == limit else { return RowPage(rows: rows, next: nil) }
            return RowPage(rows: rows, next: RowCursor(lower: last.row.rawValue + 1, upper: bounds.upper))
        }
    }

    /// The deaths in `diedAfter + 1 ... diedThrough`, in order; at most `limit`, each at its own sequence, so
    /// the next page begins after the last one's `died`. Segments opened from disk need them all from zero
    /// on.
    package func deadRows(
        diedAfter: SequenceNumber, diedThrough: SequenceNumber, limit: Int
    ) throws(StoreError) -> [DeadRows] {
        try database.read { connection in
            try connection.rows(
                WorkspaceStatement.deadRows, diedAfter.rawValue, diedThrough.rawValue, limit
            ) { reader in
                DeadRows(
                    rows: try reader.rowRange(), born: try reader.sequence(), died: try reader.sequence())
            }
        }
    }
}

/// The one row of `workspace_state`.
struct WorkspaceState: Equatable {
    let nextRow: RowNumber
    let logStart: SequenceNumber
    let documentCount: Int
    let chunkCount: Int
    let tokenCount: Int
    let byteCount: Int
    let filterRevision: Int64
}

extension Connection {
    func workspaceState() throws -> WorkspaceState {
        let state = try row(WorkspaceStatement.state) { reader in
            WorkspaceState(
                nextRow: RowNumber(rawValue: try reader.integer()), logStart: try reader.sequence(),
                documentCount: try reader.count(), chunkCount: try reader.count(),
                tokenCount: try reader.count(), byteCount: try reader.count(),
                filterRevision: try reader.integer())
        }
        guard let state else { throw ColumnReader.damaged("workspace_state without its row") }
        return state
    }

    func currentSequence() throws -> SequenceNumber {
        try row(WorkspaceStatement.currentSequence) { try $0.sequence() } ?? .zero
    }

    fileprivate func commit(_ record: CommitRecord, _ space: SpaceID) throws -> Commit {
        let born = try record.version.map { version in
            try rows(WorkspaceStatement.bornRows, version.rawValue, space.rawValue) { try $0.indexedRow() }
                .compactMap(\.indexed)
        }
        return Commit(record: record, born: born ?? [], died: try deaths(by: record))
    }

    /// - Throws: `.logTruncated` if deaths after `after` were forgotten.
    func records(after: SequenceNumber, limit: Int) throws -> [CommitRecord] {
        let start = try workspaceState().logStart
        guard after >= start else { throw StoreError.logTruncated(after: after, start: start) }
        return try rows(WorkspaceStatement.commitsAfter, after.rawValue, limit) { try CommitRecord(&$0) }
    }

    /// The rows that a commit retired; nil if there are none.
    func deaths(by record: CommitRecord) throws -> RowRange? {
        try record.retiredVersion.flatMap { version in
            try row(WorkspaceStatement.versionRows, version.rawValue) { try $0.rowRange() }
        }
    }

    func rowBounds(_ low: Int64, _ high: Int64) throws -> RowCursor {
        try row(WorkspaceStatement.rowBounds, low, high) {
            RowCursor(lower: try $0.integer(), upper: try $0.integer())
        } ?? RowCursor(lower: 0, upper: 0)
    }
}

extension CommitRecord {
    fileprivate init(_ reader: inout ColumnReader) throws {
        sequence = try reader.sequence()
        kind = try reader.choice()
        documentOrdinal = try reader.integer()
        version = try reader.optionalInteger().map(VersionID.init(rawValue:))
        retiredVersion = try reader.optionalInteger().map(VersionID.init(rawValue:))
        revision = try reader.integer()
        committedAt = try reader.timestamp()
    }
}

extension ColumnReader {
    /// A row, and nothing to index where its text has no vector in the space that was asked for.
    mutating func indexedRow() throws -> (row: RowNumber, indexed: IndexedRow?) {
        let row = RowNumber(rawValue: try integer())
        let documentOrdinal = try integer()
        let born = try sequence()
        let died = try optionalSequence()
        let indexed = try optionalVector().map { vector in
            IndexedRow(
                row: row, documentOrdinal: documentOrdinal, born: born, died: died, vector: vector)
        }
        return (row, indexed)
    }
}
