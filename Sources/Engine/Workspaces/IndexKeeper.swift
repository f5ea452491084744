import Foundation
import Store
import Synchronization
import VectorIndex

/// Keeps one workspace's index true to its Store.
///
/// The Store decides and the index follows: commits are applied in the order of the log, by whichever process
/// they were made. Segments and quantizers are derived, so every damage to one is mended by writing its rows
/// anew. Calls block on SQLite and files; run them on the pool.
final class IndexKeeper: Sendable {
    let index: VectorIndex
    let directory: URL
    let store: WorkspaceStore
    let space: SpaceRecord
    let trainingRowsMin: Int

    /// Held while commits are applied. A search that finds the index up to date does not take it.
    private let following = Mutex(())

    /// Held while the tail is sealed, a segment mended, or what maintenance wrote is published; never while it is
    /// written, and never by a search that meets no damage.
    let sealing = Mutex(())

    private let tailRowsMax: Int

    /// Commits applied at a time: bounds the vectors in flight, with `tailRowsMax`.
    private static let commitsPerStep = 64

    /// - Throws: `StoreError`; `VectorIndexError` only if a segment cannot be written anew; `ManifestMoved`.
    init(store: WorkspaceStore, space: SpaceRecord, configuration: EngineConfiguration) throws {
        self.store = store
        self.space = space
        trainingRowsMin = configuration.trainingRowsMin
        tailRowsMax = configuration.tailRowsMax
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
                let commits = try store.commits(
                    after: after, in: space.id, limit: Self.commitsPerStep, rowsMax: tailRowsMax)
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
            try repair(.segment(number))
        }
        return true
    }

    // MARK: Sealing

    /// Seals the tail if it is past the index's own bound, or holds `rows` or more.
    func sealIfNeeded(atLeast rows: Int? = nil) throws {
        func isWanted() -> Bool {
            let tail = index.tailState
            return tail.needsSealing || rows.map { tail.rowCount >= max($0, 1) } ?? false
        }
        if isWanted() { try seal(if: isWanted) }
    }

    /// Writes the tail as a segment: the number is committed first, then the file, the manifest row, the
    /// snapshot.
    ///
    /// - Parameter isWanted: asked once it is our turn: of several who find the tail full one seals it.
    /// - Throws: `ManifestMoved` if another process sealed some of these rows first.
    private func seal(if isWanted: () -> Bool = { true }) throws {
        try sealing.withLock { _ in
            guard isWanted() else { return }
            let quantizer = index.quantizer
            let sequence = index.snapshot.sequence
            let number = try allocate(.vectors)
            let written = try index.writeSegment(number: number, in: directory)
            try publish(written, replacing: [], purgedThrough: sequence, needing: quantizer)
        }
    }

    func allocate(_ kind: SegmentKind) throws -> Int64 {
        try store.allocateSegment(in: space.id, kind: kind).number.rawValue
    }

    /// Makes a written segment live and unlinks those that it replaces. The caller holds `sealing`.
    ///
    /// - Parameters:
    ///   - sequence: where the index stood when writing began: who had died by then is not in the file.
    ///   - quantizer: the one that its lists were made with.
    ///   - report: told when the manifest has it, and when searches do; what is replaced is unlinked after that.
    /// - Throws: `ManifestMoved` if another process changed the manifest; the file is gone then.
    func publish(
        _ written: SegmentDescription, replacing replaced: [Int64], purgedThrough sequence: Int64,
        needing quantizer: QuantizerDescription?,
        report: (MaintenanceEvent.Moment) -> Void = { _ in }
    ) throws {
        store.environment.reached(.segmentSealed)
        do {
            try store.publishSegment(
                SegmentEntry(written, purgedThrough: sequence),
                retiring: replaced.map { SegmentNumber(rawValue: $0) },
                needing: quantizer.map { SegmentNumber(rawValue: $0.number) })
        } catch {
            guard error.meansMovedManifest else { throw error }
            unlink(written.fileName)
            throw ManifestMoved()
        }
        report(.recorded)
        try index.publish(written, in: directory, replacing: replaced)
        report(.published)
        store.environment.reached(.segmentPublished)
        for number in replaced { unlink(SegmentDescription.fileName(number: number)) }
        if !replaced.isEmpty { store.environment.reached(.segmentsUnlinked) }
    }

    /// Snapshots that are still searched keep their mapping, and the name is never used again.
    func unlink(_ fileName: String) {
        try? FileManager.default.removeItem(at: directory.appending(path: fileName))
    }

    /// Writes what no live segment covers from the Store's rows.
    ///
    /// - Throws: `ManifestMoved`, always: the index opens anew from what is live then.
    private func sealFromStore() throws {
        try sealing.withLock { _ in
            let live = try store.liveSegments(in: space.id).vectors
            let covered = live.map(\.entry.sequences.upperBound).max() ?? .zero
            let last = try store.currentSequence()
            guard covered < last else { return }
            let number = try store.allocateSegment(in: space.id, kind: .vectors).number
            let written = try rewriter(at: last)
                .write(number: number, sequences: covered.rawValue + 1...last.rawValue)
            try store.publishSegment(SegmentEntry(written, purgedThrough: last.rawValue))
        }
        throw ManifestMoved()
    }

    func rewriter(at sequence: SequenceNumber) -> SegmentRewriter {
        SegmentRewriter(store: store, space: space, directory: directory, sequence: sequence)
    }

    // MARK: Opening

    /// Opens what the manifest names. What is damaged is left out, and then written anew.
    private func open() throws {
        let manifest = try store.liveSegments(in: space.id)
        let covered = manifest.vectors.map(\.entry.sequences.upperBound).max() ?? .zero
        let deletions = try store.deadRows(through: covered).map { RowID(rawValue: $0.rawValue) }
        var (segments, quantizers) = (manifest.vectors, manifest.quantizers)
        var damages: [IndexDamage] = []
        while true {
            do {
                try index.open(
                    segments.map { SegmentDescription($0, dimension: space.key.dimension) },
                    quantizers: quantizers.map { QuantizerDescription($0, dimension: space.key.dimension) },
                    in: directory, deletions: deletions, sequence: covered.rawValue)
                break
            } catch {
                guard let damage = error.damage,
                    Self.leaveOut(damage, from: &segments, and: &quantizers)
                else { throw error }
                damages.append(damage)
            }
        }
        // Segments first: a kill in between leaves a quantizer that is found damaged again.
        for case .segment(let number) in damages { try rewrite(number) }
        for case .quantizer(let number) in damages { try withdrawQuantizer(number) }
    }

    /// False if it is none of them.
    private static func leaveOut(
        _ damage: IndexDamage, from segments: inout [SegmentRecord], and quantizers: inout [SegmentRecord]
    ) -> Bool {
        let count = segments.count + quantizers.count
        switch damage {
        case .segment(let number): segments.removeAll { $0.number.rawValue == number }
        case .quantizer(let number): quantizers.removeAll { $0.number.rawValue == number }
        }
        return segments.count + quantizers.count < count
    }
}

/// Another process changed the manifest under this keeper, or the keeper took a quantizer out of it: open anew
/// from what is live now.
struct ManifestMoved: Error {}

extension WorkspaceStore {
    /// Deaths read at a time.
    private static var deathsPerPage: Int { 4_096 }

    /// All rows that had died by a moment: what an index that is opened from segments has to be told.
    func deadRows(through last: SequenceNumber) throws -> [RowNumber] {
        var deaths: [RowNumber] = []
        var after = SequenceNumber.zero
        while true {
            let page = try deadRows(diedAfter: after, diedThrough: last, limit: Self.deathsPerPage)
            deaths += page.flatMap(\.rows.rows)
            guard let end = page.last, page.count == Self.deathsPerPage else { return deaths }
            after = end.died
        }
    }
}

extension StoreError {
    /// Whether publishing failed because somebody else published or retired first.
    var meansMovedManifest: Bool {
        switch self {
        case .segmentOverlaps, .segmentStateMismatch, .segmentNotFound: true
        default: false
        }
    }
}
