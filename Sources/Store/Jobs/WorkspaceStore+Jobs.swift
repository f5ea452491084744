extension WorkspaceStore {
    /// Notes a job.
    ///
    /// - Parameter key: of the request that the job is; the same request again is told of the job there is.
    /// - Throws: `.jobExists`; `.requestRepeated`, `.requestKeyReused`.
    package func createJob(
        _ id: JobID, kind: String, source: String, state: JobState = .running, key: RequestKey? = nil
    ) throws(StoreError) -> JobRecord {
        let now = environment.now()
        let job = try database.write { try $0.createJob(id, kind: kind, source: source, state, key, now) }
        environment.reached(.jobCreated)
        return job
    }

    /// Adds items to a job, in transactions of at most `batchRowsMax`; each is queued, and waits until the job is.
    ///
    /// - Throws: `.jobNotFound`; `.jobItemExists` for a path that is in the job already.
    package func addItems(
        _ items: [JobItem], adding counts: [String: Int] = [:], to job: JobID
    ) throws(StoreError) {
        let now = environment.now()
        for start in stride(from: 0, to: items.count, by: Self.batchRowsMax) {
            let batch = items[start..<min(start + Self.batchRowsMax, items.count)]
            try database.write { connection in
                let job = try connection.jobForItems(job)
                for item in batch { try connection.add(item, toJob: job.ordinal, now) }
                if start == 0 { try connection.add(counts, checkpoint: nil, to: job, now) }
                environment.reached(.itemsWritten)
            }
            environment.reached(.itemsDurable)
        }
    }

    /// Sets a job's state; a nil checkpoint or nil counts stay as they were.
    package func updateJob(
        _ id: JobID, state: JobState, checkpoint: String? = nil, counts: [String: Int]? = nil
    ) throws(StoreError) {
        let now = environment.now().milliseconds
        try database.write { connection in
            let changed = try connection.run(
                JobStatement.updateJob, state.rawValue, checkpoint, try counts.map(JSONColumn.text(of:)), now,
                id.rawValue)
            guard changed == 1 else { throw StoreError.jobNotFound(id) }
        }
    }

    /// Moves a job from one state to another.
    ///
    /// - Returns: false if it was not in that state.
    package func moveJob(_ id: JobID, from old: JobState, to new: JobState) throws(StoreError) -> Bool {
        let now = environment.now()
        let isMoved = try database.write { connection in
            let job = try connection.jobForItems(id)
            return try connection.move(job.ordinal, from: old, to: new, now)
        }
        environment.reached(.jobMoved)
        return isMoved
    }

    /// Writes down what has become of items, and what is to be added to the job's counts: one transaction. An item
    /// that has ended already stays as it is.
    package func record(
        _ changes: [ItemChange], adding counts: [String: Int] = [:], to job: JobID
    ) throws(StoreError) {
        let now = environment.now()
        try database.write { connection in
            let found = try connection.jobForItems(job)
            for change in changes { _ = try connection.apply(change, ofJob: found.ordinal, now) }
            try connection.add(counts, checkpoint: nil, to: found, now)
        }
        environment.reached(.itemStateDurable)
    }

    /// Ends a running job: it has succeeded if no item has failed. One with items that have not ended stays.
    ///
    /// - Returns: the job as it is then.
    package func finishJob(_ id: JobID) throws(StoreError) -> JobRecord {
        let now = environment.now()
        return try database.write { connection in
            let job = try connection.jobForItems(id)
            if try !connection.hasItems(of: job.ordinal, in: [.queued, .parsing, .embedding]) {
                let isFailed = try connection.hasItems(of: job.ordinal, in: [.failed])
                _ = try connection.move(
                    job.ordinal, from: .running, to: isFailed ? .failed : .succeeded, now)
            }
            return try connection.job(ordinal: job.ordinal)
        }
    }

    /// Calls a job off, and fails the items that have not ended, `batchRowsMax` at a time.
    ///
    /// - Returns: the job as it is then; one that has ended is left alone.
    package func cancelJob(_ id: JobID, failing failure: ItemFailure) throws(StoreError) -> JobRecord {
        try end(id, as: .cancelled, failing: failure)
    }

    /// Ends a job that nobody will go on with.
    package func interruptJob(_ id: JobID, failing failure: ItemFailure) throws(StoreError) -> JobRecord {
        try end(id, as: .interrupted, failing: failure)
    }

    /// Closes the items of a job that has ended: whoever ended it came no further, since the disk was full, or it died.
    ///
    /// - Returns: false if there is no such job.
    package func closeEndedJob(failing failure: ItemFailure) throws(StoreError) -> Bool {
        let found = try database.read { connection in
            try connection.row(JobStatement.endedJobWithOpenItem) { reader -> (id: JobID, state: JobState) in
                (JobID(rawValue: try reader.text()), try reader.choice())
            }
        }
        guard let found else { return false }
        _ = try end(found.id, as: found.state, failing: failure)
        return true
    }

    private func end(
        _ id: JobID, as state: JobState, failing failure: ItemFailure
    ) throws(StoreError) -> JobRecord {
        let now = environment.now()
        while try !database.write({ try $0.end(id, as: state, failing: failure, Self.batchRowsMax, now) }) {}
        return try job(id)
    }

    /// The key of the request that the job was is free again.
    package func releaseRequest(of id: JobID) throws(StoreError) {
        try database.write { _ = try $0.run(JobStatement.releaseRequest, id.rawValue) }
    }

    /// Queues a job's failed items again, and the job. All of them: what was wrong with a document may have been
    /// mended where it came from.
    ///
    /// - Returns: how many.
    package func retryJob(_ id: JobID) throws(StoreError) -> Int {
        let now = environment.now()
        var requeued = 0
        while true {
            let batch = try database.write { connection in
                let job = try connection.jobForItems(id)
                guard job.state.isEnded else { return 0 }
                let items = try connection.items(of: job.ordinal, in: .failed, after: 0, Self.batchRowsMax)
                for item in items {
                    let event = try connection.nextEvent(of: job.ordinal, now)
                    try connection.run(JobStatement.requeueItem, item.id, event, now.milliseconds)
                }
                try connection.add([JobCount.failed: -items.count], checkpoint: nil, to: job, now)
                if items.count < Self.batchRowsMax, requeued + items.count > 0 {
                    _ = try connection.move(job.ordinal, from: job.state, to: .queued, now)
                }
                return items.count
            }
            requeued += batch
            if batch < Self.batchRowsMax { return requeued }
        }
    }
}

/// The names of a job's counts that the Store itself writes.
package enum JobCount {
    package static let failed = "failed"
    package static let superseded = "superseded"
}

extension WorkspaceStore {
    package func job(_ id: JobID) throws(StoreError) -> JobRecord {
        try database.read { connection in
            guard let found = try connection.row(JobStatement.jobByID, id.rawValue, decode: JobRecord.init)
            else { throw StoreError.jobNotFound(id) }
            return found
        }
    }

    /// The job that a request was, if it was one.
    package func job(of key: RequestKey) throws(StoreError) -> JobRecord? {
        try database.read { try $0.job(of: key) }
    }

    /// Jobs in a state, oldest first; the next page begins after the last one's `ordinal`.
    package func jobs(
        _ state: JobState, after ordinal: Int64 = 0, limit: Int
    ) throws(StoreError) -> [JobRecord] {
        try database.read { connection in
            try connection.rows(JobStatement.jobsInState, state.rawValue, ordinal, limit) {
                try $0.integer()
            }
            .map { try connection.job(ordinal: $0) }
        }
    }

    /// Jobs, newest first; the next page begins before the last one's `ordinal`.
    package func jobs(before ordinal: Int64 = .max, limit: Int) throws(StoreError) -> [JobRecord] {
        try database.read { connection in
            try connection.rows(JobStatement.jobsBefore, ordinal, limit) { try $0.integer() }
                .map { try connection.job(ordinal: $0) }
        }
    }

    /// A job's items in a state, in the order in which they were added; the next page begins after the last one's id.
    package func items(
        of job: JobID, in state: ItemState, after id: Int64 = 0, limit: Int
    ) throws(StoreError) -> [JobItemRecord] {
        try database.read { connection in
            try connection.items(of: connection.jobForItems(job).ordinal, in: state, after: id, limit)
        }
    }

    /// What a job's items have become since an event, each once, as it is now.
    package func items(
        of job: JobID, changedAfter event: Int64, limit: Int
    ) throws(StoreError) -> [JobItemRecord] {
        try database.read { connection in
            let ordinal = try connection.jobForItems(job).ordinal
            return try connection.rows(JobStatement.itemsAfterEvent, ordinal, event, limit) {
                try $0.integer()
            }
            .compactMap { try connection.item($0) }
        }
    }

    /// Whether any job waits for somebody to do it.
    package func hasQueuedJobs() throws(StoreError) -> Bool {
        try !jobs(.queued, limit: 1).isEmpty
    }
}

// MARK: Charges

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
