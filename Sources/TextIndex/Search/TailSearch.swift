import Columnar
import Kernels

/// Finds the best rows of one block of the tail, by summing up all postings of the words.
struct TailSearch {
    private let plan: QueryPlan
    private let part: TextTail.Part
    private let filter: TextFilter?

    /// As in the plan: for each word where the postings of its terms are.
    private let words: [[Range<Int>]]

    init(_ plan: QueryPlan, part index: Int, _ part: TextTail.Part, _ filter: TextFilter?) {
        self.plan = plan
        self.part = part
        self.filter = filter
        words = plan.partPostings[index]
    }

    /// Offers the block's best rows.
    mutating func run(_ best: inout TopK) {
        var window = ScoreWindow()
        let (postings, lengths, norms) = (
            part.block.postings, part.block.facts.traits.lengthCodes, plan.norms
        )
        for word in 0..<plan.scoredCount where !words[word].isEmpty {
            let weight = plan.words[word].weight
            for range in words[word] {
                if words[word].count == 1 {
                    window.add(
                        postings.positions, postings.frequencies, range, lengths: lengths.span,
                        norms: norms.span, weight: weight)
                } else {
                    window.count(postings.positions, postings.frequencies, range)
                }
            }
            if words[word].count > 1 {
                window.addCounted(lengths: lengths.span, norms: norms.span, weight: weight)
            }
        }
        // Nothing in memory can be damaged, but the window's users on disk can throw.
        try? window.drain { position, sum throws(TextIndexError) in
            guard Float(sum) >= best.threshold, !part.dead.contains(position) else { return }
            offer(position, sum, &best)
        }
    }

    private func offer(_ position: Int, _ sum: UInt32, _ best: inout TopK) {
        let (row, document) = (part.block.facts.rows[position], part.block.facts.documents[position])
        for word in plan.excluded where isHeld(word, at: position) { return }
        if let filter, !filter.admits(row: row, document: document) { return }
        guard plan.phrases.allSatisfy({ occurs($0, at: position) }),
            !plan.excludedPhrases.contains(where: { occurs($0, at: position) })
        else { return }
        best.offer(TopK.Entry(score: Float(sum), id: row, tag: document))
    }

    private func isHeld(_ word: Int, at position: Int) -> Bool {
        words[word].contains { part.block.posting(at: position, among: $0) != nil }
    }

    private func occurs(_ phrase: [Int], at position: Int) -> Bool {
        guard phrase.allSatisfy({ isHeld($0, at: position) }) else { return false }
        return PhraseMatch.occurs(phrase.map { part.block.occurrences(of: words[$0], at: position) })
    }
}

extension InvertedRows {
    /// The frequency of a word whose terms have these postings.
    func frequency(of word: [Range<Int>], at position: Int) -> UInt32 {
        word.reduce(0) { sum, range in
            sum + (posting(at: position, among: range).map { postings.frequencies[$0] } ?? 0)
        }
    }

    /// The places of a word in a row, ascending.
    func occurrences(of word: [Range<Int>], at position: Int) -> [UInt32] {
        var all: [UInt32] = []
        for range in word {
            guard let posting = posting(at: position, among: range) else { continue }
            all += postings.occurrences[Int(postings.starts[posting])..<Int(postings.starts[posting + 1])]
        }
        return word.count > 1 ? all.sorted() : all
    }
}
