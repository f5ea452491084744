import Columnar
import Kernels

/// Why a row has its score.
package struct TextReceipt: Sendable, Hashable {
    /// What one word of the query gave.
    package struct Word: Sendable, Hashable {
        package let text: String

        /// Those of the word's terms that the row has.
        package let terms: [String]

        /// BM25's tf: the sum of the terms', each token counted by the weight of its field.
        package let frequency: Int

        /// BM25's df: rows that have the word, in the whole index; the sum of the terms', at most all rows.
        package let rowCount: Int

        /// BM25's idf.
        package let inverseRowFrequency: Double

        /// A multiple of 2⁻¹⁷. The sum over all words is the score, exactly in Double.
        package let contribution: Float

        /// Whether the word is a prefix of more terms than were looked for (256).
        package let isCut: Bool
    }

    /// As `search` gives it.
    package let score: Float

    /// The row's length in tokens, each counted by the weight of its field and all together to within 2 %, and the
    /// average over the index.
    package let length: Int
    package let averageLength: Double

    /// k1 × (1 - b + b × length ÷ average length): what is added to tf below the line.
    package let lengthNorm: Float

    /// Of every word that is scored, in the order of the query, those of phrases last; also of those that the row has
    /// not.
    package let words: [Word]
}

extension TextSnapshot {
    /// The receipts of rows: see `PreparedQuery.receipts`.
    ///
    /// - Throws: `.tooManyWords`, `.segmentDamaged`.
    package func receipts(
        _ query: TextQuery, rows: [Int64]
    ) throws(TextIndexError) -> [Int64: TextReceipt] {
        try prepare(query).receipts(rows: rows)
    }
}

extension PreparedQuery {
    /// The receipts of rows, whether they match the query or not; rows that the index does not hold, or that are dead,
    /// have none.
    ///
    /// - Throws: `.segmentDamaged`.
    package func receipts(rows: [Int64]) throws(TextIndexError) -> [Int64: TextReceipt] {
        let state = snapshot.state
        var receipts: [Int64: TextReceipt] = [:]
        // Ascending rows are ascending positions, as cursors want them.
        let sorted = rows.sorted()
        for (index, sealed) in state.segments.enumerated() {
            var words: [SegmentWord] = []
            for (place, entries) in plan.segmentEntries[index].prefix(plan.scoredCount).enumerated() {
                words.append(try SegmentWord(sealed.segment, entries, weight: plan.words[place].weight))
            }
            for row in sorted {
                guard let position = try sealed.segment.position(of: row), !sealed.dead.contains(position)
                else { continue }
                var code: UInt8 = 0
                try sealed.segment.withLengths { code = $0[position] }
                var frequencies: [[UInt32]] = []
                for place in words.indices {
                    frequencies.append(try words[place].termFrequencies(at: position))
                }
                receipts[row] = plan.receipt(code, frequencies) { plan.segmentTerms[index][$0] }
            }
        }
        for (index, part) in state.tail.parts.enumerated() {
            for row in sorted {
                guard let position = part.block.position(of: row), !part.dead.contains(position) else {
                    continue
                }
                let frequencies = plan.partPostings[index].prefix(plan.scoredCount).map { word in
                    word.map { part.block.frequency(of: [$0], at: position) }
                }
                receipts[row] = plan.receipt(part.block.facts.traits.lengthCodes[position], frequencies) {
                    plan.partTerms[index][$0]
                }
            }
        }
        return receipts
    }
}

extension SegmentWord {
    fileprivate mutating func termFrequencies(at position: Int) throws(TextIndexError) -> [UInt32] {
        var frequencies: [UInt32] = []
        for index in cursors.indices { frequencies.append(try cursors[index].frequency(at: position)) }
        return frequencies
    }
}

extension QueryPlan {
    /// - Parameters:
    ///   - frequencies: by word and term found.
    ///   - terms: the terms found of a word, as places in its list.
    fileprivate func receipt(
        _ lengthCode: UInt8, _ frequencies: [[UInt32]], terms: (Int) -> [Int]
    ) -> TextReceipt {
        var sum: UInt32 = 0
        var receipts: [TextReceipt.Word] = []
        let norm = norms[Int(lengthCode)]
        for (index, word) in words.prefix(scoredCount).enumerated() {
            let frequency = frequencies[index].reduce(0, +)
            let score =
                frequency > 0
                ? TermScores.score(weight: word.weight, norm: norm, frequency: frequency) : 0
            sum &+= score
            let held = zip(terms(index), frequencies[index]).filter { $0.1 > 0 }.map(\.0)
            receipts.append(
                TextReceipt.Word(
                    text: word.word.text, terms: held.map { String(decoding: word.terms[$0], as: UTF8.self) },
                    frequency: Int(frequency), rowCount: word.rowCount,
                    inverseRowFrequency: word.inverseRowFrequency,
                    contribution: Float(score) / Self.scoreUnits, isCut: word.isCut))
        }
        return TextReceipt(
            score: Float(sum) / Self.scoreUnits, length: LengthCode.lengths[Int(lengthCode)],
            averageLength: averageLength, lengthNorm: norm, words: receipts)
    }
}
