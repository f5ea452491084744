/// What a commit costs, written with it and carried to the ledger later.
package struct Charge: Sendable, Equatable {
    /// The idempotency key: a key is charged once, ever.
    package let id: ChargeID
    package let kind: String
    package let units: Int64

    package init(id: ChargeID, kind: String, units: Int64) {
        self.id = id
        self.kind = kind
        self.units = units
    }
}

extension WorkspaceStore {
    /// Makes a staged version the document's live one and retires the one before it: one small transaction,
    /// which also writes the charge and the job's checkpoint. All of it happens or none.
    ///
    /// - Parameter expectedRevision: the document's revision on which the version was built, usually
    ///   `StagedVersion.revision`.
    /// - Throws: `.versionConflict` if somebody else committed since; `.versionNotStaged`;
    ///   `.stagingIncomplete`; `.spaceNotLive`; `.chargeExists`; `.jobNotFound`; `.jobItemEnded`.
    package func commit(
        _ version: VersionID, expectedRevision: Int64, charge: Charge? = nil, checkpoint: JobCheckpoint? = nil
    ) throws(StoreError) -> CommitRecord {
        let record = try database.write { connection in
            let record = try connection.publish(
                version, expectedRevision: expectedRevision, charge: charge, checkpoint: checkpoint,
                now: environment.now())
            environment.reached(.commitWritten)
            return record
        }
        environment.reached(.commitDurable)
        return record
    }

    /// Takes a document away; its version is retired and kept until the retention horizon.
    ///
    /// - Parameters:
    ///   - expectedRevision: nil deletes whatever is there.
    ///   - key: of the request that the deletion is.
    /// - Throws: `.documentNotFound`; `.versionConflict`; `.requestRepeated`, `.requestKeyReused`.
    package func deleteDocument(
        _ id: DocumentID, expectedRevision: Int64? = nil, charge: Charge? = nil,
        checkpoint: JobCheckpoint? = nil, key: RequestKey? = nil
    ) throws(StoreError) -> CommitRecord {
        let record = try database.write { connection in
            try connection.claim(key, as: "delete", source: id.rawValue, environment, environment.now())
            let found = try connection.row(WorkspaceStatement.documentForCommit, id.rawValue) { reader in
                (
                    ordinal: try reader.integer(), current: try reader.optionalInteger(),
                    revision: try reader.integer(), path: try reader.text()
                )
            }
            guard let found, let current = found.current.map(VersionID.init(rawValue:)) else {
                throw StoreError.documentNotFound(found: id.rawValue)
            }
            guard found.revision == expectedRevision ?? found.revision else {
                throw StoreError.versionConflict(
                    document: id, expected: expectedRevision ?? found.revision, found: found.revision)
            }
            let now = try connection.commitTime(environment.now())
            try connection.run(
                WorkspaceStatement.withdrawDocument, now.milliseconds, found.ordinal, found.revision)
            let record = try connection.log(
                .delete, found.ordinal, version: nil, retired: current, revision: found.revision + 1, now)
            try connection.retire(current, record)
            try connection.list([:], of: found.ordinal)
            try connection.supersede(path: found.path, before: checkpoint?.job, now)
            try connection.settle(charge, checkpoint, record)
            environment.reached(.deletionWritten)
            return record
        }
        environment.reached(.deletionDurable)
        return record
    }
}

extension Connection {
    /// The transaction of `commit`.
    func publish(
        _ version: VersionID, expectedRevision: Int64, charge: Charge?, checkpoint: JobCheckpoint?,
        now: Timestamp
    ) throws -> CommitRecord {
        let staged = try stagedState(of: version)
        guard staged.spaceState == .live else { throw StoreError.spaceNotLive(staged.space) }
        let tokenCount = try countTokens(of: version, staged.rows)
        let now = try commitTime(now)
        let changed = try run(
            WorkspaceStatement.publishDocument, version.rawValue, now.milliseconds, staged.documentOrdinal,
            expectedRevision)
        guard changed == 1 else {
            throw StoreError.versionConflict(
                document: staged.document, expected: expectedRevision, found: staged.revision)
        }
        let record = try log(
            .put, staged.documentOrdinal, version: version, retired: staged.currentVersion,
            revision: expectedRevision + 1, now)
        if let old = staged.currentVersion { try retire(old, record) }
        try listAttributes(of: version, document: staged.documentOrdinal)
        try run(
            WorkspaceStatement.makeLive, now.milliseconds, record.sequence.rawValue, tokenCount,
            version.rawValue)
        try run(
            WorkspaceStatement.addToCounts, 1, staged.rows.count, tokenCount, staged.byteCount)
        try supersede(path: staged.path, before: checkpoint?.job, now)
        try settle(charge, checkpoint, record)
        return record
    }

    /// The tokens of a version whose chunks are all there.
    fileprivate func countTokens(of version: VersionID, _ rows: RowRange) throws -> Int {
        let found = try row(
            WorkspaceStatement.stagedCounts, rows.lowerBound.rawValue, rows.upperBound.rawValue
        ) { (chunks: try $0.count(), tokens: try $0.count()) }
        guard let found, found.chunks == rows.count else {
            throw StoreError.stagingIncomplete(version, expected: rows.count, found: found?.chunks ?? 0)
        }
        return found.tokens
    }

    /// A clock that was set back does not take the log with it.
    fileprivate func commitTime(_ now: Timestamp) throws -> Timestamp {
        max(now, try row(WorkspaceStatement.lastCommitTime) { try $0.timestamp() } ?? now)
    }

    fileprivate func log(
        _ kind: CommitKind, _ documentOrdinal: Int64, version: VersionID?, retired: VersionID?,
        revision: Int64,
        _ now: Timestamp
    ) throws -> CommitRecord {
        let sequence = try insert(
            WorkspaceStatement.insertCommit, documentOrdinal, kind.rawValue, version?.rawValue,
            retired?.rawValue,
            revision, now.milliseconds)
        return CommitRecord(
            sequence: SequenceNumber(rawValue: sequence), kind: kind, documentOrdinal: documentOrdinal,
            version: version, retiredVersion: retired, revision: revision, committedAt: now)
    }

    fileprivate func retire(_ version: VersionID, _ record: CommitRecord) throws {
        try run(
            WorkspaceStatement.retire, record.committedAt.milliseconds, record.sequence.rawValue,
            version.rawValue)
        let totals = try row(WorkspaceStatement.versionTotals, version.rawValue) {
            (chunks: try $0.count(), tokens: try $0.count(), bytes: try $0.count())
        }
        guard let totals else { throw StoreError.versionNotFound(version) }
        try run(WorkspaceStatement.addToCounts, -1, -totals.chunks, -totals.tokens, -totals.bytes)
    }

    fileprivate func settle(_ charge: Charge?, _ checkpoint: JobCheckpoint?, _ record: CommitRecord) throws {
        let now = record.committedAt.milliseconds
        if let charge {
            let ordinal = try insertIfAbsent(
                WorkspaceStatement.insertCharge, charge.id.rawValue, record.sequence.rawValue, charge.kind,
                charge.units, now)
            guard ordinal != nil else { throw StoreError.chargeExists(charge.id) }
        }
        if let checkpoint { try write(checkpoint, record.committedAt) }
    }
}
