import Documents
import Testing

/// Laws over seeded random documents. A failing seed is an argument to run again.
@Suite struct LawTests {
    @Test(arguments: 0..<UInt64(300))
    func `blocks and chunks of any Markdown obey the laws`(seed: UInt64) throws {
        var random = RandomMarkdown(seed: seed)
        let bytes = random.document()
        #expect(try Laws.firstViolation(bytes) == nil)
        #expect(
            try Laws.firstViolation(bytes, .init(tokensTarget: 40, tokensMax: 48), ScalarCounter()) == nil)
    }

    @Test(arguments: 0..<UInt64(100))
    func `blocks and chunks of any plain text obey the laws`(seed: UInt64) throws {
        var random = RandomMarkdown(seed: seed)
        let bytes = random.document()
        #expect(try Laws.firstViolation(bytes, as: .plainText) == nil)
        #expect(
            try Laws.firstViolation(
                bytes, as: .plainText, .init(tokensTarget: 16, tokensMax: 16), UnknownWordCounter()) == nil)
    }

    @Test(arguments: 0..<UInt64(50))
    func `the same bytes give the same chunks`(seed: UInt64) throws {
        var random = RandomMarkdown(seed: seed)
        let bytes = random.document()
        let chunker = Chunker(options: .init(tokensMax: 254), counter: WordCounter())
        let first = try chunker.chunks(of: DocumentParser.parse(bytes, as: .markdown), in: bytes)
        let second = try chunker.chunks(of: DocumentParser.parse(bytes, as: .markdown), in: bytes)
        #expect(first == second)
    }

    @Test func `documents parsed at the same time do not see each other`() async throws {
        let text = (0..<200).map { "# ~~a~~ www.b.org *c* \($0)\n\n| ~x~ |\n|---|\n" }.joined()
        let alone = try DocumentParser.parse(Array(text.utf8), as: .markdown)
        try await withThrowingTaskGroup(of: ParsedDocument.self) { group in
            for _ in 0..<16 { group.addTask { try DocumentParser.parse(Array(text.utf8), as: .markdown) } }
            for try await document in group { #expect(document == alone) }
        }
        #expect(alone.title == "a www.b.org c 0")
    }

    @Test(arguments: 0..<UInt64(100))
    func `bytes broken at random are refused or obey the laws`(seed: UInt64) throws {
        var random = RandomMarkdown(seed: seed)
        var bytes = random.document()
        var position = Int(seed)
        for value in [0x00, 0xFF, 0xC3, 0xE2, 0x80, 0x0D] as [UInt8] {
            position = (position &* 7919 + 13) % max(1, bytes.count)
            if !bytes.isEmpty { bytes[position] = value }
        }
        do {
            #expect(try Laws.firstViolation(bytes) == nil)
        } catch is DocumentError {}
    }
}
