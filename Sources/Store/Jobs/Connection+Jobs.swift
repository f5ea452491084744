/// A job within a transaction that changes it.
struct JobForItems {
    let ordinal: Int64
    let state: JobState
    let counts: [String: Int]
}

extension Connection {
    func createJob(
        _ id: JobID, kind: String, source: String, _ state: JobState, _ key: RequestKey?, _ now: Timestamp
    ) throws -> JobRecord {
        if let key, let found = try job(of: key) { throw StoreError.requestRepeated(found.id) }
        let ordinal = try insertIfAbsent(
            JobStatement.insertJob, id.rawValue, kind, state.rawValue, source, now.milliseconds, key?.key,
            key?.request.data)
        guard let ordinal else { throw StoreError.jobExists(id) }
        return try job(ordinal: ordinal)
    }

    /// - Throws: `.requestKeyReused` if the key was another request's.
    func job(of key: RequestKey) throws -> JobRecord? {
        let found = try row(JobStatement.jobOfRequest, key.key) {
            (ordinal: try $0.integer(), request: try $0.digest())
        }
        guard let found else { return nil }
        guard found.request == key.request else { throw StoreError.requestKeyReused(key.key) }
        return try job(ordinal: found.ordinal)
    }

    func job(ordinal: Int64) throws -> JobRecord {
        guard let found = try row(JobStatement.jobByOrdinal, ordinal, decode: JobRecord.init) else {
            throw ColumnReader.damaged("no job \(ordinal)")
        }
        return found
    }

    func jobForItems(_ id: JobID) throws -> JobForItems {
        let found = try row(JobStatement.jobForItems, id.rawValue) { reader in
            JobForItems(
                ordinal: try reader.integer(), state: try reader.choice(), counts: try reader.json())
        }
        guard let found else { throw StoreError.jobNotFound(id) }
        return found
    }

    func nextEvent(of job: Int64, _ now: Timestamp) throws -> Int64 {
        guard let event = try row(JobStatement.nextEvent, now.milliseconds, job, decode: { try $0.integer() })
        else { throw ColumnReader.damaged("no job \(job)") }
        return event
    }

    /// - Returns: false if it was not in the old state.
    func move(
        _ job: Int64, from old: JobState, to new: JobState, _ now: Timestamp
    ) throws -> Bool {
        try run(JobStatement.moveJob, new.rawValue, now.milliseconds, job, old.rawValue) == 1
    }

    /// - Throws: `.jobItemExists`.
    func add(_ item: JobItem, toJob job: Int64, _ now: Timestamp) throws {
        let event = try nextEvent(of: job, now)
        let added = try run(
            JobStatement.addItem, job, item.path, item.mediaType, JSONColumn.text(of: item.attributes),
            item.origin, item.content?.data, item.byteCount, event, now.milliseconds)
        guard added == 1 else { throw StoreError.jobItemExists(path: item.path) }
    }

    func item(_ id: Int64) throws -> JobItemRecord? {
        try row(JobStatement.itemByID, id, decode: JobItemRecord.init)
    }

    func items(
        of job: Int64, in state: ItemState, after id: Int64, _ limit: Int
    ) throws -> [JobItemRecord] {
        try rows(JobStatement.itemsInState, job, state.rawValue, id, limit) { try $0.integer() }
            .compactMap { try item($0) }
    }

    /// Ends a job and fails items that have not ended, `limit` at most: with the first of them it has ended, so that
    /// whoever works on it goes no further. Where another has it ended so already, only what it left open is closed.
    ///
    /// - Returns: false if there is more.
    func end(
        _ id: JobID, as state: JobState, failing failure: ItemFailure, _ limit: Int, _ now: Timestamp
    ) throws -> Bool {
        let job = try jobForItems(id)
        if !job.state.isEnded {
            _ = try move(job.ordinal, from: job.state, to: state, now)
        } else if job.state != state {
            return true
        }
        var items: [JobItemRecord] = []
        for open in [ItemState.queued, .parsing, .embedding] where items.count < limit {
            items += try self.items(of: job.ordinal, in: open, after: 0, limit - items.count)
        }
        for item in items {
            let change = ItemChange(item.item, .failed, attempts: item.attempts, failure: failure)
            _ = try apply(change, ofJob: job.ordinal, now)
        }
        try add([JobCount.failed: items.count], checkpoint: nil, to: job, now)
        return items.count < limit
    }

    func hasItems(of job: Int64, in states: [ItemState]) throws -> Bool {
        try states.contains { try !items(of: job, in: $0, after: 0, 1).isEmpty }
    }

    /// - Returns: false if the item has ended already.
    func apply(_ change: ItemChange, ofJob job: Int64, _ now: Timestamp) throws -> Bool {
        let event = try nextEvent(of: job, now)
        let item = change.item
        let changed = try run(
            JobStatement.putItem, job, item.path, item.mediaType, JSONColumn.text(of: item.attributes),
            item.origin, item.content?.data, item.byteCount, change.state.rawValue, change.attempts,
            change.retryAt?.milliseconds, change.chunkCount, change.embeddedCount, change.tokenCount,
            change.failure?.code, change.failure?.reason, change.failure?.isRetriable == true ? 1 : 0, event,
            now.milliseconds)
        return changed == 1
    }

    func add(
        _ counts: [String: Int], checkpoint: String?, to job: JobForItems, _ now: Timestamp
    ) throws {
        guard !counts.isEmpty || checkpoint != nil else { return }
        let sums = job.counts.merging(counts) { $0 + $1 }
        try run(
            JobStatement.checkpointJob, checkpoint, JSONColumn.text(of: sums), now.milliseconds, job.ordinal)
    }

    /// Writes a checkpoint beside what it is about.
    ///
    /// - Throws: `.jobItemEnded` if somebody has called the item off, or done it; then nothing of the transaction may
    ///   happen.
    func write(_ checkpoint: JobCheckpoint, _ now: Timestamp) throws {
        let job = try jobForItems(checkpoint.job)
        if let change = checkpoint.item, try !apply(change, ofJob: job.ordinal, now) {
            throw StoreError.jobItemEnded(path: change.item.path)
        }
        try add(checkpoint.counts, checkpoint: checkpoint.checkpoint, to: job, now)
    }

    /// As `write`, but an item that has ended stays as it is, and nothing is thrown.
    func note(_ checkpoint: JobCheckpoint, _ now: Timestamp) throws {
        let job = try jobForItems(checkpoint.job)
        if let change = checkpoint.item { _ = try apply(change, ofJob: job.ordinal, now) }
        try add(checkpoint.counts, checkpoint: checkpoint.checkpoint, to: job, now)
    }

    /// Ends what older jobs still have in hand for a document: a later write has taken its place, and must not be
    /// undone by them.
    ///
    /// - Parameter job: the later write's own; nil for one without.
    func supersede(path: String, before job: JobID?, _ now: Timestamp) throws {
        let before = try job.map { try jobForItems($0).ordinal } ?? .max
        let open = try rows(JobStatement.openItemsOfPath, path, before) {
            (id: try $0.integer(), job: try $0.integer())
        }
        for (id, job) in open {
            guard let item = try item(id) else { continue }
            let failure = ItemFailure(
                code: "superseded", reason: "a later write took its place", isRetriable: false)
            _ = try apply(
                ItemChange(item.item, .unchanged, attempts: item.attempts, failure: failure), ofJob: job, now)
            let record = try self.job(ordinal: job)
            try add(
                [JobCount.superseded: 1], checkpoint: nil,
                to: JobForItems(ordinal: job, state: record.state, counts: record.counts), now)
        }
    }
}

extension JobRecord {
    init(_ reader: inout ColumnReader) throws {
        ordinal = try reader.integer()
        id = JobID(rawValue: try reader.text())
        kind = try reader.text()
        state = try reader.choice()
        source = try reader.text()
        checkpoint = try reader.optionalText()
        counts = try reader.json()
        createdAt = try reader.timestamp()
        updatedAt = try reader.timestamp()
        event = try reader.integer()
    }
}

extension JobItemRecord {
    fileprivate init(_ reader: inout ColumnReader) throws {
        id = try reader.integer()
        item = JobItem(
            path: try reader.text(), mediaType: try reader.text(), attributes: try reader.json(),
            origin: try reader.optionalText(), content: try reader.optionalDigest(),
            byteCount: try reader.count())
        state = try reader.choice()
        attempts = try reader.count()
        retryAt = try reader.optionalTimestamp()
        chunkCount = try reader.count()
        embeddedCount = try reader.count()
        tokenCount = try reader.count()
        let (code, reason) = (try reader.optionalText(), try reader.optionalText())
        let isRetriable = try reader.integer() != 0
        failure = code.map { ItemFailure(code: $0, reason: reason ?? "", isRetriable: isRetriable) }
        event = try reader.integer()
        updatedAt = try reader.timestamp()
    }
}
