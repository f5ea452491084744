import Foundation
import Kernels

/// A word of a query, and what the whole index says of it.
struct PlannedWord: Sendable {
    let word: TextQuery.Word

    /// The terms, of a prefix those that start with it; without repetition.
    let terms: [[UInt8]]

    /// Whether a prefix had more terms than are looked for.
    let isCut: Bool

    /// BM25's df: the sum of the terms', at most the number of rows.
    var rowCount = 0
    var inverseRowFrequency = 0.0

    /// What a posting adds at most, in units.
    var weight: Float = 0
}

/// A query, its words looked up in every segment and block of the tail, and the statistics that scores need.
struct QueryPlan: Sendable {
    /// What a score of 1 is in whole numbers: 2¹⁷. The weights of 256 words, each below 2²³, add up to less than
    /// 2³². A word that one of 2³¹ rows has weighs less than that for k1 up to 1.9, and is cut to it for others.
    static let scoreUnits: Float = 131_072

    /// 256 of these are below 2³¹; a weight is below 2²³.
    private static let weightMax: Float = 8_388_607

    static let wordsMax = 256

    /// Terms that a prefix stands for at most: the most frequent.
    static let prefixTermsMax = 256

    /// Words that are scored come first.
    private(set) var words: [PlannedWord] = []
    private(set) var scoredCount = 0

    /// Places in `words`.
    private(set) var phrases: [[Int]] = []
    private(set) var excluded: [Int] = []
    private(set) var excludedPhrases: [[Int]] = []

    /// By segment, word and term found; and which of the word's terms these are.
    private(set) var segmentEntries: [[[TermEntry]]] = []
    private(set) var segmentTerms: [[[Int]]] = []

    /// By part of the tail, word and term found: where its postings are; and which of the word's terms these are.
    private(set) var partPostings: [[[Range<Int>]]] = []
    private(set) var partTerms: [[[Int]]] = []

    /// k1 × (1 - b + b × length ÷ average length), by the length's code.
    let norms: [Float]
    let averageLength: Double

    init(
        _ query: TextQuery, _ state: TextState, _ configuration: TextIndexConfiguration
    ) throws(TextIndexError) {
        let rowCount = state.segments.reduce(state.tail.rowCount) { $0 + $1.segment.rowCount }
        let lengthSum = state.segments.reduce(state.tail.lengthSum) { $0 + $1.segment.lengthSum }
        averageLength = rowCount > 0 ? Double(lengthSum) / Double(rowCount) : 0
        norms = Self.norms(averageLength: averageLength, configuration)
        try addWords(of: query, state)
        for sealed in state.segments { try lookUp(in: sealed.segment) }
        for part in state.tail.parts { lookUp(in: part.block) }
        weigh(rowCount: rowCount, k1: configuration.k1)
    }

    private static func norms(averageLength: Double, _ configuration: TextIndexConfiguration) -> [Float] {
        let (k1, b) = (configuration.k1, configuration.b)
        return LengthCode.lengths.map { length in
            let relative = averageLength > 0 ? Double(length) / averageLength : 1
            return Float(k1 * (1 - b + b * relative))
        }
    }

    /// Whether a row of the segment can match at all.
    func mayMatch(segment index: Int) -> Bool {
        mayMatch { !segmentEntries[index][$0].isEmpty }
    }

    func mayMatch(part index: Int) -> Bool {
        mayMatch { !partPostings[index][$0].isEmpty }
    }

    private func mayMatch(_ hasWord: (Int) -> Bool) -> Bool {
        (0..<scoredCount).contains(where: hasWord) && phrases.allSatisfy { $0.allSatisfy(hasWord) }
    }

    // MARK: Words

    private mutating func addWords(of query: TextQuery, _ state: TextState) throws(TextIndexError) {
        let all = [query.words, query.excluded] + query.phrases + query.excludedPhrases
        let count = all.reduce(0) { $0 + $1.count }
        guard count <= Self.wordsMax else { throw .tooManyWords(found: count, allowed: Self.wordsMax) }
        for word in query.words { try add(word, state) }
        for phrase in query.phrases where !phrase.isEmpty {
            var places: [Int] = []
            for word in phrase { places.append(try place(of: word, from: 0, state)) }
            phrases.append(places)
        }
        scoredCount = words.count
        for word in query.excluded { excluded.append(try place(of: word, from: scoredCount, state)) }
        for phrase in query.excludedPhrases where !phrase.isEmpty {
            var places: [Int] = []
            for word in phrase { places.append(try place(of: word, from: 0, state)) }
            excludedPhrases.append(places)
        }
    }

    private mutating func place(
        of word: TextQuery.Word, from first: Int, _ state: TextState
    ) throws(TextIndexError) -> Int {
        // Two words of the same terms are one, however they were written.
        let known = words[first...].firstIndex {
            $0.word.terms == word.terms && $0.word.isPrefix == word.isPrefix
        }
        if let known { return known }
        try add(word, state)
        return words.count - 1
    }

    private mutating func add(_ word: TextQuery.Word, _ state: TextState) throws(TextIndexError) {
        var terms: [[UInt8]] = []
        for term in word.terms.map(TermBytes.bytes) where !terms.contains(term) { terms.append(term) }
        guard word.isPrefix else {
            words.append(PlannedWord(word: word, terms: terms, isCut: false))
            return
        }
        let (expanded, isCut) = try Self.expanded(terms, state)
        words.append(PlannedWord(word: word, terms: expanded, isCut: isCut))
    }

    /// The most frequent terms that start with one of `prefixes`, of equally frequent ones the first.
    private static func expanded(
        _ prefixes: [[UInt8]], _ state: TextState
    ) throws(TextIndexError) -> (terms: [[UInt8]], isCut: Bool) {
        var rowCounts: [[UInt8]: Int] = [:]
        // A prefix of another one stands for its terms as well.
        for prefix in prefixes
        where !prefixes.contains(where: { $0 != prefix && TermBytes.hasPrefix(prefix.span, $0.span) }) {
            for sealed in state.segments {
                try TermDictionary(segment: sealed.segment).forEachTerm(withPrefix: prefix) {
                    rowCounts[$0, default: 0] += $1
                }
            }
            for part in state.tail.parts {
                part.block.forEachTerm(withPrefix: prefix) { rowCounts[$0, default: 0] += $1 }
            }
        }
        let sorted = rowCounts.sorted {
            $0.value != $1.value ? $0.value > $1.value : TermBytes.order($0.key.span, $1.key.span) < 0
        }
        return (sorted.prefix(prefixTermsMax).map(\.key), sorted.count > prefixTermsMax)
    }

    // MARK: Statistics

    private mutating func lookUp(in segment: PostingsSegment) throws(TextIndexError) {
        let dictionary = TermDictionary(segment: segment)
        var (entries, terms): ([[TermEntry]], [[Int]]) = ([], [])
        for word in words {
            var (found, places): ([TermEntry], [Int]) = ([], [])
            for (place, term) in word.terms.enumerated() {
                guard let entry = try dictionary.entry(of: term) else { continue }
                found.append(entry)
                places.append(place)
            }
            entries.append(found)
            terms.append(places)
        }
        segmentEntries.append(entries)
        segmentTerms.append(terms)
    }

    private mutating func lookUp(in block: InvertedRows) {
        var (postings, terms): ([[Range<Int>]], [[Int]]) = ([], [])
        for word in words {
            let found = word.terms.enumerated().compactMap { place, term in
                block.ordinal(of: term).map { (place: place, postings: block.postings(of: $0)) }
            }
            postings.append(found.map(\.postings))
            terms.append(found.map(\.place))
        }
        partPostings.append(postings)
        partTerms.append(terms)
    }

    private mutating func weigh(rowCount: Int, k1: Double) {
        for index in words.indices {
            let sealed = segmentEntries.reduce(0) { $0 + $1[index].reduce(0) { $0 + $1.rowCount } }
            let total = partPostings.reduce(sealed) { $0 + $1[index].reduce(0) { $0 + $1.count } }
            let found = min(rowCount, total)
            let inverse = log(1 + (Double(rowCount - found) + 0.5) / (Double(found) + 0.5))
            words[index].rowCount = found
            words[index].inverseRowFrequency = inverse
            words[index].weight = min(Self.weightMax, Float(inverse * (k1 + 1) * Double(Self.scoreUnits)))
        }
    }
}
