import Documents
import Testing

/// Odd input, each with its one defined outcome.
@Suite struct SourceTests {
    private func parse(
        _ bytes: [UInt8], _ mediaType: MediaType = .markdown
    ) throws(DocumentError) -> ParsedDocument {
        try DocumentParser.parse(bytes, as: mediaType)
    }

    private func chunks(_ bytes: [UInt8], _ mediaType: MediaType = .markdown) throws -> [Chunk] {
        try Chunker(options: .init(tokensMax: 254), counter: WordCounter()).chunks(
            of: parse(bytes, mediaType), in: bytes)
    }

    @Test(
        arguments: MediaType.allCases.filter(\.isText),
        ["", " ", "\n\r\n\t\u{0B}\u{0C}", "\u{FEFF}", "\u{FEFF} \n", "\u{A0}\u{3000}\u{2028}"])
    func `an empty or blank document has no blocks and is no error`(mediaType: MediaType, text: String) throws
    {
        let document = try parse(Array(text.utf8), mediaType)
        #expect(document.blocks.isEmpty && document.notices.isEmpty)
        #expect(try chunks(Array(text.utf8), mediaType).isEmpty)
    }

    @Test(arguments: MediaType.allCases.filter(\.isText))
    func `a byte order mark is skipped and ranges count it`(mediaType: MediaType) throws {
        let bytes = Array("\u{FEFF}# Head".utf8)
        #expect(try chunks(bytes, mediaType).map(\.text) == ["# Head"])
        #expect(try chunks(bytes, mediaType).map(\.byteRange) == [3..<9])
        #expect(try parse(bytes, mediaType).blocks.map(\.lineRange) == [1...1])
    }

    @Test(arguments: ["\r\n", "\r"])
    func `every line end is LF in the text and itself in the source`(lineEnd: String) throws {
        let bytes = Array(["# A", "", "one", "two", "", "- x", "- y"].joined(separator: lineEnd).utf8)
        let chunk = try #require(try chunks(bytes).first)
        #expect(chunk.text == "# A\n\none\ntwo\n\n- x\n- y")
        #expect(chunk.byteRange == 0..<bytes.count)
        #expect(chunk.lineRange == 1...7)
    }

    @Test func `bytes that are no UTF-8 are read as U+FFFD with a notice`() throws {
        let bytes =
            Array("caf".utf8) + [0xE9] + Array(" and ".utf8) + [0xE2, 0x80]
            + Array(" then plenty of text".utf8)
        #expect(try parse(bytes).notices == [.invalidUTF8(count: 2, firstOffset: 3)])
        #expect(try chunks(bytes).map(\.text) == ["caf\u{FFFD} and \u{FFFD} then plenty of text"])
    }

    @Test(
        arguments: [
            [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF0, 0x9F, 0x92], [0xFF], [0x80],
            [0xE2, 0x28, 0xA1],
            [0xF0, 0x80, 0x80, 0x41], [0xE2],
        ] as [[UInt8]])
    func `replacement characters are counted as the text has them`(sequence: [UInt8]) throws {
        let bytes = Array("text ".utf8) + sequence + Array(" text".utf8)
        let text = try #require(try chunks(bytes).first?.text)
        let count = text.unicodeScalars.count { $0 == "\u{FFFD}" }
        #expect(text == String(decoding: bytes, as: UTF8.self))
        #expect(try parse(bytes).notices == [.invalidUTF8(count: count, firstOffset: 5)])
    }

    @Test(arguments: MediaType.allCases.filter(\.isText))
    func `NUL is read as U+FFFD with a notice`(mediaType: MediaType) throws {
        let bytes = Array("a\0b\n\n# c\0d\n".utf8)
        #expect(try parse(bytes, mediaType).notices.first == .nulBytes(count: 2, firstOffset: 1))
        #expect(try chunks(bytes, mediaType).map(\.text).joined().unicodeScalars.contains("\0") == false)
        #expect(try Laws.firstViolation(bytes, as: mediaType) == nil)
    }

    @Test(
        arguments: [
            ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A], "PNG"), ([0x50, 0x4B, 3, 4], "ZIP"),
            (Array("%PDF-1.7".utf8), "PDF"),
            ([0x1F, 0x8B, 8], "gzip"), ([0xFF, 0xD8, 0xFF], "JPEG"),
        ] as [([UInt8], String)])
    func `a known binary format is not text`(bytes: [UInt8], format: String) {
        #expect(throws: DocumentError.notText(.signature(format: format))) { try parse(bytes) }
    }

    @Test func `many NUL or invalid bytes are not text, few are`() throws {
        let zeros = [UInt8](repeating: 0, count: 20)
        #expect(throws: DocumentError.notText(.nulBytes(count: 20, byteCount: 40))) {
            try parse(zeros + Array(repeating: 0x41, count: 20))
        }
        #expect(try parse(zeros + Array(repeating: 0x41, count: 2000)).blocks.count == 1)
        let high = [UInt8](repeating: 0xE4, count: 20)
        #expect(throws: DocumentError.notText(.invalidUTF8(byteCountInvalid: 20, byteCount: 120))) {
            try parse(high + Array(repeating: 0x41, count: 100))
        }
        #expect(try parse(high + Array(repeating: 0x41, count: 180)).blocks.count == 1)
    }

    @Test(
        arguments: [
            ([0xFF, 0xFE, 0x41, 0], .utf16LittleEndian), ([0xFE, 0xFF, 0, 0x41], .utf16BigEndian),
            ([0xFF, 0xFE, 0, 0, 0x41, 0, 0, 0], .utf32LittleEndian), ([0, 0, 0xFE, 0xFF], .utf32BigEndian),
        ] as [([UInt8], UnsupportedEncoding)])
    func `another encoding's byte order mark names the encoding`(
        bytes: [UInt8], encoding: UnsupportedEncoding
    ) {
        #expect(throws: DocumentError.unsupportedEncoding(found: encoding)) { try parse(bytes) }
    }

    @Test func `ten megabytes are read, one byte more is refused`() throws {
        let limit = DocumentLimits.byteCountMax
        let bytes = [UInt8](repeating: 0x20, count: limit)
        #expect(try parse(bytes, .plainText).blocks.isEmpty)
        #expect(throws: DocumentError.tooLarge(byteCount: limit + 1, byteCountMax: limit)) {
            try parse(bytes + [0x41])
        }
    }

    @Test(arguments: [
        (MediaType.markdown, "x"), (.markdown, "word "), (.plainText, "漢"), (.plainText, "。"),
    ])
    func `ten megabytes without a line end become chunks within the cap`(
        mediaType: MediaType, piece: String
    ) throws {
        let repeated = String(repeating: piece, count: DocumentLimits.byteCountMax / piece.utf8.count)
        let bytes = Array(repeated.utf8)
        let chunks = try chunks(bytes, mediaType)
        #expect(chunks.allSatisfy { $0.tokenCount <= 254 && $0.text.utf8.count == $0.byteRange.count })
        #expect(chunks.first?.byteRange.lowerBound == 0)
        #expect(chunks.last.map { bytes.count - $0.byteRange.upperBound <= 1 } == true)
        #expect(
            zip(chunks, chunks.dropFirst()).allSatisfy {
                $1.byteRange.lowerBound <= $0.byteRange.upperBound + 1
            })
    }

    @Test func `an unknown word of a megabyte is no single chunk`() throws {
        let bytes = [UInt8](repeating: 0x61, count: 1_000_000)
        let chunker = Chunker(options: .init(tokensMax: 254), counter: UnknownWordCounter())
        let chunks = try chunker.chunks(of: parse(bytes, .plainText), in: bytes)
        #expect(chunks.allSatisfy { $0.byteRange.count <= 254 * 32 })
    }

    @Test func `plain text has paragraphs and no headings`() throws {
        let bytes = Array("# one\ntwo\n \n\u{3000}\n- three\n".utf8)
        let blocks = try parse(bytes, .plainText).blocks
        #expect(blocks.map(\.kind) == [.paragraph, .paragraph])
        #expect(blocks.map(\.lineRange) == [1...2, 5...5])
        #expect(blocks.allSatisfy { $0.headingPath.isEmpty })
    }
}
