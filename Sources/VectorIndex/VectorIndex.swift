public import Foundation
import Synchronization

/// Shape and bounds of an index; fixed for its life.
public struct VectorIndexConfiguration: Sendable, Hashable {
    /// Writers are refused at this many times `tailRowsMax`.
    static let tailBoundsMax = 4

    /// Components of every vector and query: 1 to 65,536.
    public var dimension: Int

    /// Rows in the tail past which it wants sealing. The default costs 6 MB and at most 0.3 ms of a search at 384
    /// dimensions; writers wait at four times as many.
    public var tailRowsMax: Int

    public init(dimension: Int, tailRowsMax: Int = 4_096) {
        self.dimension = dimension
        self.tailRowsMax = tailRowsMax
    }
}

/// How full the tail is.
public struct TailState: Sendable, Hashable {
    /// Rows held in memory, dead ones included.
    public let rowCount: Int

    /// Past the configured bound: seal at the next opportunity.
    public let needsSealing: Bool

    /// Past four times the bound: insertions are refused until a segment is published.
    public let isFull: Bool
}

/// Vectors that can be searched while they are added and deleted: sealed segments on disk, a bounded tail in
/// memory.
///
/// The index is not durable by itself; it follows somebody's log. It is opened from segments, told every
/// commit in order (`apply`), and from time to time asked to write the tail as a segment (`writeSegment`),
/// which counts only once it was recorded elsewhere and published (`publish`).
///
/// Any thread may call anything. Writers take turns; readers take a `snapshot`, which no writer delays or
/// changes.
public final class VectorIndex: Sendable {
    public let configuration: VectorIndexConfiguration

    private let log: Mutex<IndexLog>
    private let published: Mutex<IndexState>

    /// An empty index at sequence 0.
    public init(configuration: VectorIndexConfiguration) {
        precondition(
            (1...VectorLength.dimensionMax).contains(configuration.dimension)
                && configuration.tailRowsMax >= 1,
            "impossible configuration \(configuration)")
        self.configuration = configuration
        let log = IndexLog(configuration: configuration)
        published = Mutex(log.state)
        self.log = Mutex(log)
    }

    /// The index as of its latest change. Costs one uncontended lock.
    public var snapshot: IndexSnapshot {
        IndexSnapshot(state: published.withLock { $0 })
    }

    /// The latest state.
    var currentState: IndexState { published.withLock { $0 } }

    /// How full the tail is.
    public var tailState: TailState {
        let rowCount = published.withLock { $0.tail.rowCount }
        let isFull = rowCount >= VectorIndexConfiguration.tailBoundsMax * configuration.tailRowsMax
        return TailState(
            rowCount: rowCount, needsSealing: rowCount > configuration.tailRowsMax, isFull: isFull)
    }

    /// Applies one commit and publishes it.
    ///
    /// - Throws: `.sequenceNotIncreasing`, `.dimensionMismatch`, `.notFinite`, `.bornOutside`, `.rowExists`,
    ///   `.tailFull` before anything was changed; `.segmentDamaged` if the rows of a segment cannot be read:
    ///   withdraw it and apply again.
    public func apply(_ change: IndexChange) throws(VectorIndexError) {
        try apply([change])
    }

    /// Applies commits in order and publishes them at once: all or none.
    public func apply(_ changes: [IndexChange]) throws(VectorIndexError) {
        try update { log throws(VectorIndexError) in try log.apply(changes) }
    }

    /// Starts an index from its segments, before anything else is done with it.
    ///
    /// - Parameters:
    ///   - quantizers: those that the segments name, and the newest for segments to come.
    ///   - deletions: rows that died since they were sealed; those that no segment holds are remembered.
    /// - sequence: of the log that `deletions` are taken from. The index is at this sequence afterwards, or
    ///   at
    ///     the last one that a segment covers.
    /// - Throws: `.segmentDamaged`, `.segmentMismatch`, `.quantizerUnknown` or `.segmentUnreadable` for the first
    ///   segment, `.quantizerDamaged` or `.quantizerMismatch` for the first quantizer that is not
    ///   what it should be; the index is still empty then, and can be opened without it.
    public func open(
        _ segments: [SegmentDescription], quantizers: [QuantizerDescription] = [], in directory: URL,
        deletions: [RowID] = [], sequence: Int64 = 0
    ) throws(VectorIndexError) {
        var known: [Int64: Quantizer] = [:]
        for description in quantizers {
            known[description.number] = try Quantizer(opening: description, in: directory)
        }
        var opened: [Segment] = []
        for description in segments {
            opened.append(try Segment(opening: description, in: directory, quantizers: known))
        }
        try update { log throws(VectorIndexError) in
            try log.open(opened, quantizers: known, deletions: deletions, sequence: sequence)
        }
        for segment in opened { segment.giveBackPages() }
    }

    /// Writes the tail's rows that are alive now to a new segment file, in lists if there is a quantizer, and syncs
    /// it. Searches and changes go
    /// on; the index itself is not changed.
    ///
    /// - Parameter number: never used before; a failed attempt uses it up.
    /// - Throws: `.segmentExists`, `.segmentNotWritten`.
    public func writeSegment(
        number: Int64, in directory: URL
    ) throws(VectorIndexError) -> SegmentDescription {
        let state = published.withLock { $0 }
        let sequences = state.tail.oldestLiveBirth(orElse: state.sequence)...state.sequence
        if let quantizer = state.newestQuantizer {
            return try ListedSegmentWriter(
                number: number, quantizer: quantizer, sequences: sequences, directory: directory,
                isMeasured: !state.isMeasured(besides: [], atLeast: state.tail.rowCount)
            ).write(state.tail.parts)
        }
        let tail = state.tail
        let places = tail.livePlaces()
        let builder = try SegmentBuilder(
            number: number, dimension: tail.dimension, rowCount: places.count, sequences: sequences,
            in: directory)
        for start in stride(from: 0, to: places.count, by: Tail.blockRowsMax) {
            let end = min(start + Tail.blockRowsMax, places.count)
            try builder.append(places[start..<end].map { tail.row(at: $0) })
        }
        return try builder.finish()
    }

    /// Makes a written segment part of the index and drops the rows that it holds from the tail, in one step.
    /// Deletions that came after it was written hold.
    ///
    /// - Parameter replaced: segments whose place it takes, by rebuild or compaction. Those that are not open
    /// any more (withdrawn, or left out on opening) may be named, and should be: a segment that replaces none
    ///   must cover later sequences than all before it.
    /// - Throws: `.segmentDamaged`, `.segmentMismatch`, `.segmentUnreadable`, `.segmentExists`,
    /// `.segmentStale`, `.segmentAhead`, `.rowExists` if another segment holds one of its rows; the index is
    ///   unchanged then.
    public func publish(
        _ description: SegmentDescription, in directory: URL, replacing replaced: [Int64] = []
    ) throws(VectorIndexError) {
        let segment = try Segment(opening: description, in: directory, quantizers: currentState.quantizers)
        try update { log throws(VectorIndexError) in try log.publish(segment, replacing: replaced) }
        segment.giveBackPages()
    }

    /// Takes a segment out of the index: its rows are not searched until another one brings them back.
    ///
    /// - Throws: `.segmentUnknown`.
    public func withdraw(segment number: Int64) throws(VectorIndexError) {
        try update { log throws(VectorIndexError) in try log.withdraw(number) }
    }

    /// Writers take turns here; what they made becomes visible in one swap.
    func update(_ body: (inout IndexLog) throws(VectorIndexError) -> Void) throws(VectorIndexError) {
        try log.withLock { log throws(VectorIndexError) in
            try body(&log)
            let state = log.state
            published.withLock { $0 = state }
        }
    }
}
