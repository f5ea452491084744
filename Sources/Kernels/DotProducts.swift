import CKernels

/// Dot products in Float32 of one vector with each row of a block.
///
/// Equal rows get equal scores, bit for bit, wherever they stand in whichever block; so ties are exact.
/// Scores of two instruction sets differ by rounding.
package enum DotProducts {
    /// `scores[i] = query · rows[i]` for `i` in `0..<rowCount`.
    ///
    /// - Parameters:
    ///   - rows: `rowCount × query.count`, row-major, without gaps.
    ///   - scores: at least `rowCount`; the rest is left as it is.
    ///   - set: one of those this processor has.
    package static func scores(
        of query: Span<Float>, against rows: Span<Float>, rowCount: Int,
        into scores: inout MutableSpan<Float>, using set: InstructionSet = .best
    ) {
        let dimension = query.count
        let (elementCount, overflowed) = rowCount.multipliedReportingOverflow(by: dimension)
        precondition(
            !overflowed && rows.count == elementCount,
            "\(rowCount) rows of \(dimension) are \(elementCount) elements, found \(rows.count)")
        precondition(
            (0...scores.count).contains(rowCount), "room for \(scores.count) scores, \(rowCount) rows")
        precondition(set.isAvailable, "this processor has no \(set)")
        guard rowCount > 0 else { return }
        guard dimension > 0 else {
            for row in 0..<rowCount { scores[row] = 0 }
            return
        }
        // SAFETY: the kernel reads `dimension` and `rowCount × dimension` floats and writes `rowCount`, which
        // the three spans hold, as checked above. The pointers live for the call only.
        unsafe query.withUnsafeBufferPointer { query in
            unsafe rows.withUnsafeBufferPointer { rows in
                unsafe scores.withUnsafeMutableBufferPointer { scores in
                    unsafe ckernels_dot_rows(
                        set.isa, query.baseAddress, rows.baseAddress, rowCount, dimension, scores.baseAddress)
                }
            }
        }
    }

    /// `scores[i] = query · rows[positions[i]]`, with the bits that `scores` gives; rows to come are fetched
    /// ahead.
    ///
    /// - Parameters:
    ///   - rows: whole rows of `query.count`, row-major.
    ///   - positions: the first `count` are taken; each is a row of `rows`.
    ///   - scores: `count` or more.
    package static func gathered(
        of query: Span<Float>, against rows: Span<Float>, at positions: Span<UInt32>, count: Int,
        into scores: inout MutableSpan<Float>, using set: InstructionSet = .best
    ) {
        let dimension = query.count
        precondition(
            dimension > 0 && count <= positions.count && count <= scores.count,
            "\(count) rows of \(dimension): \(positions.count) positions, room for \(scores.count)")
        precondition(set == .best || set.isAvailable, "this processor has no \(set)")
        let rowCount = rows.count / dimension
        for index in 0..<count {
            precondition(positions[index] < rowCount, "row \(positions[index]) of \(rowCount)")
        }
        guard count > 0 else { return }
        // SAFETY: every position was checked to be a whole row of `rows`, and the other spans hold `count`;
        // the pointers live for the call only.
        unsafe query.withUnsafeBufferPointer { query in
            unsafe rows.withUnsafeBufferPointer { rows in
                unsafe positions.withUnsafeBufferPointer { positions in
                    unsafe scores.withUnsafeMutableBufferPointer { scores in
                        unsafe ckernels_dot_gathered(
                            set.isa, query.baseAddress, rows.baseAddress, positions.baseAddress, count,
                            dimension, scores.baseAddress)
                    }
                }
            }
        }
    }

    /// `a · b`: the score that `b` gets as a row of any block.
    package static func product(_ a: Span<Float>, _ b: Span<Float>) -> Float {
        var score: InlineArray<1, Float> = [0]
        var scores = score.mutableSpan
        Self.scores(of: a, against: b, rowCount: 1, into: &scores)
        return score[0]
    }
}
