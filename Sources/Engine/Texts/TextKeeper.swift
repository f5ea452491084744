import Foundation
import Store
import Synchronization
import TextIndex

/// Keeps one workspace's index of words true to its Store.
///
/// As `IndexKeeper` does for vectors, and apart from it: words are of no space, so a migration leaves them alone, and
/// each of the two has sealed what it has sealed; `snapshot(with:at:)` brings both to one sequence. Calls block on
/// SQLite and files; run them on the pool.
final class TextKeeper: Sendable {
    let index: TextIndex
    let directory: URL
    let store: WorkspaceStore

    /// Held while commits are applied. A search that finds the index up to date does not take it.
    private let following = Mutex(())

    /// Held while the tail is sealed or a segment replaced; never while one is compacted, and never by a search that
    /// meets no damage.
    let sealing = Mutex(())

    private let tailRowsMax: Int

    /// Commits applied at a time: bounds the texts in flight, with `tailRowsMax`.
    private static let commitsPerStep = 64

    /// - Throws: `StoreError`; `TextIndexError` only if a segment cannot be written anew; `PostingsMoved`.
    init(store: WorkspaceStore, configuration: EngineConfiguration) throws {
        self.store = store
        tailRowsMax = configuration.tailRowsMax
        directory = URL(filePath: store.segmentDirectoryPath, directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        index = TextIndex(configuration: .standard(tailRowsMax: tailRowsMax))
        try open()
    }

    // MARK: Following

    /// A snapshot that holds every commit made before this call.
    func currentSnapshot() throws -> TextSnapshot {
        let snapshot = index.snapshot
        guard snapshot.sequence < (try store.currentSequence().rawValue) else { return snapshot }
        try follow()
        return index.snapshot
    }

    /// Applies what the log has beyond the index, sealing where the tail grows past four times its bound.
    func follow() throws {
        while try step(through: .max) {}
    }

    /// This index and another follower of the same log at one sequence.
    ///
    /// - Parameter leader: a snapshot of the other one that holds every commit made before it is called.
    func snapshot<Other>(
        with leader: () throws -> Other, at sequence: (Other) -> Int64
    ) throws -> (TextSnapshot, Other) {
        let (own, other) = (try currentSnapshot(), try leader())
        if own.sequence == sequence(other) { return (own, other) }
        return try following.withLock { _ in
            // Nothing is applied here meanwhile, so the other cannot be behind.
            let other = try leader()
            while try advance(through: sequence(other)) {}
            return (index.snapshot, other)
        }
    }

    /// One step along the log; false at its end.
    private func step(through last: Int64) throws -> Bool {
        try following.withLock { _ in try advance(through: last) }
    }

    /// The caller holds `following`.
    private func advance(through last: Int64) throws -> Bool {
        let after = index.snapshot.sequence
        guard after < last else { return false }
        do {
            let limit = Int(clamping: min(last - after, Int64(Self.commitsPerStep)))
            let commits = try store.textCommits(
                after: SequenceNumber(rawValue: after), limit: limit, rowsMax: tailRowsMax)
            guard !commits.isEmpty else { return false }
            try index.apply(commits.map { TextChange($0) })
        } catch let error as TextIndexError {
            guard error.meansFullTail else { throw error }
            try seal()
        } catch let error as StoreError {
            guard error.meansTruncatedLog else { throw error }
            // Deaths this index has not seen were forgotten: what is not sealed comes from the rows themselves.
            try sealFromStore()
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

    /// Writes the tail as a segment: the number is committed first, then the file, the manifest row, the snapshot.
    ///
    /// - Parameter isWanted: asked once it is our turn: of several who find the tail full one seals it.
    /// - Throws: `PostingsMoved` if another process sealed some of these rows first.
    private func seal(if isWanted: () -> Bool = { true }) throws {
        try sealing.withLock { _ in
            guard isWanted() else { return }
            let sequence = index.snapshot.sequence
            let written = try index.writeSegment(number: allocate(), in: directory)
            try publish(written, replacing: [], purgedThrough: sequence)
        }
    }

    func allocate() throws -> Int64 {
        guard let space = try store.space(.live) else { throw PostingsMoved() }
        return try store.allocateSegment(in: space.id, kind: .postings).number.rawValue
    }

    /// Makes a written segment live and unlinks those that it replaces. The caller holds `sealing`.
    ///
    /// - Parameter sequence: where the index stood when writing began: who had died by then is not in the file.
    /// - Throws: `PostingsMoved` if another process changed the manifest; the file is gone then.
    func publish(
        _ written: PostingsDescription, replacing replaced: [Int64], purgedThrough sequence: Int64,
        report: (MaintenanceEvent.Moment) -> Void = { _ in }
    ) throws {
        store.environment.reached(.segmentSealed)
        do {
            try store.publishSegment(
                SegmentEntry(written, purgedThrough: sequence),
                retiring: replaced.map { SegmentNumber(rawValue: $0) })
        } catch {
            guard error.meansMovedManifest else { throw error }
            unlink(written.fileName)
            throw PostingsMoved()
        }
        report(.recorded)
        try index.publish(written, in: directory, replacing: replaced)
        report(.published)
        store.environment.reached(.segmentPublished)
        for number in replaced { unlink(PostingsDescription.fileName(number: number)) }
        if !replaced.isEmpty { store.environment.reached(.segmentsUnlinked) }
    }

    /// Snapshots that are still searched keep their mapping, and the name is never used again.
    private func unlink(_ fileName: String) {
        try? FileManager.default.removeItem(at: directory.appending(path: fileName))
    }

    /// Writes what no live segment covers from the Store's rows.
    ///
    /// - Throws: `PostingsMoved`, always: the index opens anew from what is live then.
    private func sealFromStore() throws {
        try sealing.withLock { _ in
            let covered = try store.livePostings().segments.map(\.entry.sequences.upperBound).max() ?? .zero
            let last = try store.currentSequence()
            guard covered < last else { return }
            let written = try write(covered.rawValue + 1...last.rawValue)
            try store.publishSegment(SegmentEntry(written, purgedThrough: last.rawValue))
        }
        throw PostingsMoved()
    }

    // MARK: Opening

    /// Opens what the manifest names. What is damaged, or was made by other rules, is left out, and then written anew.
    private func open() throws {
        var segments = try store.livePostings().segments
        let covered = segments.map(\.entry.sequences.upperBound).max() ?? .zero
        let deletions = try store.deadRows(through: covered).map(\.rawValue)
        var damaged: [Int64] = []
        while true {
            do {
                try index.open(
                    segments.map { PostingsDescription($0) }, in: directory, deletions: deletions,
                    sequence: covered.rawValue)
                break
            } catch {
                guard let number = error.damagedSegment,
                    let place = segments.firstIndex(where: { $0.number.rawValue == number })
                else { throw error }
                segments.remove(at: place)
                damaged.append(number)
            }
        }
        for number in damaged { try rewrite(number) }
    }
}

extension TextIndexConfiguration {
    /// As every workspace's words are indexed.
    static func standard(tailRowsMax: Int) -> TextIndexConfiguration {
        TextIndexConfiguration(tailRowsMax: tailRowsMax)
    }
}

// MARK: The Store's words in the index's

extension TextRow {
    init(_ text: IndexedText) {
        self.init(
            row: text.row.rawValue, document: text.documentOrdinal, bornSequence: text.born.rawValue,
            language: text.language.map { Language(rawValue: $0) }
                ?? LanguageDetector.detect(text.text, prior: nil).language,
            title: text.title.flatMap { $0 == text.headingPath.first ? nil : $0 } ?? "",
            headings: text.headingPath, text: text.text)
    }
}

extension TextChange {
    init(_ commit: TextCommit) {
        self.init(
            sequence: commit.sequence.rawValue, insertions: commit.born.map { TextRow($0) },
            deletions: commit.died?.rows.map(\.rawValue) ?? [])
    }
}

extension TextIndexError {
    /// The segment that must be written anew; nil if the error means no damage.
    var damagedSegment: Int64? {
        switch self {
        case .segmentDamaged(let number, _), .segmentMismatch(let number, _, _, _): number
        default: nil
        }
    }

    var meansFullTail: Bool {
        if case .tailFull = self { true } else { false }
    }
}

extension StoreError {
    /// Whether a follower of the log stands before what the log still knows.
    var meansTruncatedLog: Bool {
        if case .logTruncated = self { true } else { false }
    }
}

extension SegmentEntry {
    /// - Parameter purgedThrough: where the index stood when it began to write.
    init(_ written: PostingsDescription, purgedThrough: Int64) {
        self.init(
            number: SegmentNumber(rawValue: written.number), rowCount: written.rowCount,
            sequences: SequenceNumber(
                rawValue: written.sequences.lowerBound)...SequenceNumber(
                    rawValue: written.sequences.upperBound),
            purgedThrough: SequenceNumber(rawValue: purgedThrough), byteCount: Int(written.byteCount),
            digest: Array(written.digest.utf8))
    }
}

extension PostingsDescription {
    init(_ record: SegmentRecord) {
        let entry = record.entry
        self.init(
            number: entry.number.rawValue, rowCount: entry.rowCount,
            sequences: entry.sequences.lowerBound.rawValue...entry.sequences.upperBound.rawValue,
            byteCount: Int64(entry.byteCount), digest: String(decoding: entry.digest, as: UTF8.self))
    }
}

/// Another process changed the manifest of postings under this keeper: open anew from what is live now.
struct PostingsMoved: Error {}
