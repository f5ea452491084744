/// What happened between two moments of a workspace.
package struct WorkspacePast: Sendable, Equatable {
    /// Rows born in between, dead or alive.
    package let born: [RowRange]

    /// How many of them are alive.
    package let bornLiveCount: Int

    /// Rows that were alive at the earlier moment and have died since, as far as they were asked for.
    package let dead: [RowRange]
    package let deadRowCount: Int

    /// Whether all that has died since is still kept.
    package let isWhole: Bool

    /// The earliest moment since which all is kept.
    package let oldest: SequenceNumber
}

extension WorkspaceStore {
    /// What happened after `then`, up to `now`.
    ///
    /// - Parameter rowsMax: dead rows are counted, and not named any more, once there are more.
    package func past(
        after then: SequenceNumber, through now: SequenceNumber, rowsMax: Int
    ) throws(StoreError) -> WorkspacePast {
        try database.read { connection in
            let (low, high) = (then.rawValue, now.rawValue)
            var (born, bornLiveCount) = ([RowRange](), 0)
            _ = try connection.rows(WorkspaceStatement.versionsBornAfter, low, high) { reader in
                let range = try reader.rowRange()
                born.append(range)
                // What has died after `now` was alive then.
                if try reader.optionalSequence().map({ $0 > now }) ?? true { bornLiveCount += range.count }
            }
            var (dead, deadRowCount) = ([RowRange](), 0)
            _ = try connection.rows(WorkspaceStatement.versionsDiedAfter, low, high) { reader in
                let range = try reader.rowRange()
                deadRowCount += range.count
                if deadRowCount <= rowsMax { dead.append(range) }
            }
            let lost =
                try connection.row(WorkspaceStatement.lastCollectedDeath) { try $0.sequence() } ?? .zero
            let oldest = max(lost, try connection.workspaceState().logStart)
            return WorkspacePast(
                born: born, bornLiveCount: bornLiveCount, dead: dead, deadRowCount: deadRowCount,
                isWhole: oldest <= then, oldest: oldest)
        }
    }

    /// The last commit made at `time` or before; nil if there is none.
    package func lastCommit(through time: Timestamp) throws(StoreError) -> SequenceNumber? {
        try database.read { connection in
            // Commits are never before the one before: what is looked for lies between two that are known.
            var (low, high) = (Int64(0), try connection.currentSequence().rawValue)
            while low < high {
                let middle = low + (high - low + 1) / 2
                let found = try connection.row(WorkspaceStatement.commitAtOrAfter, middle) { reader in
                    (sequence: try reader.integer(), time: try reader.timestamp())
                }
                guard let found, found.sequence <= high else {
                    high = middle - 1
                    continue
                }
                if found.time <= time { low = found.sequence } else { high = middle - 1 }
            }
            return low > 0 ? SequenceNumber(rawValue: low) : nil
        }
    }

    /// The rows of the version that a document had at a moment; nil if it had none.
    package func rows(
        of documentOrdinal: Int64, at moment: SequenceNumber
    ) throws(StoreError) -> RowRange? {
        try database.read { connection in
            try connection.row(WorkspaceStatement.rowsOfDocumentAt, documentOrdinal, moment.rawValue) {
                try $0.rowRange()
            }
        }
    }

    /// Whether there was a document at that path, or of that id, and there is none now.
    package func wasDeleted(path: String) throws(StoreError) -> Bool {
        try database.read { try $0.wasDeleted(WorkspaceStatement.documentForPath, path) }
    }

    package func wasDeleted(_ id: DocumentID) throws(StoreError) -> Bool {
        try database.read { try $0.wasDeleted(WorkspaceStatement.documentForCommit, id.rawValue) }
    }

    /// What became of a document the last time that it was ingested, of what is still known; nil where nothing is.
    package func latestItem(
        path: String
    ) throws(StoreError) -> (state: ItemState, failureReason: String?)? {
        try database.read { connection in
            try connection.row(JobStatement.latestItemOfPath, path) {
                (state: try $0.choice(), failureReason: try $0.optionalText())
            }
        }
    }

    /// The vectors of rows of a retained version, whatever their state, of those that have one in the space.
    package func indexedRows(
        _ rows: Range<Int64>, in space: SpaceID
    ) throws(StoreError) -> [IndexedRow] {
        try database.read { connection in
            try connection.rows(
                WorkspaceStatement.rowsBornBetween, rows.lowerBound, rows.upperBound, space.rawValue, 0,
                Int64.max, rows.count
            ) { try $0.indexedRow() }
            .compactMap(\.indexed)
        }
    }
}

extension Connection {
    fileprivate func wasDeleted(_ statement: WorkspaceStatement, _ name: String) throws -> Bool {
        try row(statement, name) { reader in
            _ = try reader.integer()
            let hasVersion = try reader.optionalInteger() != nil
            return try !hasVersion && reader.integer() > 0
        } ?? false
    }
}
