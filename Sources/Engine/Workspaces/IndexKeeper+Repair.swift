import Store
import Synchronization
import VectorIndex

extension IndexKeeper {
    /// Mends what a search or a change found damaged.
    ///
    /// Until that is done a search would miss its rows, so the caller searches again only afterwards. Of two
    /// searches that meet the same damage the second finds it mended.
    ///
    /// - Throws: `ManifestMoved`, always if it was a quantizer: the index has no way to give one up.
    func repair(_ damage: IndexDamage) throws {
        switch damage {
        case .segment(let number):
            guard index.snapshot.segments.contains(where: { $0.number == number }) else { return }
            try rewrite(number)
        case .quantizer(let number): try repairQuantizer(number)
        }
    }

    /// Writes a segment anew from the Store's rows, flat.
    ///
    /// - Throws: `ManifestMoved` if the segment is not live any more: another process replaced it.
    func rewrite(_ number: Int64) throws {
        try sealing.withLock { _ in try rewriteWhileSealing(number) }
    }

    private func rewriteWhileSealing(_ number: Int64) throws {
        let live = try store.liveSegments(in: space.id).vectors
        guard let record = live.first(where: { $0.number.rawValue == number }) else { throw ManifestMoved() }
        let sequences = record.entry.sequences
        let sequence = index.snapshot.sequence
        let written = try write(sequences.lowerBound.rawValue...sequences.upperBound.rawValue)
        try publish(written, replacing: [number], purgedThrough: sequence, needing: nil)
    }

    /// Builds one flat segment from the Store's rows born in `sequences` and alive, in memory bounded by a page.
    func write(_ sequences: ClosedRange<Int64>) throws -> SegmentDescription {
        // Deaths after this are the index's to know, by the tombstones of what it has open. It may be behind the log,
        // where rows died that never had a vector in this space.
        let rewriter = rewriter(at: try store.currentSequence())
        let number = try store.allocateSegment(in: space.id, kind: .vectors).number
        return try rewriter.write(number: number, sequences: sequences)
    }

    private func repairQuantizer(_ number: Int64) throws {
        try sealing.withLock { _ in
            let isLive = try store.liveSegments(in: space.id).quantizers
                .contains { $0.number.rawValue == number }
            guard isLive else { return }
            for segment in index.snapshot.segmentSummaries where segment.quantizer == number {
                try rewriteWhileSealing(segment.description.number)
            }
            try retireQuantizer(number)
        }
        throw ManifestMoved()
    }

    /// Takes a quantizer that no segment needs out of the manifest, and its file away.
    func withdrawQuantizer(_ number: Int64) throws {
        try sealing.withLock { _ in try retireQuantizer(number) }
    }

    private func retireQuantizer(_ number: Int64) throws {
        do {
            try store.withdrawSegment(SegmentNumber(rawValue: number))
        } catch {
            // Another process was first.
            guard error.meansMovedManifest else { throw error }
        }
        store.environment.reached(.quantizerWithdrawn)
        unlink(QuantizerDescription.fileName(number: number))
    }

    /// Writes every segment, and the tail with them, anew into one, and gives every quantizer up. Searches go on
    /// over the old ones until the new one is there.
    ///
    /// - Returns: rows written. The index is to be opened anew then.
    func rebuild() throws -> Int {
        try follow()
        return try sealing.withLock { _ in
            let last = index.snapshot.sequence
            guard last > 0 else { return 0 }
            let manifest = try store.liveSegments(in: space.id)
            let written = try write(1...last)
            try publish(
                written, replacing: manifest.vectors.map(\.number.rawValue), purgedThrough: last, needing: nil
            )
            for quantizer in manifest.quantizers { try retireQuantizer(quantizer.number.rawValue) }
            return written.rowCount
        }
    }
}

/// What a rebuild wrote.
package struct RebuildReport: Sendable, Hashable {
    package var rowCount: Int

    /// Segments that the index has afterwards.
    package var segmentCount: Int
}
