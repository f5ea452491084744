package enum JobState: String, Sendable {
    case queued, running, succeeded, failed, cancelled
}

/// A piece of work that outlives the process doing it.
package struct JobRecord: Sendable, Equatable {
    /// Grows with every job; the key of a listing.
    package let ordinal: Int64
    package let id: JobID
    package let kind: String
    package let state: JobState
    /// What it works on, for example a folder.
    package let source: String
    /// JSON of the job's own making; nil before the first.
    package let checkpoint: String?
    package let counts: [String: Int]
    package let createdAt: Timestamp
    /// The last sign of life.
    package let updatedAt: Timestamp
}

/// A charge that waits to be carried to the ledger.
package struct PendingCharge: Sendable, Equatable {
    /// Grows with every charge; the key of a listing.
    package let ordinal: Int64
    package let charge: Charge
    /// The commit it was written with.
    package let sequence: SequenceNumber
    package let createdAt: Timestamp
}

extension WorkspaceStore {
    /// Notes a job as running.
    ///
    /// - Throws: `.jobExists`.
    package func createJob(_ id: JobID, kind: String, source: String) throws(StoreError) -> JobRecord {
        let now = environment.now().milliseconds
        return try database.write { connection in
            let ordinal = try connection.insertIfAbsent(
                WorkspaceStatement.insertJob, id.rawValue, kind, JobState.running.rawValue, source, now)
            guard ordinal != nil else { throw StoreError.jobExists(id) }
            return try connection.job(id)
        }
    }

    /// Sets a job's state; a nil checkpoint or nil counts stay as they were.
    package func updateJob(
        _ id: JobID, state: JobState, checkpoint: String? = nil, counts: [String: Int]? = nil
    ) throws(StoreError) {
        let now = environment.now().milliseconds
        try database.write { connection in
            let changed = try connection.run(
                WorkspaceStatement.updateJob, state.rawValue, checkpoint,
                try counts.map(JSONColumn.text(of:)), now,
                id.rawValue)
            guard changed == 1 else { throw StoreError.jobNotFound(id) }
        }
    }

    package func job(_ id: JobID) throws(StoreError) -> JobRecord {
        try database.read { try $0.job(id) }
    }

    /// Jobs in a state, oldest first; the next page begins after the last one's `ordinal`.
    package func jobs(
        _ state: JobState, after ordinal: Int64 = 0, limit: Int
    ) throws(StoreError) -> [JobRecord] {
        try database.read { connection in
            try connection.rows(WorkspaceStatement.jobsAfter, state.rawValue, ordinal, limit) {
                try $0.text()
            }
            .map { try connection.job(JobID(rawValue: $0)) }
        }
    }

    /// Charges not yet carried, oldest first; the next page begins after the last one's `ordinal`.
    package func pendingCharges(
        after ordinal: Int64 = 0, limit: Int
    ) throws(StoreError) -> [PendingCharge] {
        try database.read { connection in
            try connection.rows(WorkspaceStatement.pendingCharges, ordinal, limit) { reader in
                let ordinal = try reader.integer()
                let id = ChargeID(rawValue: try reader.text())
                let sequence = try reader.sequence()
                let charge = Charge(id: id, kind: try reader.text(), units: try reader.integer())
                return PendingCharge(
                    ordinal: ordinal, charge: charge, sequence: sequence, createdAt: try reader.timestamp())
            }
        }
    }

    /// Says that the ledger has these charges. Saying it again changes nothing.
    package func markCarried(_ charges: [ChargeID]) throws(StoreError) {
        let now = environment.now().milliseconds
        try database.write { connection in
            for charge in charges {
                try connection.run(WorkspaceStatement.carryCharge, now, charge.rawValue)
            }
        }
    }
}

extension Connection {
    fileprivate func job(_ id: JobID) throws -> JobRecord {
        let record = try row(WorkspaceStatement.jobByID, id.rawValue) { reader in
            JobRecord(
                ordinal: try reader.integer(), id: JobID(rawValue: try reader.text()),
                kind: try reader.text(),
                state: try reader.choice(), source: try reader.text(), checkpoint: try reader.optionalText(),
                counts: try reader.json(), createdAt: try reader.timestamp(),
                updatedAt: try reader.timestamp())
        }
        guard let record else { throw StoreError.jobNotFound(id) }
        return record
    }
}
