/// How the vectors of a text's tokens become the text's.
package enum Pooling: String, Sendable, CaseIterable {
    /// The mean over all tokens, special ones included.
    case mean

    /// The first token's, which stands for the whole.
    case cls

    /// One row of unit length for each text: `ranges.count × width`.
    ///
    /// - Parameters:
    ///   - rows: `… × width`, the tokens of all texts one below the other.
    ///   - ranges: where each text's rows are; none is empty.
    func apply(to rows: [Float], _ ranges: [Range<Int>], width: Int) -> [Float] {
        var result = [Float](repeating: 0, count: ranges.count * width)
        for (text, range) in ranges.enumerated() {
            let end = self == .mean ? range.upperBound : range.lowerBound + 1
            for row in range.lowerBound..<end {
                for column in 0..<width { result[text * width + column] += rows[row * width + column] }
            }
            // Scaling to unit length makes dividing by the count needless.
            var squares: Float = 0
            for column in 0..<width {
                squares += result[text * width + column] * result[text * width + column]
            }
            let factor = squares > 0 ? 1 / squares.squareRoot() : 0
            for column in 0..<width { result[text * width + column] *= factor }
        }
        return result
    }
}
