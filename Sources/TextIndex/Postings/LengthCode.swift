/// Lengths of rows in a byte each: exact below 64, then 24 steps to each doubling (so within 2 %), up to 16,042.
///
/// Everything that is computed from a length uses the decoded one, so scores do not depend on whether a row is in
/// memory or on disk. The idea is Lucene's (SmallFloat); a table of 256 norms is made for each query.
enum LengthCode {
    static let exactMax = 64
    private static let octaveSteps = 24

    /// By code; ascending.
    static let lengths: [Int] = (0..<256).map { code in
        guard code >= exactMax else { return code }
        let (octave, step) = (code - exactMax).quotientAndRemainder(dividingBy: octaveSteps)
        return (exactMax << octave) * (octaveSteps + step) / octaveSteps
    }

    /// The code of the nearest length, of the lower one where two are as near.
    static func code(of length: Int) -> UInt8 {
        guard length >= exactMax else { return UInt8(max(0, length)) }
        var (low, high) = (exactMax, 255)
        while low < high {
            let middle = (low + high + 1) / 2
            if lengths[middle] <= length { low = middle } else { high = middle - 1 }
        }
        guard low < 255, lengths[low + 1] - length < length - lengths[low] else { return UInt8(low) }
        return UInt8(low + 1)
    }
}
