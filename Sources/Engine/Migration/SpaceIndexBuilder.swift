import Foundation
import Store
import VectorIndex

/// Builds the index of a space that is not live, up to a sequence through which all is embedded: segments from the
/// Store's rows, then what maintenance would do with them, so that the first search in the space finds it as the last
/// one in the old space left that one.
///
/// An index that follows the log would take rows without vectors for rows that are not there, so none follows it
/// here. Blocks for as long as it takes; run it in the maintenance lane.
struct SpaceIndexBuilder {
    let store: WorkspaceStore
    let space: SpaceRecord
    let configuration: EngineConfiguration

    /// Throws when it is to stop.
    let check: @Sendable () throws -> Void
    let report: @Sendable (MigrationEvent) -> Void

    /// Replacements met more often than this are no accident.
    private static let attemptsMax = 8

    /// More steps than any index needs after one another.
    private static let stepsMax = 256

    private var directory: URL { URL(filePath: store.segmentDirectoryPath, directoryHint: .isDirectory) }

    /// Seals rows that no segment holds, if they are too many for a tail, and does what maintenance wants done.
    ///
    /// - Returns: false if there was nothing to do.
    func cover(through last: SequenceNumber) throws -> Bool {
        for _ in 1..<Self.attemptsMax {
            do {
                return try coverOnce(through: last)
            } catch is ManifestMoved {
                // Something was damaged, and was written anew.
                continue
            }
        }
        return try coverOnce(through: last)
    }

    private func coverOnce(through last: SequenceNumber) throws -> Bool {
        let hasSealed = try seal(through: last)
        return try maintain() || hasSealed
    }

    private func seal(through last: SequenceNumber) throws -> Bool {
        let live = try store.liveSegments(in: space.id).vectors
        let covered = live.map(\.entry.sequences.upperBound).max() ?? .zero
        guard covered < last else { return false }
        let rowCount = try store.liveRowCount(bornAfter: covered, bornThrough: last)
        guard rowCount >= max(configuration.tailRowsSealedAtClose, 1) else { return false }
        try check()
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let number = try store.allocateSegment(in: space.id, kind: .vectors).number
        // What has died by now may have no vector. What dies later has one.
        let rewriter = SegmentRewriter(
            store: store, space: space, directory: directory, sequence: try store.currentSequence())
        let written = try rewriter.write(number: number, sequences: covered.rawValue + 1...last.rawValue)
        report(.indexing(.written))
        store.environment.reached(.spaceIndexed)
        try store.publishSegment(SegmentEntry(written, purgedThrough: rewriter.sequence.rawValue))
        report(.indexing(.recorded))
        return true
    }

    private func maintain() throws -> Bool {
        guard try !store.liveSegments(in: space.id).vectors.isEmpty else { return false }
        let keeper = try IndexKeeper(store: store, space: space, configuration: configuration)
        var hasWorked = false
        for _ in 0..<Self.stepsMax {
            let step = keeper.nextStep
            guard step != .nothing else { break }
            try check()
            try keeper.perform(step, mayGoOn: { (try? check()) != nil }) { report(.indexing($0)) }
            hasWorked = true
        }
        try keeper.forgetUnusedQuantizers()
        return hasWorked
    }
}
