import Kernels

/// The sums of the rows in one stretch of positions, and which rows have one.
struct ScoreWindow {
    /// A window's sums stay in the nearest cache, 16 KiB.
    static let rowsMax = 4_096

    private(set) var base = 0
    private var sums = [UInt32](repeating: 0, count: rowsMax)
    private var touched = [UInt64](repeating: 0, count: rowsMax / 64)

    // The same of the frequencies of one word that has several terms.
    private var frequencies = [UInt32](repeating: 0, count: rowsMax)
    private var counted = [UInt64](repeating: 0, count: rowsMax / 64)

    /// Starts anew; all sums are 0.
    mutating func move(to base: Int) {
        self.base = base
    }

    /// Adds the scores of a word of one term, of its postings at `range`.
    mutating func add(
        _ positions: [UInt32], _ frequencies: [UInt32], _ range: Range<Int>, lengths: Span<UInt8>,
        norms: Span<Float>, weight: Float
    ) {
        TermScores.add(
            positions.span.extracting(range), frequencies.span.extracting(range), base: base,
            lengths: lengths, norms: norms, weight: weight, sums: &sums,
            touched: &touched)
    }

    /// Adds the frequencies of one of a word's terms; `addCounted` follows.
    mutating func count(_ positions: [UInt32], _ frequencies: [UInt32], _ range: Range<Int>) {
        TermScores.addFrequencies(
            positions.span.extracting(range), frequencies.span.extracting(range), base: base,
            sums: &self.frequencies, touched: &counted)
    }

    /// Adds the scores of the word whose terms were counted.
    mutating func addCounted(lengths: Span<UInt8>, norms: Span<Float>, weight: Float) {
        for word in counted.indices where counted[word] != 0 {
            var bits = counted[word]
            touched[word] |= bits
            counted[word] = 0
            while bits != 0 {
                let place = word * 64 + bits.trailingZeroBitCount
                bits &= bits - 1
                if base + place < lengths.count {
                    let norm = norms[Int(lengths[base + place])]
                    sums[place] &+= TermScores.score(
                        weight: weight, norm: norm, frequency: max(1, frequencies[place]))
                }
                frequencies[place] = 0
            }
        }
    }

    /// Gives the rows that have a sum, ascending, and forgets them.
    mutating func drain(
        _ body: (_ position: Int, _ sum: UInt32) throws(TextIndexError) -> Void
    ) throws(TextIndexError) {
        for word in touched.indices where touched[word] != 0 {
            var bits = touched[word]
            touched[word] = 0
            while bits != 0 {
                let place = word * 64 + bits.trailingZeroBitCount
                bits &= bits - 1
                let sum = sums[place]
                sums[place] = 0
                try body(base + place, sum)
            }
        }
    }
}
