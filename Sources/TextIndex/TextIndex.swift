package import Foundation
import Synchronization

/// How often each token of a field counts, in frequencies and lengths; 0 leaves a field out.
///
/// A title counts twice: on 809 claims of SciFact's training half, whose texts begin with their titles, nDCG@10 of
/// words is .704 without the field, .707 with it once, .710 twice, .709 three times; of hybrid searches .739, and .741
/// with it, however often. Headings count once: the passages of a document share most of them.
package struct TextFieldWeights: Sendable, Hashable {
    package static let weights = 0...100

    package var title: Int
    package var headings: Int
    package var text: Int

    package init(title: Int = 2, headings: Int = 1, text: Int = 1) {
        self.title = title
        self.headings = headings
        self.text = text
    }
}

/// Shape and bounds of an index; fixed for its life.
package struct TextIndexConfiguration: Sendable, Hashable {
    /// Writers are refused at this many times `tailRowsMax`.
    static let tailBoundsMax = 4

    /// Rows in the tail past which it wants sealing; writers wait at four times as many.
    package var tailRowsMax: Int

    /// Segments are made with these; one made with others is refused, and has to be rebuilt.
    package var weights: TextFieldWeights

    /// How soon more of the same term adds little: BM25's k1, at least 0. Not part of segments.
    package var k1: Double

    /// How much a row's length counts: BM25's b, 0 to 1. Not part of segments.
    package var b: Double

    package init(
        tailRowsMax: Int = 4_096, weights: TextFieldWeights = TextFieldWeights(), k1: Double = 1.2,
        b: Double = 0.75
    ) {
        self.tailRowsMax = tailRowsMax
        self.weights = weights
        self.k1 = k1
        self.b = b
    }

    /// What a segment's postings depend on.
    var settings: String {
        "analyzer \(Analyzer.fingerprint), title \(weights.title), headings \(weights.headings), text \(weights.text)"
    }
}

/// How full the tail is.
package struct TextTailState: Sendable, Hashable {
    /// Rows held in memory, dead ones included.
    package let rowCount: Int

    /// Past the configured bound: seal at the next opportunity.
    package let needsSealing: Bool

    /// Past four times the bound: insertions are refused until a segment is published.
    package let isFull: Bool
}

/// Passages that can be searched by their words while they are added and deleted: sealed segments on disk, a bounded
/// tail in memory.
///
/// The index is not durable by itself; it follows somebody's log. It is opened from segments, told every
/// commit in order (`apply`), and from time to time asked to write the tail as a segment (`writeSegment`),
/// which counts only once it was recorded elsewhere and published (`publish`).
///
/// Any thread may call anything. Writers take turns; readers take a `snapshot`, which no writer delays or
/// changes.
package final class TextIndex: Sendable {
    package let configuration: TextIndexConfiguration

    private let log: Mutex<TextLog>
    private let published: Mutex<TextState>

    /// An empty index at sequence 0.
    package init(configuration: TextIndexConfiguration = TextIndexConfiguration()) {
        let weights = configuration.weights
        precondition(
            configuration.tailRowsMax >= 1 && configuration.k1 >= 0 && configuration.k1 <= 1_000
                && (0...1).contains(configuration.b)
                && [weights.title, weights.headings, weights.text].allSatisfy(
                    TextFieldWeights.weights.contains),
            "impossible configuration \(configuration)")
        self.configuration = configuration
        let log = TextLog(tailRowsMax: configuration.tailRowsMax)
        published = Mutex(log.state)
        self.log = Mutex(log)
    }

    /// The index as of its latest change. Costs one uncontended lock.
    package var snapshot: TextSnapshot {
        TextSnapshot(state: currentState, configuration: configuration)
    }

    private var currentState: TextState { published.withLock { $0 } }

    /// How full the tail is.
    package var tailState: TextTailState {
        let rowCount = published.withLock { $0.tail.rowCount }
        let isFull = rowCount >= TextIndexConfiguration.tailBoundsMax * configuration.tailRowsMax
        return TextTailState(
            rowCount: rowCount, needsSealing: rowCount > configuration.tailRowsMax, isFull: isFull)
    }

    /// Applies commits in order and publishes them at once: all or none. Rows are analyzed before the writer's turn.
    ///
    /// - Throws: `.sequenceNotIncreasing`, `.bornOutside`, `.rowExists`, `.tailFull` before anything was changed;
    ///   `.segmentDamaged` if the rows of a segment cannot be read: withdraw it and apply again.
    package func apply(_ changes: [TextChange]) throws(TextIndexError) {
        var inverted: [InvertedChange] = []
        for change in changes {
            inverted.append(
                InvertedChange(
                    sequence: change.sequence,
                    blocks: try RowInverter.blocks(of: change.insertions, weights: configuration.weights),
                    deletions: change.deletions))
        }
        try update { log throws(TextIndexError) in try log.apply(inverted) }
    }

    /// Starts an index from its segments, before anything else is done with it.
    ///
    /// - Parameters:
    ///   - deletions: rows that died since they were sealed; those that no segment holds are remembered.
    ///   - sequence: of the log that `deletions` are taken from. The index is at this sequence afterwards, or at the
    ///     last one that a segment covers.
    /// - Throws: `.segmentDamaged`, `.segmentMismatch` or `.segmentUnreadable` for the first segment that is not what
    ///   it should be (a mismatch of `settings` means that it has to be rebuilt); the index is still empty then, and
    ///   can be opened without it.
    package func open(
        _ segments: [PostingsDescription], in directory: URL, deletions: [Int64] = [], sequence: Int64 = 0
    ) throws(TextIndexError) {
        var opened: [PostingsSegment] = []
        for description in segments {
            opened.append(
                try PostingsSegment(opening: description, in: directory, settings: configuration.settings))
        }
        try update { log throws(TextIndexError) in
            try log.open(opened, deletions: deletions, sequence: sequence)
        }
        for segment in opened { segment.giveBackPages() }
    }

    /// Writes the tail's rows that are alive now to a new segment file and syncs it. Searches and changes go on; the
    /// index itself is not changed.
    ///
    /// - Parameter number: never used before; a failed attempt uses it up.
    /// - Throws: `.segmentExists`, `.segmentNotWritten`, `.tooManyLanguages`.
    package func writeSegment(
        number: Int64, in directory: URL
    ) throws(TextIndexError) -> PostingsDescription {
        let state = currentState
        let sequences = state.tail.oldestLiveBirth(orElse: state.sequence)...state.sequence
        return try PostingsWriter(
            number: number, sequences: sequences, settings: configuration.settings, directory: directory
        ).write(try PostingsMerge(state.tail.liveSources))
    }

    /// Makes a written segment part of the index and drops the rows that it holds from the tail, in one step.
    /// Deletions that came after it was written hold.
    ///
    /// - Parameter replaced: segments whose place it takes, by rebuild or compaction. Those that are not open
    ///   any more (withdrawn, or left out on opening) may be named, and should be: a segment that replaces none
    ///   must cover later sequences than all before it.
    /// - Throws: `.segmentDamaged`, `.segmentMismatch`, `.segmentUnreadable`, `.segmentExists`, `.segmentStale`,
    ///   `.segmentAhead`, `.rowExists` if another segment holds one of its rows; the index is unchanged then.
    package func publish(
        _ description: PostingsDescription, in directory: URL, replacing replaced: [Int64] = []
    ) throws(TextIndexError) {
        let segment = try PostingsSegment(
            opening: description, in: directory, settings: configuration.settings)
        try update { log throws(TextIndexError) in try log.publish(segment, replacing: replaced) }
        segment.giveBackPages()
    }

    /// Writes the live rows of segments to one new segment and syncs it. Searches and changes go on; publish it next,
    /// replacing these. Memory: what `PostingsMerge` takes, and 16 MiB.
    ///
    /// - Parameters:
    ///   - numbers: open ones; of the sequences that they cover no other segment covers any.
    ///   - number: never used before; a failed attempt uses it up.
    ///   - isCancelled: asked every few milliseconds of work; true stops it.
    /// - Throws: `.segmentUnknown`, `.segmentExists`, `.segmentNotWritten`, `.compactionStopped`, `.segmentDamaged`.
    package func writeCompacted(
        _ numbers: [Int64], number: Int64, in directory: URL, isCancelled: () -> Bool = { false }
    ) throws(TextIndexError) -> PostingsDescription {
        let state = currentState
        var sources: [SealedPostings] = []
        for wanted in numbers {
            guard let found = state.segments.first(where: { $0.segment.description.number == wanted }) else {
                throw .segmentUnknown(number: wanted)
            }
            sources.append(found)
        }
        let ranges = sources.map(\.segment.description.sequences)
        let first = ranges.map(\.lowerBound).min() ?? 0
        let last = ranges.map(\.upperBound).max() ?? 0
        return try PostingsWriter(
            number: number, sequences: first...last, settings: configuration.settings, directory: directory
        ).write(
            try PostingsMerge(sources.readOnce(in: directory, settings: configuration.settings)),
            isCancelled: isCancelled)
    }

    /// Takes a segment out of the index: its rows are not searched until another one brings them back.
    ///
    /// - Throws: `.segmentUnknown`.
    package func withdraw(segment number: Int64) throws(TextIndexError) {
        try update { log throws(TextIndexError) in try log.withdraw(number) }
    }

    /// Writers take turns here; what they made becomes visible in one swap.
    private func update(
        _ body: (inout TextLog) throws(TextIndexError) -> Void
    ) throws(TextIndexError) {
        try log.withLock { log throws(TextIndexError) in
            try body(&log)
            let state = log.state
            published.withLock { $0 = state }
        }
    }
}
