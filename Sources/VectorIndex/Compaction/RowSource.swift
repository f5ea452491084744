import Columnar
import Kernels

/// Rows that go into a listed segment: those of a segment, or of a block of the tail.
protocol RowSource {
    /// Rows, dead ones included.
    var rowCount: Int { get }

    /// A bound on the vectors' lengths.
    var lengthMax: Float { get }

    func isDead(_ position: Int) -> Bool

    /// Lends ids, document ordinals, births and vectors of the rows at `positions`.
    func withRows(
        _ positions: Range<Int>,
        _ body: (_ rows: Span<Int64>, _ documents: Span<Int64>, _ births: Span<Int64>, _ vectors: Span<Float>)
            -> Void
    ) throws(VectorIndexError)

    /// The list that the row was put in with this quantizer; nil if it was in none of its.
    func list(of position: Int, by quantizer: Quantizer) -> Int?
}

extension SealedRows: RowSource {
    var rowCount: Int { segment.rowCount }
    var lengthMax: Float { segment.lengthMax }

    func isDead(_ position: Int) -> Bool { dead.contains(position) }

    func withRows(
        _ positions: Range<Int>, _ body: (Span<Int64>, Span<Int64>, Span<Int64>, Span<Float>) -> Void
    ) throws(VectorIndexError) {
        var births: [Int64] = []
        try segment.withBirths(positions) { span in births = (0..<span.count).map { span[$0] } }
        try segment.withBlock(positions) { body($0, $1, births.span, $2) }
    }

    func list(of position: Int, by quantizer: Quantizer) -> Int? {
        guard segment.quantizer?.description.number == quantizer.description.number else { return nil }
        return segment.lists?.list(of: position)
    }
}

extension Tail.Part: RowSource {
    var rowCount: Int { block.rows.count }
    var lengthMax: Float { block.lengthMax }

    func isDead(_ position: Int) -> Bool { dead.contains(position) }

    func withRows(
        _ positions: Range<Int>, _ body: (Span<Int64>, Span<Int64>, Span<Int64>, Span<Float>) -> Void
    ) throws(VectorIndexError) {
        let dimension = block.rows.isEmpty ? 0 : block.vectors.count / block.rows.count
        let (rows, documents, births) = (block.rows, block.documents, block.bornSequences)
        let vectors = block.vectors
        body(
            rows.span.extracting(positions), documents.span.extracting(positions),
            births.span.extracting(positions),
            vectors.span.extracting((positions.lowerBound * dimension)..<(positions.upperBound * dimension)))
    }

    func list(of position: Int, by quantizer: Quantizer) -> Int? { nil }
}
