import Foundation
import Store
import TextIndex
import VectorIndex

extension Workspace {
    /// More passages than this that have died since are not brought back for one search: with 384 dimensions they take
    /// a hundred megabytes.
    static var deadRowsMax: Int { 65_536 }

    /// Rows read at a time.
    private static var rowsPerPage: Int { 1_024 }

    /// The view as a question sees it: of its moment, with the rows that its filter and its words' marks leave.
    ///
    /// The filter's documents are those of the view's moment, or where commits come faster than they are found, of a
    /// moment during this call.
    ///
    /// - Throws: `StoreError.filterTooBroad`.
    func view(_ now: SearchView, for plan: QueryPlan) throws -> SearchView {
        var view = now
        if let matched = try matchedDocuments(plan.request.filter, asOf: now.filterMoment) {
            view.matched = MatchedRows(documentCount: matched.count, rowCount: nil)
            view.admission = RowAdmission().and(documents: matched.rows)
        }
        if let moment = plan.request.asOf { view = try self.view(view, asOf: moment, in: plan.live) }
        if let words = plan.words, words.hasMarks, let texts = view.texts {
            // Searching for words sees to that itself.
            let allowed = try texts.rows(allowedBy: words)
            view.vectorAdmission = (view.admission ?? RowAdmission()).and { row, _ in allowed.contains(row) }
        }
        return view
    }

    /// The view as it was at an earlier moment: without what was born since, and with what has died since.
    ///
    /// Attributes and folders are today's: they belong to documents, not to versions.
    ///
    /// - Throws: `EngineError.search` if the moment is to come, or what has died since is not all kept.
    func view(_ now: SearchView, asOf moment: SnapshotReference, in space: SpaceRecord) throws -> SearchView {
        let newest = SequenceNumber(rawValue: now.sequence)
        let then = try sequence(of: moment, newest: newest)
        guard then < newest else { return now }
        let past = try store.past(after: then, through: newest, rowsMax: Self.deadRowsMax)
        guard past.isWhole else {
            throw EngineError.search(.snapshotExpired(found: then.rawValue, oldest: past.oldest.rawValue))
        }
        guard past.deadRowCount <= Self.deadRowsMax else {
            throw EngineError.search(
                .snapshotTooFar(rowCount: past.deadRowCount, rowCountMax: Self.deadRowsMax))
        }
        var view = now
        let born = RowRanges(past.born)
        view.admission = (view.admission ?? RowAdmission()).and { row, _ in !born.contains(row) }
        view.moment = then.rawValue
        view.laterRowCount = past.bornLiveCount
        view.committedCount = now.committedCount - past.bornLiveCount + past.deadRowCount
        try revive(past.dead, in: &view, space)
        return view
    }

    private func sequence(
        of moment: SnapshotReference, newest: SequenceNumber
    ) throws -> SequenceNumber {
        switch moment {
        case .sequence(let sequence):
            guard (0...newest.rawValue).contains(sequence) else {
                throw EngineError.search(.snapshotUnknown(found: sequence, newest: newest.rawValue))
            }
            return SequenceNumber(rawValue: sequence)
        case .time(let date):
            let time = Timestamp(milliseconds: Int64((date.timeIntervalSince1970 * 1000).rounded(.down)))
            guard time <= environment.now(), let found = try store.lastCommit(through: time) else {
                throw EngineError.search(.momentOutside)
            }
            return min(found, newest)
        }
    }

    /// Adds rows that have died to both snapshots, which are values: nobody else sees them there.
    private func revive(_ dead: [RowRange], in view: inout SearchView, _ space: SpaceRecord) throws {
        for range in dead {
            for start in stride(from: 0, to: range.count, by: Self.rowsPerPage) {
                let low = range.lowerBound.rawValue + Int64(start)
                let high = min(low + Int64(Self.rowsPerPage), range.upperBound.rawValue)
                if let vectors = view.vectors {
                    let rows = try store.indexedRows(low..<high, in: space.id)
                    view.vectors = try vectors.including(rows.map { IndexRow($0) })
                }
                if let texts = view.texts {
                    let rows = try store.indexedTexts(low..<high)
                    view.texts = try texts.including(rows.map { TextRow($0) })
                }
            }
        }
    }
}

/// Rows in ranges that are apart, by binary search.
struct RowRanges: Sendable {
    private let lowerBounds: [Int64]
    private let upperBounds: [Int64]

    init(_ ranges: [RowRange]) {
        let ordered = ranges.filter { $0.count > 0 }.sorted { $0.lowerBound < $1.lowerBound }
        lowerBounds = ordered.map(\.lowerBound.rawValue)
        upperBounds = ordered.map(\.upperBound.rawValue)
    }

    func contains(_ row: Int64) -> Bool {
        var (low, high) = (0, lowerBounds.count)
        while low < high {
            let middle = (low + high) / 2
            if lowerBounds[middle] <= row { low = middle + 1 } else { high = middle }
        }
        return low > 0 && row < upperBounds[low - 1]
    }
}
