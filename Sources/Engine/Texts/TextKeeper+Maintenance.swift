import Store
import Synchronization
import TextIndex

extension TextKeeper {
    /// Rows in memory at a time where a segment is written from the Store.
    private static var rowsPerPage: Int { 1_024 }

    /// The segments that are to be made one next; empty if there are none.
    var nextCompaction: [Int64] {
        let plan = CompactionPlan(
            segments: index.snapshot.segmentSummaries.map { CompactionPlan.Segment($0) }, quantizer: nil,
            trainingRowsMin: .max)
        guard case .rewrite(let segments) = plan.next else { return [] }
        return segments
    }

    /// Makes one segment of several, without their dead rows. Searches, commits and the sealing of the tail go on.
    ///
    /// - Throws: `PostingsMoved` if somebody else changed these segments first, and
    ///   `TextIndexError.compactionStopped`; nothing was changed then.
    func compact(
        _ segments: [Int64], mayGoOn: () -> Bool, report: (MaintenanceEvent.Moment) -> Void
    ) throws {
        let sequence = index.snapshot.sequence
        let written = try index.writeCompacted(
            segments, number: allocate(), in: directory, isCancelled: { !mayGoOn() })
        report(.written)
        try sealing.withLock { _ in
            try publish(written, replacing: segments, purgedThrough: sequence, report: report)
        }
    }

    /// Whether another process has published something that this index does not know of.
    func isOutdated() throws -> Bool {
        let known = index.snapshot.segments.map(\.number).max() ?? 0
        return try store.newestLivePostings()?.rawValue ?? 0 > known
    }

    // MARK: Repair

    /// Writes a segment anew from the Store's rows.
    ///
    /// - Throws: `PostingsMoved` if the segment is not live any more: another process replaced it.
    func rewrite(_ number: Int64) throws {
        try sealing.withLock { _ in
            let live = try store.livePostings().segments
            guard let record = live.first(where: { $0.number.rawValue == number }) else {
                throw PostingsMoved()
            }
            let sequences = record.entry.sequences
            let sequence = index.snapshot.sequence
            let written = try write(sequences.lowerBound.rawValue...sequences.upperBound.rawValue)
            try publish(written, replacing: [number], purgedThrough: sequence)
        }
    }

    /// Writes every segment, and the tail with them, anew into one.
    ///
    /// - Returns: rows written. The index is to be opened anew then.
    func rebuild() throws -> Int {
        try follow()
        return try sealing.withLock { _ in
            let last = index.snapshot.sequence
            guard last > 0 else { return 0 }
            let replaced = try store.livePostings().segments.map(\.number.rawValue)
            let written = try write(1...last)
            try publish(written, replacing: replaced, purgedThrough: last)
            return written.rowCount
        }
    }

    /// Writes a segment from the Store's rows, a page at a time.
    ///
    /// - Parameter sequences: births covered. Rows that have died by the index's own sequence are left out: it may
    ///   have forgotten that they did; later deaths are left to the tombstones.
    func write(_ sequences: ClosedRange<Int64>) throws -> PostingsDescription {
        let sequence = max(sequences.upperBound, index.snapshot.sequence)
        let builder = PostingsBuilder(
            number: try allocate(), sequences: sequences, configuration: index.configuration, in: directory)
        let born =
            SequenceNumber(rawValue: sequences.lowerBound)...SequenceNumber(rawValue: sequences.upperBound)
        var cursor: RowCursor?
        repeat {
            let page = try store.texts(bornIn: born, from: cursor, limit: Self.rowsPerPage)
            let alive = page.texts.filter { $0.died.map { $0.rawValue > sequence } ?? true }
            try builder.append(alive.map { TextRow($0) })
            cursor = page.next
        } while cursor != nil
        return try builder.finish()
    }
}

extension CompactionPlan.Segment {
    init(_ summary: PostingsSummary) {
        self.init(
            number: summary.description.number, firstSequence: summary.description.sequences.lowerBound,
            rowCount: summary.description.rowCount, deletedRowCount: summary.deletedRowCount)
    }
}
