/// Turns rows into postings.
///
/// The weight of a field is how often each of its tokens counts: in the frequency of its term and in the length of the
/// row alike, as if the field had been written so many times. A part of an identifier counts in the frequency only.
struct RowInverter {
    private let weights: TextFieldWeights
    private var analyzers: [Language: Analyzer] = [:]
    private var facts = RowFacts()
    private var languagePlaces: [Language: UInt8] = [:]

    // Every token, in the order of rows and places.
    private var ordinals: [String: UInt32] = [:]
    private var terms: [[UInt8]] = []
    private var tokens: [InvertedToken] = []

    init(weights: TextFieldWeights) {
        self.weights = weights
    }

    /// - Parameter rows: ascending.
    static func invert(_ rows: [TextRow], weights: TextFieldWeights) throws(TextIndexError) -> InvertedRows {
        var inverter = RowInverter(weights: weights)
        for row in rows { try inverter.append(row) }
        return inverter.finish()
    }

    private mutating func append(_ row: TextRow) throws(TextIndexError) {
        var place = 0
        var length = 0
        for (text, weight) in [(row.title, weights.title)] + row.headings.map({ ($0, weights.headings) }) + [
            (row.text, weights.text)
        ] where weight > 0 {
            add(text, weight, row.language, &place, &length)
        }
        facts.rows.append(row.row)
        facts.documents.append(row.document)
        facts.bornSequences.append(row.bornSequence)
        facts.traits.lengthCodes.append(LengthCode.code(of: length))
        facts.traits.languages.append(try languagePlace(row.language))
    }

    private mutating func add(
        _ text: String, _ weight: Int, _ language: Language, _ place: inout Int, _ length: inout Int
    ) {
        guard !text.isEmpty else { return }
        let start = place
        for token in tokens(of: text, language) {
            let here = start + token.position
            place = max(place, here + 1)
            if !token.isPart { length += weight }
            let added = InvertedToken(
                term: ordinal(of: token.term), row: UInt32(facts.rows.count),
                place: UInt32(clamping: here), weight: UInt32(weight))
            tokens.append(added)
        }
        place += PostingsFormat.fieldGap
    }

    private mutating func tokens(of text: String, _ language: Language) -> [Token] {
        if let analyzer = analyzers[language] { return analyzer.tokens(of: text) }
        let analyzer = Analyzer(language: language)
        analyzers[language] = analyzer
        return analyzer.tokens(of: text)
    }

    private mutating func ordinal(of term: String) -> UInt32 {
        if let ordinal = ordinals[term] { return ordinal }
        let ordinal = UInt32(terms.count)
        ordinals[term] = ordinal
        terms.append(TermBytes.bytes(of: term))
        return ordinal
    }

    private mutating func languagePlace(_ language: Language) throws(TextIndexError) -> UInt8 {
        if let place = languagePlaces[language] { return place }
        guard facts.traits.names.count < PostingsFormat.languagesMax else {
            throw .tooManyLanguages(found: facts.traits.names.count + 1, allowed: PostingsFormat.languagesMax)
        }
        let place = UInt8(facts.traits.names.count)
        languagePlaces[language] = place
        facts.traits.names.append(language)
        return place
    }

    private func finish() -> InvertedRows {
        // Terms that are the same once cut at the most bytes of a term, or by bytes, become one.
        let keys = terms.map(TermBytes.key)
        let order = terms.indices.sorted { left, right in
            keys[left] == keys[right]
                ? TermBytes.order(terms[left], terms[right]) < 0 : keys[left] < keys[right]
        }
        var ranks = [Int](repeating: 0, count: terms.count)
        var distinct: [[UInt8]] = []
        for ordinal in order {
            if distinct.last != terms[ordinal] { distinct.append(terms[ordinal]) }
            ranks[ordinal] = distinct.count - 1
        }
        let (sorted, starts) = tokens.grouped(by: ranks, groupCount: distinct.count)
        var columns = InvertedRows.Columns()
        for (rank, term) in distinct.enumerated() {
            columns.add(sorted[starts[rank]..<starts[rank + 1]])
            columns.finish(term)
        }
        return InvertedRows(facts: facts, columns)
    }
}

/// One token of a row.
private struct InvertedToken {
    let term: UInt32
    let row: UInt32
    let place: UInt32
    let weight: UInt32
}

extension [InvertedToken] {
    /// The tokens by the rank of their terms, each group in the order of rows.
    fileprivate func grouped(by ranks: [Int], groupCount: Int) -> (sorted: [InvertedToken], starts: [Int]) {
        var starts = [Int](repeating: 0, count: groupCount + 1)
        for token in self { starts[ranks[Int(token.term)] + 1] += 1 }
        for group in 0..<groupCount { starts[group + 1] += starts[group] }
        var next = starts
        var sorted = self
        for token in self {
            let rank = ranks[Int(token.term)]
            sorted[next[rank]] = token
            next[rank] += 1
        }
        return (sorted, starts)
    }
}

extension InvertedRows.Columns {
    /// Adds the postings of one term, whose tokens these are.
    fileprivate mutating func add(_ tokens: ArraySlice<InvertedToken>) {
        var index = tokens.startIndex
        while index < tokens.endIndex {
            let row = tokens[index].row
            let first = postings.occurrences.count
            var frequency: UInt32 = 0
            while index < tokens.endIndex, tokens[index].row == row {
                postings.occurrences.append(tokens[index].place)
                frequency = Swift.min(frequency + tokens[index].weight, PostingsFormat.frequencyMax)
                index += 1
            }
            // Parts of an identifier may come after what follows it.
            if !postings.occurrences[first...].isAscending { postings.occurrences[first...].sort() }
            postings.positions.append(row)
            postings.frequencies.append(frequency)
            postings.starts.append(UInt32(postings.occurrences.count))
        }
    }
}

extension ArraySlice<UInt32> {
    fileprivate var isAscending: Bool {
        zip(self, dropFirst()).allSatisfy { $0 <= $1 }
    }
}

extension RowInverter {
    /// Rows in blocks as the tail has them.
    static func blocks(
        of rows: [TextRow], weights: TextFieldWeights
    ) throws(TextIndexError) -> [InvertedRows] {
        let sorted = rows.sorted { $0.row < $1.row }
        var blocks: [InvertedRows] = []
        for start in stride(from: 0, to: sorted.count, by: TextTail.blockRowsMax) {
            let block = sorted[start..<min(start + TextTail.blockRowsMax, sorted.count)]
            blocks.append(try invert(Array(block), weights: weights))
        }
        return blocks
    }
}
