import Engine
import Foundation
import TestSupport
import Testing

/// Parts of documents, as whoever reads around a passage asks for them.
struct ExcerptTests {
    private static let text = "one\ntwo\r\nthree\n\nfünf 🐦\nlast"

    private func excerpt(
        _ range: ExcerptRange, upTo byteCountMax: Int = 1_000, of text: String = text
    ) async throws -> DocumentExcerpt {
        let test = try TestEngine()
        try await test.ingest(["a.txt": text])
        let found = try test.engine.library.excerpt(
            range, of: DocumentReference("a.txt"), upTo: byteCountMax, in: test.scope)
        try await test.engine.close()
        return found
    }

    @Test(arguments: [
        (1...1, "one\n"), (2...3, "two\r\nthree\n"), (4...4, "\n"), (5...6, "fünf 🐦\nlast"), (6...6, "last"),
        (6...Int.max, "last"), (1...Int.max, text), (7...8, ""), (Int.max...Int.max, ""), (0...1, ""),
    ])
    func `lines are those that citations number`(lines: ClosedRange<Int>, expected: String) async throws {
        let found = try await excerpt(.lines(lines))
        #expect(found.text == expected && !found.isCut)
        #expect(found.lineCount == 6 && found.byteCount == Self.text.utf8.count)
        #expect(found.lineRange == (expected.isEmpty ? nil : lines.clamped(to: 1...6)))
    }

    @Test(arguments: [
        (0..<3, "one"), (4..<7, "two"), (0..<Int.max, text), (100..<200, ""), (3..<3, ""),
        (Int.max..<Int.max, ""),
        // Within ü, which is two bytes, and within the bird, which is four.
        (16..<18, "f"), (17..<18, ""), (18..<20, "ün"), (23..<25, ""), (24..<27, "🐦\n"),
    ])
    func `bytes are whole characters`(bytes: Range<Int>, expected: String) async throws {
        let found = try await excerpt(.bytes(bytes))
        #expect(found.text == expected, "\(found.byteRange)")
        #expect(found.text.utf8.count == found.byteRange.count)
    }

    @Test
    func `what is cut ends with a line, or where none ends, with a character, and goes on without a gap`()
        async throws
    {
        let texts = [Self.text, String(repeating: "é🐦", count: 50), String(repeating: "\n", count: 30)]
        for text in texts {
            for bound in 4...40 {
                let test = try TestEngine()
                try await test.ingest(["a.txt": text])
                var (read, start, parts) = ("", 0, 0)
                while parts < 200 {
                    parts += 1
                    let part = try test.engine.library.excerpt(
                        .bytes(start..<Int.max), of: DocumentReference("a.txt"), upTo: bound, in: test.scope)
                    #expect(part.byteRange.lowerBound == start && part.byteRange.count <= bound)
                    read += part.text
                    start = part.byteRange.upperBound
                    guard part.isCut else { break }
                    #expect(!part.byteRange.isEmpty)
                }
                #expect(read == text, "cut at \(bound)")
                try await test.engine.close()
            }
        }
    }

    @Test func `a line that is there is read whole or cut at the bound`() async throws {
        let found = try await excerpt(.lines(5...6), upTo: 8)
        #expect(found.text == "fünf " && found.isCut && found.lineRange == 5...5)
        let both = try await excerpt(.lines(1...2), upTo: 5)
        #expect(both.text == "one\n" && both.isCut)
        let exact = try await excerpt(.lines(1...2), upTo: 9)
        #expect(exact.text == "one\ntwo\r\n" && !exact.isCut)
    }

    @Test func `bytes that are no UTF-8 are read as passages have them`() async throws {
        let test = try TestEngine()
        let bytes = Array("caf".utf8) + [0xe9] + Array(" au lait\n".utf8)
        _ = try await test.engine.ingest([TestEngine.item("l.txt", bytes: bytes)], in: test.scope)
        let found = try test.engine.library.excerpt(
            .lines(1...1), of: DocumentReference("l.txt"), upTo: 100, in: test.scope)
        #expect(found.text == "caf\u{fffd} au lait\n" && found.byteRange == 0..<bytes.count)
        try await test.engine.close()
    }

    @Test func `a document that is not there has no part`() async throws {
        let test = try TestEngine()
        try await test.ingest(["a.txt": "text"])
        #expect(throws: EngineError.documentNotFound("b.txt")) {
            try test.engine.library.excerpt(
                .lines(1...1), of: DocumentReference("b.txt"), upTo: 9, in: test.scope)
        }
        try await test.engine.close()
    }
}
