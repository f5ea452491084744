import Documents
import Testing

@Suite struct ChunkerTests {
    private func chunks(
        _ text: String, target: Int = 40, overlap: Double = 0, max: Int = 64,
        counter: any TokenCounter = WordCounter()
    ) throws -> [Chunk] {
        let bytes = Array(text.utf8)
        let options = ChunkingOptions(tokensTarget: target, overlapFraction: overlap, tokensMax: max)
        let violation = try Laws.firstViolation(bytes, options, counter)
        #expect(violation == nil)
        return Chunker(options: options, counter: counter)
            .chunks(of: try DocumentParser.parse(bytes, as: .markdown), in: bytes)
    }

    @Test(arguments: [
        (ChunkingOptions(tokensMax: 254), true), (ChunkingOptions(tokensMax: 510), true),
        (ChunkingOptions(tokensMax: 253), false), (ChunkingOptions(tokensTarget: 100, tokensMax: 254), false),
        (ChunkingOptions(overlapFraction: 0, tokensMax: 510), false),
    ])
    func `chunks made with a lower cap, and otherwise alike, may stay`(options: ChunkingOptions, may: Bool) {
        let fingerprint = ChunkingOptions(tokensMax: 254).fingerprint
        #expect(fingerprint == "chunks-1 target=200 overlap=30 max=254")
        #expect(options.admitsChunks(madeWith: fingerprint) == may)
        #expect(options.admitsChunks(madeWith: fingerprint + " a model 2 float32 384d") == may)
        #expect(!options.admitsChunks(madeWith: "chunks-1 target=200"))
    }

    /// `count` sentences of 13 tokens.
    private func sentences(_ count: Int, _ first: Int = 0) -> String {
        (first..<first + count).map { "Sentence \(1000 + $0) says something, quite enough here." }.joined(
            separator: " ")
    }

    @Test func `small sections under one parent share a chunk, whose path is what they have in common`()
        throws
    {
        let found = try chunks("# T\n\n## A\n\nIntro.\n\n### B\n\nOne.\n\n### C\n\nTwo.\n\n## D\n\nEnd.")
        #expect(found.map(\.headingPath) == [["T", "A"], ["T", "D"]])
        #expect(
            found.map(\.text) == ["# T\n\n## A\n\nIntro.\n\n### B\n\nOne.\n\n### C\n\nTwo.", "## D\n\nEnd."])
    }

    @Test func `no chunk holds text on both sides of a heading of level 1 or 2`() throws {
        let found = try chunks("one\n\n# A\n\ntwo\n\n## B\n\nthree\n\nC\n-\n\nfour\n\n# D\n\nfive")
        #expect(found.map(\.headingPath) == [[], ["A"], ["A", "B"], ["A", "C"], ["D"]])
    }

    @Test func `the headings of empty sections go with the text that follows`() throws {
        let found = try chunks("# A\n\n# B\n\n## C\n\ntext\n\n# D")
        #expect(found.map(\.text) == ["# A\n\n# B\n\n## C\n\ntext", "# D"])
        #expect(found.map(\.headingPath) == [["B", "C"], ["D"]])
        let empty = try chunks(String(repeating: "# a\n", count: 10_000))
        #expect(empty.count < 1_000)
    }

    @Test func `a section that does not fit is not joined to its neighbour`() throws {
        let found = try chunks("### A\n\n\(sentences(6))\n\n### B\n\n\(sentences(1, 90))")
        #expect(found.count > 2)
        #expect(found.dropLast().allSatisfy { $0.headingPath == ["A"] })
        #expect(found.last?.headingPath == ["B"])
    }

    @Test(arguments: 1...40)
    func `a heading travels with the text that follows it`(words: Int) throws {
        let filler = Array(repeating: "word", count: words).joined(separator: " ")
        let found = try chunks(
            "\(filler)\n\n### Head line\n\nFollowing text.\n\n\(filler)\n\n#### Deep\n\n##### Deeper\n\nMore."
        )
        for chunk in found {
            let last = chunk.text.split(separator: "\n").last ?? ""
            #expect(!last.hasPrefix("#"), "\(chunk.text)")
        }
    }

    @Test func `a split table begins every piece with its header rows`() throws {
        let header = "| key | value |\n|-----|-------|"
        let rows = (0..<30).map { "| k\($0) | v\($0) |" }
        let text = "# T\n\n" + ([header] + rows).joined(separator: "\n")
        let found = try chunks(text)
        #expect(found.count > 2)
        #expect(found.first?.text.hasPrefix("# T\n\n\(header)\n") == true)
        #expect(found.dropFirst().allSatisfy { $0.text.hasPrefix("\(header)\n| k") })
        let source = Array(text.utf8)
        #expect(found.dropFirst().allSatisfy { source[$0.byteRange].starts(with: Array("| k".utf8)) })
    }

    @Test func `a header over half the cap is not repeated`() throws {
        let cells = (0..<20).map { "column\($0)" }.joined(separator: " | ")
        let marks = Array(repeating: "-", count: 20).joined(separator: "|")
        let row = (0..<20).map { "\($0)" }.joined(separator: " | ")
        let found = try chunks("|\(cells)|\n|\(marks)|\n" + (0..<6).map { _ in "|\(row)|\n" }.joined())
        #expect(found.count { $0.text.contains("column0 ") } == 1)
    }

    @Test func `a split fence begins every piece with its opening line, and breaks at blank lines`() throws {
        let body = (0..<12).map { "let value\($0) = compute(\($0))\nuse(value\($0))" }.joined(
            separator: "\n\n")
        let found = try chunks("```swift\n\(body)\n```")
        #expect(found.count > 2)
        #expect(found.allSatisfy { $0.text.hasPrefix("```swift\nlet value") })
        #expect(found.last?.text.hasSuffix("```") == true)
        #expect(found.dropLast().allSatisfy { $0.text.hasSuffix(")") && $0.text.contains("use(") })
    }

    @Test func `list items are kept whole when they fit`() throws {
        let items = (0..<8).map { "- " + sentences(2, $0 * 2) }
        let found = try chunks(items.joined(separator: "\n"))
        #expect(found.map(\.text).allSatisfy { $0.hasPrefix("- Sentence") })
        #expect(found.count == 8)
    }

    @Test func `a long paragraph is cut at sentence ends`() throws {
        let found = try chunks(sentences(20))
        #expect(found.count > 3)
        #expect(found.allSatisfy { $0.text.hasPrefix("Sentence") && $0.text.hasSuffix("here.") })
    }

    @Test func `abbreviations, initials and numbers end no sentence`() throws {
        let sentence =
            "See e.g. Knuth, D. E. and others, vs. Version 3.14 of Fig. Nine, which no reader likes."
        let found = try chunks(Array(repeating: sentence, count: 10).joined(separator: " "))
        #expect(found.count > 3)
        #expect(found.allSatisfy { $0.text.hasPrefix("See") && $0.text.hasSuffix("likes.") })
    }

    @Test func `Chinese sentences are cut without spaces`() throws {
        let found = try chunks(String(repeating: "這是一個句子，不長也不短。", count: 30))
        #expect(found.count > 3)
        #expect(found.allSatisfy { $0.text.hasSuffix("。") })
    }

    @Test(arguments: [0.05, 0.15, 0.3, 0.5])
    func `overlap is whole sentences, about the share asked for and never more than half again`(
        share: Double
    ) throws {
        let found = try chunks(sentences(60), target: 120, overlap: share, max: 160)
        #expect(found.count > 4)
        for (first, second) in zip(found, found.dropFirst()) {
            let overlap = first.byteRange.upperBound - second.byteRange.lowerBound
            let repeated = String(decoding: Array(first.text.utf8).suffix(max(0, overlap)), as: UTF8.self)
            #expect(WordCounter().tokenCount(of: repeated) <= Int(120 * share * 1.5))
            #expect(second.text.hasPrefix("Sentence"))
            #expect(repeated.isEmpty == (share < 0.1))
        }
    }

    @Test func `nothing is repeated across a heading`() throws {
        let text = (0..<6).map { "### H\($0)\n\n" + sentences(3, $0 * 3) }.joined(separator: "\n\n")
        let found = try chunks(text, overlap: 0.5)
        #expect(found.count == 6)
        #expect(
            zip(found, found.dropFirst()).allSatisfy { $0.byteRange.upperBound < $1.byteRange.lowerBound })
    }

    @Test(arguments: [16, 20, 33, 64, 254])
    func `the cap holds for any counter, on the exact text`(max: Int) throws {
        var random = RandomMarkdown(seed: UInt64(max))
        let text = String(decoding: random.document(), as: UTF8.self)
        let counters: [any TokenCounter] = [WordCounter(), ScalarCounter(), UnknownWordCounter()]
        for counter in counters {
            let found = try chunks(text, target: 200, overlap: 0.3, max: max, counter: counter)
            #expect(found.allSatisfy { $0.tokenCount <= max })
        }
    }

    @Test(arguments: [
        "👩‍👩‍👧‍👦", "🇩🇪", "e\u{301}\u{323}", "한", "नि", "👍🏽", "\u{1F3F4}\u{E0067}\u{E0062}\u{E007F}",
    ])
    func `a grapheme cluster is never cut`(cluster: String) throws {
        let found = try chunks(
            String(repeating: cluster, count: 400), target: 20, max: 24, counter: ScalarCounter())
        #expect(found.count > 5)
        #expect(found.allSatisfy { $0.text.allSatisfy { String($0) == cluster } })
    }

    @Test func `the source of a chunk says where it is`() throws {
        let found = try chunks("\n\n  one\n\n## Two\n\nthree\n", max: 64)
        #expect(found.map(\.byteRange) == [4..<7, 9..<22])
        #expect(found.map(\.lineRange) == [3...3, 5...7])
        #expect(found.map(\.ordinal) == [0, 1])
    }

    @Test func `the fingerprint changes with what changes chunks, and only then`() {
        let base = ChunkingOptions(tokensMax: 254)
        #expect(base.fingerprint == "chunks-1 target=200 overlap=30 max=254")
        #expect(
            ChunkingOptions(tokensTarget: 300, tokensMax: 254).fingerprint
                == "chunks-1 target=254 overlap=38 max=254")
        #expect(ChunkingOptions(overlapFraction: 0.1501, tokensMax: 254).fingerprint == base.fingerprint)
    }
}
