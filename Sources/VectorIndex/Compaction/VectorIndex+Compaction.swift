import Columnar
public import Foundation

extension VectorIndex {
    /// Rows below which an exact scan is as fast as lists are, so that no quantizer is trained: at 384
    /// dimensions both take 0.1 to 0.2 ms.
    public static let trainingRowsMin = 4_096

    /// Trains a quantizer on a sample of the segments' rows and writes it. The index is not changed; publish it
    /// next. Costs seconds of arithmetic for each million rows, and memory for some ten thousand of them.
    ///
    /// - Parameters:
    ///   - number: allocated like a segment's, never used before.
    ///   - listCount: nil for what suits the number of rows.
    ///   - seed: of everything random; the same rows and seed give the same quantizer.
    ///   - mayGoOn: asked every second or so of work; false stops it.
    ///   - progress: told the share done, 0 to 1.
    /// - Throws: `.rowCountMismatch` if there are fewer rows than lists; `.compactionStopped`; `.segmentExists`,
    ///   `.segmentNotWritten`, `.segmentDamaged`.
    public func trainQuantizer(
        number: Int64, in directory: URL, listCount: Int? = nil, seed: UInt64 = 1,
        mayGoOn: () -> Bool = { true }, progress: (Double) -> Void = { _ in }
    ) throws(VectorIndexError) -> QuantizerDescription {
        let state = currentState
        let live = state.segments.reduce(0) { $0 + $1.segment.rowCount - $1.dead.count }
        let listCount = listCount ?? ListCount.suiting(rowCount: live)
        guard live >= listCount, QuantizerFormat.listCounts.contains(listCount) else {
            throw .rowCountMismatch(expected: listCount, found: live)
        }
        var random = SeededRandom(seed: seed)
        let wanted = QuantizerTraining.sampleRows(listCount: listCount, rowCount: live)
        let sample = SampledRows(
            wanted, of: live, in: state.segments.readOnce(in: directory),
            dimension: configuration.dimension, &random)
        let shape = QuantizerShape(dimension: configuration.dimension, listCount: listCount)
        let model = try QuantizerTraining(shape: shape, seed: seed).train(sample) {
            share throws(VectorIndexError) in
            progress(share)
            guard mayGoOn() else { throw .compactionStopped }
        }
        return try model.write(number: number, in: directory)
    }

    /// Makes a written quantizer the one that segments are made with from now on.
    ///
    /// - Throws: `.quantizerDamaged`, `.quantizerMismatch`, `.dimensionMismatch`, `.segmentExists`.
    public func publish(_ description: QuantizerDescription, in directory: URL) throws(VectorIndexError) {
        let quantizer = try Quantizer(opening: description, in: directory)
        try update { log throws(VectorIndexError) in try log.add(quantizer) }
    }

    /// The newest quantizer, if there is one.
    public var quantizer: QuantizerDescription? {
        currentState.newestQuantizer?.description
    }

    /// Forgets the quantizers that no segment uses any more, save the newest.
    ///
    /// - Returns: their numbers.
    public func forgetUnusedQuantizers() -> [Int64] {
        // The verb cannot fail, but those that share its way can.
        var forgotten: [Int64] = []
        do {
            try update { log throws(VectorIndexError) in forgotten = log.forgetUnusedQuantizers() }
        } catch {
            preconditionFailure("forgetting quantizers failed: \(error)")
        }
        return forgotten
    }

    /// Writes the live rows of `segments` to one new segment with the newest quantizer's lists, and syncs it.
    /// Searches and changes go on; publish it next, replacing these.
    ///
    /// - Parameters:
    ///   - segments: open ones; of the sequences that they cover no other segment covers any.
    ///   - number: never used before; a failed attempt uses it up.
    ///   - mayGoOn: asked every few milliseconds of work; false stops it.
    /// - Throws: `.segmentUnknown`, `.quantizerUnknown` if there is none, `.segmentExists`,
    ///   `.segmentNotWritten`, `.compactionStopped`, `.segmentDamaged`.
    public func compact(
        _ segments: [Int64], into number: Int64, in directory: URL, mayGoOn: () -> Bool = { true }
    ) throws(VectorIndexError) -> SegmentDescription {
        let state = currentState
        var sources: [SealedRows] = []
        for wanted in segments {
            guard let found = state.segments.first(where: { $0.segment.description.number == wanted }) else {
                throw .segmentUnknown(number: wanted)
            }
            sources.append(found)
        }
        guard let quantizer = state.newestQuantizer else {
            throw .quantizerUnknown(number: 0, segment: number)
        }
        let ranges = sources.map(\.segment.description.sequences)
        let first = ranges.map(\.lowerBound).min() ?? 0
        let last = ranges.map(\.upperBound).max() ?? 0
        return try ListedSegmentWriter(
            number: number, quantizer: quantizer, sequences: first...last, directory: directory,
            isMeasured: !state.isMeasured(
                besides: segments, atLeast: sources.reduce(0) { $0 + $1.segment.rowCount - $1.dead.count })
        ).write(sources.readOnce(in: directory), mayGoOn: mayGoOn)
    }
}

extension IndexState {
    var newestQuantizer: Quantizer? {
        quantizers.values.max { $0.description.number < $1.description.number }
    }

    /// Whether recall was measured in another segment of so many rows, whose curve searches go by.
    func isMeasured(besides left: [Int64], atLeast rowCount: Int) -> Bool {
        segments.contains { sealed in
            !sealed.curve.points.isEmpty && sealed.segment.rowCount >= rowCount
                && !left.contains(sealed.segment.description.number)
        }
    }
}

extension [Float] {
    /// Adds the elements of a span.
    mutating func append(contentsOf span: Span<Float>) {
        for index in span.indices { append(span[index]) }
    }
}

/// How many inverted lists suit how many rows.
enum ListCount {
    /// A list's rows at a million rows, where both steps of a search cost about the same.
    private static let factor = 5.0

    static func suiting(rowCount: Int) -> Int {
        let root = factor * Double(rowCount).squareRoot()
        return max(16, min(Int(root) / 16 * 16, rowCount / 16, QuantizerFormat.listCounts.upperBound))
    }
}
