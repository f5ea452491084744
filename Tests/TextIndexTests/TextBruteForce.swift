import Foundation
import Kernels
import TextIndex

/// What an index should answer, by looking at every row's tokens. Scores are computed in Double, apart from the
/// rounding to units, from rows that the index counts: dead ones that it still holds included.
struct TextBruteForce {
    struct Row {
        let row: TextRow

        /// Terms by place, weighted.
        var places: [String: [Int]] = [:]
        var frequencies: [String: Int] = [:]
        var length = 0
    }

    var rows: [Int64: Row] = [:]

    /// Rows that are dead, but counted.
    var dead: Set<Int64> = []
    let configuration: TextIndexConfiguration

    mutating func apply(_ change: TextChange) {
        for row in change.insertions { rows[row.row] = Row(row, configuration.weights) }
        dead.formUnion(change.deletions.filter { rows[$0] != nil })
    }

    /// Forgets the dead, as a compaction does.
    mutating func compact() {
        for row in dead { rows[row] = nil }
        dead = []
    }

    func search(
        _ query: TextQuery, k: Int, where matches: (TextRow) -> Bool = { _ in true }
    ) -> [TextMatch] {
        let statistics = Statistics(rows: rows, query, configuration)
        let found = rows.values.compactMap { row -> TextMatch? in
            guard !dead.contains(row.row.row), matches(row.row), let units = statistics.units(of: row),
                query.phrases.allSatisfy({ row.holds(phrase: $0, statistics) }),
                !query.excludedPhrases.contains(where: { row.holds(phrase: $0, statistics) }),
                !query.excluded.contains(where: { row.frequency(statistics.terms(of: $0)) > 0 })
            else { return nil }
            return TextMatch(row: row.row.row, document: row.row.document, score: Float(units) / 131_072)
        }
        return Array(found.sorted { ($1.score, $0.row) < ($0.score, $1.row) }.prefix(k))
    }

    struct Statistics {
        let scored: [TextQuery.Word]
        var weights: [Float] = []
        let average: Double
        let configuration: TextIndexConfiguration
        private var termSets: [TextQuery.Word: Set<String>] = [:]

        init(rows: [Int64: Row], _ query: TextQuery, _ configuration: TextIndexConfiguration) {
            var scored = query.words
            for word in query.phrases.joined() where !scored.contains(word) { scored.append(word) }
            self.scored = scored
            self.configuration = configuration
            let vocabulary = Set(rows.values.flatMap { $0.frequencies.keys })
            for word in scored + query.excluded + query.excludedPhrases.joined() {
                let terms = Set(word.terms)
                termSets[word] =
                    word.isPrefix
                    ? vocabulary.filter { term in terms.contains { term.hasPrefix($0) } } : terms
            }
            average = rows.isEmpty ? 0 : Double(rows.values.reduce(0) { $0 + $1.length }) / Double(rows.count)
            for word in scored {
                let all = terms(of: word)
                let count = rows.values.reduce(0) { sum, row in
                    sum + all.count { row.frequencies[$0] != nil }
                }
                let found = Double(min(rows.count, count))
                let inverse = log(1 + (Double(rows.count) - found + 0.5) / (found + 0.5))
                weights.append(Float(inverse * (configuration.k1 + 1) * 131_072))
            }
        }

        func terms(of word: TextQuery.Word) -> Set<String> {
            termSets[word] ?? []
        }

        func units(of row: Row) -> UInt32? {
            var sum: UInt32?
            let relative = Double(row.length) / average
            let norm = Float(configuration.k1 * (1 - configuration.b + configuration.b * relative))
            for (word, weight) in zip(scored, weights) {
                let frequency = row.frequency(terms(of: word))
                guard frequency > 0 else { continue }
                sum =
                    (sum ?? 0)
                    + TermScores.score(weight: weight, norm: norm, frequency: UInt32(frequency))
            }
            return sum
        }
    }
}

extension TextBruteForce.Row {
    init(_ row: TextRow, _ weights: TextFieldWeights) {
        self.row = row
        let analyzer = Analyzer(language: row.language)
        var start = 0
        for (text, weight) in [(row.title, weights.title)] + row.headings.map({ ($0, weights.headings) }) + [
            (row.text, weights.text)
        ] {
            let tokens = analyzer.tokens(of: text)
            for token in tokens {
                places[token.term, default: []].append(start + token.position)
                frequencies[token.term, default: 0] += weight
                if !token.isPart { length += weight }
            }
            start += tokens.count + 50
        }
    }

    func frequency(_ terms: Set<String>) -> Int {
        terms.reduce(0) { $0 + (frequencies[$1] ?? 0) }
    }

    func holds(phrase: [TextQuery.Word], _ statistics: TextBruteForce.Statistics) -> Bool {
        let all = phrase.map { word in
            Set(statistics.terms(of: word).flatMap { places[$0] ?? [] })
        }
        return all.first?.contains { start in
            all.indices.allSatisfy { all[$0].contains(start + $0) }
        } ?? true
    }
}
