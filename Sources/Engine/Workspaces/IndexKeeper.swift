import Foundation
import Store
import Synchronization
import VectorIndex

/// Keeps one workspace's index true to its Store.
///
/// The Store decides and the index follows: commits are applied in the order of the log, by whichever process
/// they were made. Segments are derived, so every damage to one is mended by writing its rows anew. Calls
/// block on SQLite and files; run them on the pool.
final class IndexKeeper: Sendable {
    let index: VectorIndex
    let directory: URL
    private let store: WorkspaceStore
    private let space: SpaceRecord

    /// Held while commits are applied. A search that finds the index up to date does not take it.
    private let following = Mutex(())

    /// Held while segments are written or replaced; never by a search that meets no damage.
    private let sealing = Mutex(())

    /// Commits applied at a time: bounds the vectors in flight.
    private static let commitsPerStep = 64

    /// Deaths read at a time on opening.
    private static let deathsPerPage = 4_096

    /// - Throws: `StoreError`; `VectorIndexError` only if a segment cannot be written anew.
    init(store: WorkspaceStore, space: SpaceRecord, tailRowsMax: Int) throws {
        self.store = store
        self.space = space
        directory = URL(filePath: store.directoryPath).appending(
            path: "segments", directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        index = VectorIndex(
            configuration: VectorIndexConfiguration(dimension: space.key.dimension, tailRowsMax: tailRowsMax))
        try open()
    }

    // MARK: Following

    /// A snapshot that holds every commit made before this call.
    func currentSnapshot() throws -> IndexSnapshot {
        let snapshot = index.snapshot
        guard snapshot.sequence < (try store.currentSequence().rawValue) else { return snapshot }
        try follow()
        return index.snapshot
    }

    /// Applies what the log has beyond the index, sealing where the tail grows past four times its bound.
    func follow() throws {
        while try step() {}
    }

    /// One step along the log; false at its end.
    private func step() throws -> Bool {
        do {
            return try following.withLock { _ in
                let after = SequenceNumber(rawValue: index.snapshot.sequence)
                let commits = try store.commits(after: after, in: space.id, limit: Self.commitsPerStep)
                guard !commits.isEmpty else { return false }
                try index.apply(commits.map { IndexChange($0) })
                return true
            }
        } catch VectorIndexError.tailFull {
            try seal()
        } catch StoreError.logTruncated {
            // Deaths this index has not seen were forgotten: what is not sealed comes from the rows
            // themselves.
            try sealFromStore()
        } catch VectorIndexError.segmentDamaged(let number, _) {
            try repair(segment: number)
        }
        return true
    }

    // MARK: Sealing

    /// Seals the tail if it is past the index's own bound, or holds `rows` or more.
    func sealIfNeeded(atLeast rows: Int? = nil) throws {
        let tail = index.tailState
        let isWanted = rows.map { tail.rowCount >= max($0, 1) } ?? false
        if tail.needsSealing || isWanted { try seal() }
    }

    /// Writes the tail as a segment: the number is committed first, then the file, the manifest row, the
    /// snapshot.
    ///
    /// - Throws: `ManifestMoved` if another process sealed some of these rows first.
    private func seal() throws {
        try sealing.withLock { _ in
            let number = try store.allocateSegment(in: space.id, kind: .vectors).number
            let written = try index.writeSegment(number: number.rawValue, in: directory)
            try publish(written, retiring: [])
        }
    }

    private func publish(_ written: SegmentDescription, retiring retired: [SegmentNumber]) throws {
        do {
            try store.publishSegment(SegmentEntry(written), retiring: retired)
        } catch {
            switch error {
            case .segmentOverlaps, .segmentStateMismatch:
                unlink(written.number)
                throw ManifestMoved()
            default: throw error
            }
        }
        try index.publish(written, in: directory, replacing: retired.map(\.rawValue))
        for number in retired { unlink(number.rawValue) }
    }

    /// Snapshots that are still searched keep their mapping, and the name is never used again.
    private func unlink(_ number: Int64) {
        let name = SegmentDescription.fileName(number: number)
        try? FileManager.default.removeItem(at: directory.appending(path: name))
    }

    // MARK: Opening and repair

    private func open() throws {
        let live = try liveSegments()
        let covered = live.map(\.entry.sequences.upperBound).max() ?? .zero
        let deletions = try deadRows(through: covered)
        var sound = live
        var damaged: [SegmentRecord] = []
        while true {
            do {
                try index.open(
                    sound.map { SegmentDescription($0, dimension: space.key.dimension) }, in: directory,
                    deletions: deletions, sequence: covered.rawValue)
                break
            } catch {
                guard let number = error.damagedSegment,
                    let position = sound.firstIndex(where: { $0.number.rawValue == number })
                else { throw error }
                damaged.append(sound.remove(at: position))
            }
        }
        for segment in damaged { try rewrite(segment.number) }
    }

    private func liveSegments() throws -> [SegmentRecord] {
        try store.liveSegments(in: space.id).segments.filter { $0.kind == .vectors }
    }

    private func deadRows(through last: SequenceNumber) throws -> [RowID] {
        var deaths: [RowID] = []
        var after = SequenceNumber.zero
        while true {
            let page = try store.deadRows(
                in: space.id, diedAfter: after, diedThrough: last, limit: Self.deathsPerPage)
            deaths += page.flatMap(\.rows.rows).map { RowID(rawValue: $0.rawValue) }
            guard let end = page.last, page.count == Self.deathsPerPage else { return deaths }
            after = end.died
        }
    }

    /// Writes a damaged segment's rows anew from the Store.
    ///
    /// Until that is done a search would miss its rows, so the caller searches again only afterwards. Of two
    /// searches that meet the same damage the second finds it mended.
    func repair(segment number: Int64) throws {
        guard index.snapshot.segments.contains(where: { $0.number == number }) else { return }
        try rewrite(SegmentNumber(rawValue: number))
    }

    /// - Throws: `ManifestMoved` if the segment is not live any more: another process replaced it.
    private func rewrite(_ number: SegmentNumber) throws {
        try sealing.withLock { _ in
            guard let record = try liveSegments().first(where: { $0.number == number }) else {
                throw ManifestMoved()
            }
            let sequences = record.entry.sequences
            _ = try write(sequences.lowerBound.rawValue...sequences.upperBound.rawValue, retiring: [number])
        }
    }

    /// Writes every segment, and the tail with them, anew. Searches go on over the old ones until the new one
    /// is there.
    ///
    /// - Returns: rows and segments written.
    func rebuild() throws -> RebuildReport {
        try follow()
        return try sealing.withLock { _ in
            let last = index.snapshot.sequence
            guard last > 0 else { return RebuildReport(rowCount: 0, segmentCount: 0) }
            let rowCount = try write(1...last, retiring: liveSegments().map(\.number))
            return RebuildReport(rowCount: rowCount, segmentCount: 1)
        }
    }

    /// Writes what no live segment covers from the Store's rows.
    ///
    /// - Throws: `ManifestMoved`, always: the index opens anew from what is live then.
    private func sealFromStore() throws {
        try sealing.withLock { _ in
            let covered = try liveSegments().map(\.entry.sequences.upperBound).max() ?? .zero
            let last = try store.currentSequence()
            guard covered < last else { return }
            let number = try store.allocateSegment(in: space.id, kind: .vectors).number
            let written = try SegmentRewriter(store: store, space: space, directory: directory)
                .write(number: number, sequences: covered.rawValue + 1...last.rawValue)
            try store.publishSegment(SegmentEntry(written))
        }
        throw ManifestMoved()
    }

    /// Builds one segment from the Store's rows born in `sequences`, in memory bounded by a page, and puts it
    /// in the place of `retired`.
    private func write(_ sequences: ClosedRange<Int64>, retiring retired: [SegmentNumber]) throws -> Int {
        let number = try store.allocateSegment(in: space.id, kind: .vectors).number
        let written = try SegmentRewriter(store: store, space: space, directory: directory)
            .write(number: number, sequences: sequences)
        try publish(written, retiring: retired)
        return written.rowCount
    }
}

/// Another process changed the manifest under this keeper: open anew from what is live now.
struct ManifestMoved: Error {}

/// What a rebuild wrote.
package struct RebuildReport: Sendable, Hashable {
    package var rowCount: Int
    package var segmentCount: Int
}
