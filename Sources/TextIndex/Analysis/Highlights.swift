/// Where a text has what a query asks for: bytes of matched words and phrases, in order and disjoint.
///
/// - Parameter language: of the text, as it was indexed.
package func highlights(of query: TextQuery, in text: String, language: Language) -> [Range<Int>] {
    let tokens = Analyzer(language: language).tokens(of: text)
    let finder = HighlightFinder(tokens: tokens)
    let found = query.words.flatMap(finder.ranges(ofWord:)) + query.phrases.flatMap(finder.ranges(ofPhrase:))
    return HighlightFinder.merged(found)
}

private struct HighlightFinder {
    let tokens: [Token]
    private let places: [String: [Int]]

    init(tokens: [Token]) {
        self.tokens = tokens
        places = Dictionary(grouping: tokens.indices) { tokens[$0].term }
    }

    func ranges(ofWord word: TextQuery.Word) -> [Range<Int>] {
        matches(of: word).map { tokens[$0].byteRange }
    }

    func ranges(ofPhrase phrase: [TextQuery.Word]) -> [Range<Int>] {
        guard let first = phrase.first else { return [] }
        // By the position at which the phrase so far ends: its bytes.
        var found = ranges(byPosition: first)
        for word in phrase.dropFirst() {
            var longer: [Int: Range<Int>] = [:]
            for (position, range) in ranges(byPosition: word) {
                guard let before = found[position - 1] else { continue }
                longer[position] = before.lowerBound..<max(before.upperBound, range.upperBound)
            }
            found = longer
        }
        return Array(found.values)
    }

    private func ranges(byPosition word: TextQuery.Word) -> [Int: Range<Int>] {
        Dictionary(matches(of: word).map { (tokens[$0].position, tokens[$0].byteRange) }) { first, _ in first
        }
    }

    private func matches(of word: TextQuery.Word) -> [Int] {
        guard word.isPrefix else { return word.terms.flatMap { places[$0] ?? [] } }
        return tokens.indices.filter { index in word.terms.contains { tokens[index].term.hasPrefix($0) } }
    }

    static func merged(_ ranges: [Range<Int>]) -> [Range<Int>] {
        var merged: [Range<Int>] = []
        for range in ranges.sorted(by: { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }) {
            if let last = merged.last, range.lowerBound < last.upperBound {
                merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        return merged
    }
}
