import TestSupport
import Testing
import TextIndex

@Suite struct TextSearchTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func check(
        _ index: TextIndex, _ model: TextBruteForce, _ queries: inout MadeRows, _ count: Int = 15
    ) throws {
        let snapshot = index.snapshot
        for _ in 0..<count {
            let query = queries.query()
            for k in [1, 10, 5_000] {
                #expect(try snapshot.search(query, k: k) == model.search(query, k: k), "\(query)")
            }
            let even = TextFilter.rows { row, document in (row + document) % 2 == 0 }
            #expect(
                try snapshot.search(query, k: 7, filter: even)
                    == model.search(query, k: 7) { ($0.row + $0.document) % 2 == 0 })
            let few = Set((0..<20).map { _ in Int64.random(in: 0..<4_000, using: &queries.random) })
            #expect(
                try snapshot.search(query, k: 7, filter: .rows(Array(few)))
                    == model.search(query, k: 7) { few.contains($0.row) })
        }
    }

    @Test(arguments: 1...12 as ClosedRange<UInt64>)
    func `a search of segments and tail answers what sorting all rows does`(seed: UInt64) throws {
        var rows = MadeRows(seed: seed, vocabulary: seed % 2 == 0 ? 40 : 200)
        let configuration = TextIndexConfiguration(tailRowsMax: 2_000)
        let index = TextIndex(configuration: configuration)
        var model = TextBruteForce(configuration: configuration)
        var next: Int64 = 0
        for sequence in 1...12 as ClosedRange<Int64> {
            let count = Int64.random(in: 1...(seed % 3 == 0 ? 30 : 350), using: &rows.random)
            let insertions = (next..<(next + count)).map { rows.row($0, born: sequence) }
            next += count
            var deletions: [Int64] = []
            // Rows die only in the last part, where the model counts them like the index.
            if sequence > 9 {
                deletions = (0..<count / 3).map { _ in Int64.random(in: 0..<next, using: &rows.random) }
            }
            let change = TextChange(sequence: sequence, insertions: insertions, deletions: deletions)
            try index.apply([change])
            model.apply(change)
            if [3, 6, 7].contains(sequence) {
                try index.publish(
                    index.writeSegment(number: sequence, in: directory.url), in: directory.url)
            }
            if [3, 8, 12].contains(sequence) { try check(index, model, &rows, sequence == 12 ? 20 : 4) }
        }
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func `a search of a segment of many windows answers what sorting all rows does`(seed: UInt64) throws {
        var rows = MadeRows(seed: seed, vocabulary: 216)
        let configuration = TextIndexConfiguration()
        var model = TextBruteForce(configuration: configuration)
        let all = (0..<10_000 as Range<Int64>).map { TextRow($0, document: $0 % 7, rows.text(1...12)) }
        let builder = PostingsBuilder(
            number: 1, sequences: 0...1, configuration: configuration, in: directory.url)
        try builder.append(all)
        model.apply(TextChange(sequence: 1, insertions: all))
        let index = TextIndex(configuration: configuration)
        try index.open([builder.finish()], in: directory.url)
        for _ in 0..<8 {
            let query = rows.query()
            #expect(try index.snapshot.search(query, k: 10) == model.search(query, k: 10), "\(query)")
        }
    }

    @Test func `a filter lets min(k, matches) rows through`() throws {
        let index = TextIndex()
        let rows = (0..<3_000 as Range<Int64>).map { TextRow($0, document: $0, "kamo tiru") }
        try index.apply([TextChange(sequence: 1, insertions: rows)])
        try index.publish(index.writeSegment(number: 1, in: directory.url), in: directory.url)
        let filter = TextFilter.rows { row, _ in row % 1_000 == 999 }
        let found = try index.snapshot.search(TextQuery(words: ["kamo"]), k: 5, filter: filter)
        #expect(found.map(\.row) == [999, 1_999, 2_999])
    }

    @Test func `scores do not depend on how rows are spread over segments and tail`() throws {
        var rows = MadeRows(seed: 5)
        let all = (0..<900 as Range<Int64>).map { rows.row($0) }
        let queries = (0..<20).map { _ in rows.query() }
        var answers: [[[TextMatch]]] = []
        for cuts in [[], [900], [10, 20, 700], [450]] {
            let place = try TemporaryDirectory()
            let index = TextIndex()
            var start = 0
            for (number, end) in (cuts + [900]).enumerated() {
                let sequence = Int64(number + 1)
                let insertions = all[start..<end].map { row in
                    var row = row
                    row.bornSequence = sequence
                    return row
                }
                start = end
                try index.apply([TextChange(sequence: sequence, insertions: insertions)])
                guard number < cuts.count else { continue }
                try index.publish(index.writeSegment(number: sequence, in: place.url), in: place.url)
            }
            answers.append(try queries.map { try index.snapshot.search($0, k: 50) })
        }
        #expect(answers.allSatisfy { $0 == answers[0] })
    }

    @Test func `a phrase is found across blocks of postings, and not across fields`() throws {
        let index = TextIndex()
        var rows = (0..<1_000 as Range<Int64>).map { TextRow($0, "kamo zanka tiru") }
        rows.append(TextRow(1_000, "zanka kamo tiru kamo"))
        rows.append(TextRow(1_001, title: "kamo", headings: ["tiru"], "tiru"))
        try index.apply([TextChange(sequence: 1, insertions: rows)])
        let query = TextQuery(phrases: [["kamo", "tiru"]])
        #expect(try index.snapshot.search(query, k: 10).map(\.row) == [1_000])
        try index.publish(index.writeSegment(number: 1, in: directory.url), in: directory.url)
        #expect(try index.snapshot.search(query, k: 10).map(\.row) == [1_000])
        let others = TextQuery(words: ["tiru"], excludedPhrases: [["zanka", "tiru"]])
        #expect(try Set(index.snapshot.search(others, k: 10).map(\.row)) == [1_000, 1_001])
    }

    @Test func `a title of weight two counts twice, in frequency and length`() throws {
        let index = TextIndex(
            configuration: TextIndexConfiguration(weights: TextFieldWeights(title: 2, headings: 1, text: 1)))
        try index.apply([
            TextChange(
                sequence: 1, insertions: [TextRow(1, title: "kamo", "tiru"), TextRow(2, "kamo tiru tiru")])
        ])
        let receipts = try index.snapshot.receipts(TextQuery(words: ["kamo"]), rows: [1, 2])
        #expect(receipts[1]?.words[0].frequency == 2 && receipts[1]?.length == 3)
        #expect(receipts[2]?.words[0].frequency == 1 && receipts[2]?.length == 3)
    }

    @Test func `a prefix stands for its 256 most frequent terms, and says that it was cut`() throws {
        let index = TextIndex()
        // Term i occurs in 300 - i rows, so the last 44 are cut.
        func term(_ number: Int) -> String {
            let letters = [number / 26, number % 26].map { String(UnicodeScalar(UInt8(97 + $0))) }
            return "zan" + letters.joined() + "q"
        }
        let rows = (0..<300 as Range<Int64>).map { row in
            TextRow(row, (0..<(300 - Int(row))).map(term).joined(separator: " "))
        }
        let extra = TextRow(300, term(299))
        try index.apply([TextChange(sequence: 1, insertions: rows + [extra])])
        for _ in 0..<2 {
            let query = TextQuery(words: ["zan*"])
            let found = try index.snapshot.search(query, k: 1_000)
            #expect(Set(found.map(\.row)) == Set(0..<300))
            let receipt = try index.snapshot.receipts(query, rows: [0])[0]
            #expect(receipt?.words.first?.isCut == true && receipt?.words.first?.terms.count == 256)
            guard index.snapshot.segments.isEmpty else { break }
            try index.publish(index.writeSegment(number: 1, in: directory.url), in: directory.url)
        }
    }

    @Test func `receipts add up to the score that the search gave`() throws {
        var rows = MadeRows(seed: 8)
        let index = TextIndex()
        try index.apply([TextChange(sequence: 1, insertions: (0..<500).map { rows.row($0) })])
        try index.publish(index.writeSegment(number: 1, in: directory.url), in: directory.url)
        try index.apply([
            TextChange(
                sequence: 2, insertions: (500..<900).map { rows.row($0, born: 2) }, deletions: [3, 501])
        ])
        for _ in 0..<30 {
            let query = rows.query()
            let found = try index.snapshot.search(query, k: 20)
            let receipts = try index.snapshot.receipts(
                query, rows: found.map(\.row).reversed() + [3, 501, 77_777])
            #expect(receipts.count == found.count)
            for match in found {
                let receipt = try #require(receipts[match.row])
                let sum = receipt.words.reduce(0.0) { $0 + Double($1.contribution) }
                #expect(receipt.score == match.score && abs(sum - Double(match.score)) <= 1e-6)
            }
        }
    }

    @Test func `k and the number of words have bounds`() throws {
        let snapshot = TextIndex().snapshot
        for k in [0, 10_001, -1] {
            #expect(throws: TextIndexError.self) { try snapshot.search(TextQuery(words: ["kamo"]), k: k) }
        }
        let many = TextQuery(words: Array(repeating: "kamo", count: 257))
        #expect(throws: TextIndexError.self) { try snapshot.search(many, k: 1) }
        #expect(try snapshot.search(TextQuery(words: ["kamo"]), k: 1) == [])
        #expect(try snapshot.search(TextQuery(excluded: ["kamo"]), k: 1) == [])
    }

    @Test func `a row that matches nothing but has a score of zero units is still a match`() throws {
        // Every row has the word: its idf is next to nothing.
        let index = TextIndex()
        let rows = (0..<4_000 as Range<Int64>).map { TextRow($0, "kamo") }
        try index.apply([TextChange(sequence: 1, insertions: rows)])
        #expect(try index.snapshot.search(TextQuery(words: ["kamo"]), k: 10_000).count == 4_000)
    }
}
