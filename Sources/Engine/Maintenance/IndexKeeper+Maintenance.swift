import Foundation
import Store
import Synchronization
import VectorIndex

extension IndexKeeper {
    /// What the segments want next.
    var nextStep: CompactionPlan.Step {
        CompactionPlan(
            segments: index.snapshot.segmentSummaries.map { CompactionPlan.Segment($0) },
            quantizer: index.quantizer.map {
                CompactionPlan.Quantizer(number: $0.number, listCount: $0.listCount)
            },
            trainingRowsMin: trainingRowsMin
        ).next
    }

    /// Does a step: file first, then the manifest, then the snapshot, then the files that it replaced go.
    ///
    /// Searches, commits and the sealing of the tail go on; what they change meanwhile holds. One at a time in a
    /// process.
    ///
    /// - Parameter mayGoOn: asked every few milliseconds of a compaction, and after training.
    /// - Throws: `ManifestMoved` if somebody else changed these segments first, and
    ///   `VectorIndexError.compactionStopped`; nothing was changed then.
    func perform(
        _ step: CompactionPlan.Step, mayGoOn: () -> Bool, report: (MaintenanceEvent.Moment) -> Void
    ) throws {
        switch step {
        case .nothing: break
        case .train: try train(mayGoOn: mayGoOn, report: report)
        case .compact(let segments): try compact(segments, mayGoOn: mayGoOn, report: report)
        case .rewrite(let segments): try merge(segments, report: report)
        }
    }

    private func train(mayGoOn: () -> Bool, report: (MaintenanceEvent.Moment) -> Void) throws {
        let number = try allocate(.quantizer)
        let written = try index.trainQuantizer(
            number: number, in: directory, seed: UInt64(bitPattern: number), mayGoOn: mayGoOn)
        do {
            report(.written)
            store.environment.reached(.quantizerSealed)
            guard mayGoOn() else { throw VectorIndexError.compactionStopped }
            try sealing.withLock { _ in
                // Another process may have trained one beside us.
                guard try !isOutdated() else { throw ManifestMoved() }
                try store.publishSegment(SegmentEntry(written))
                store.environment.reached(.quantizerRecorded)
                report(.recorded)
                try index.publish(written, in: directory)
            }
            report(.published)
        } catch {
            if index.quantizer?.number != number { try? giveUp(written) }
            throw error
        }
    }

    /// Takes away a quantizer that the index did not take.
    private func giveUp(_ written: QuantizerDescription) throws {
        let live = try store.liveSegments(in: space.id).quantizers
        if live.contains(where: { $0.number.rawValue == written.number }) {
            try store.withdrawSegment(SegmentNumber(rawValue: written.number))
        }
        unlink(written.fileName)
    }

    private func compact(
        _ segments: [Int64], mayGoOn: () -> Bool, report: (MaintenanceEvent.Moment) -> Void
    ) throws {
        let (quantizer, sequence) = (index.quantizer, index.snapshot.sequence)
        let written = try index.compact(
            segments, into: allocate(.vectors), in: directory, mayGoOn: mayGoOn)
        report(.written)
        try sealing.withLock { _ in
            try publish(
                written, replacing: segments, purgedThrough: sequence, needing: quantizer, report: report)
        }
    }

    /// Without a quantizer there are few rows, and the Store has them all.
    private func merge(_ segments: [Int64], report: (MaintenanceEvent.Moment) -> Void) throws {
        let ranges = index.snapshot.segments.filter { segments.contains($0.number) }.map(\.sequences)
        guard let first = ranges.map(\.lowerBound).min(), let last = ranges.map(\.upperBound).max() else {
            return
        }
        let sequence = index.snapshot.sequence
        let written = try write(first...last)
        report(.written)
        try sealing.withLock { _ in
            try publish(written, replacing: segments, purgedThrough: sequence, needing: nil, report: report)
        }
    }

    /// Takes away quantizers that no segment needs any more.
    func forgetUnusedQuantizers() throws {
        for number in index.forgetUnusedQuantizers() { try withdrawQuantizer(number) }
    }

    /// Whether another process has published something that this index does not know of.
    func isOutdated() throws -> Bool {
        let known = [index.quantizer?.number ?? 0] + index.snapshot.segments.map(\.number)
        let newest = try store.newestLiveSegment(in: space.id)?.rawValue ?? 0
        return newest > known.reduce(0, max)
    }

    /// Unlinks files that writers left behind when they were killed: numbers that were allocated long ago and
    /// never came to life, and what was replaced and not taken away.
    ///
    /// - Parameter horizon: a writer that has been at a file since before it is dead.
    func sweep(before horizon: Timestamp) throws {
        let dead = try store.segmentsToUnlink(before: horizon, limit: Self.filesPerSweep)
        for segment in dead { unlink(segment.fileName) }
        if !dead.isEmpty { store.environment.reached(.sweepUnlinked) }
        if !dead.isEmpty { try store.forgetSegments(dead.map(\.number)) }
    }

    /// Many more than kills leave behind.
    private static let filesPerSweep = 1_024
}

extension CompactionPlan.Segment {
    init(_ summary: SegmentSummary) {
        self.init(
            number: summary.description.number, firstSequence: summary.description.sequences.lowerBound,
            rowCount: summary.description.rowCount, deletedRowCount: summary.deletedRowCount,
            quantizer: summary.quantizer)
    }
}
