import Documents

/// What holds for every document, whatever is in it.
enum Laws {
    /// Parses and chunks the bytes and says what is wrong with the result; nil for nothing.
    static func firstViolation(
        _ bytes: [UInt8], as mediaType: MediaType = .markdown,
        _ options: ChunkingOptions = .init(tokensMax: 254),
        _ counter: any TokenCounter = WordCounter(), bodyStart: Int = 0
    ) throws -> String? {
        let document = try DocumentParser.parse(bytes, as: mediaType)
        let chunks = Chunker(options: options, counter: counter).chunks(of: document, in: bytes)
        let start = max(bodyStart, bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0)
        let violations =
            blockViolations(document, bytes)
            + coverageViolations(document.blocks.map(\.byteRange), bytes, from: start).map {
                "no block has byte \($0)"
            }
            + chunkViolations(chunks, bytes, options, counter)
            + coverageViolations(chunks.map(\.byteRange), bytes, from: start).map {
                "no chunk has byte \($0)"
            }
            + graphemeViolations(chunks, bytes, options, counter)
        return violations.first
    }

    private static func blockViolations(_ document: ParsedDocument, _ bytes: [UInt8]) -> [String] {
        var found: [String] = []
        var end = 0
        let lineNumbers = lineNumbers(bytes)
        for block in document.blocks {
            let range = block.byteRange
            if range.isEmpty || range.lowerBound < end || range.upperBound > bytes.count {
                found.append("block \(range) after \(end) of \(bytes.count)")
                continue
            }
            end = range.upperBound
            if lineNumbers[range.lowerBound] != block.lineRange.lowerBound
                || lineNumbers[end - 1] != block.lineRange.upperBound
            {
                found.append("block \(range) is not lines \(block.lineRange)")
            }
            if !(0...block.depth).contains(block.sharedDepth) { found.append("depths of block \(range)") }
        }
        return found
    }

    private static func chunkViolations(
        _ chunks: [Chunk], _ bytes: [UInt8], _ options: ChunkingOptions, _ counter: any TokenCounter
    ) -> [String] {
        var found: [String] = []
        let lineNumbers = lineNumbers(bytes)
        var previous = -1..<0
        for (index, chunk) in chunks.enumerated() {
            let range = chunk.byteRange
            if chunk.ordinal != index { found.append("ordinal \(chunk.ordinal) at \(index)") }
            if range.lowerBound <= previous.lowerBound || range.upperBound <= previous.upperBound {
                found.append("chunk \(range) after \(previous)")
            }
            previous = range
            if lineNumbers[range.lowerBound] != chunk.lineRange.lowerBound
                || lineNumbers[range.upperBound - 1] != chunk.lineRange.upperBound
            {
                found.append("chunk \(range) is not lines \(chunk.lineRange)")
            }
            let source = decoded(bytes[range])
            if !chunk.text.hasSuffix(source) { found.append("text of \(range) is not its source") }
            if counter.tokenCount(of: chunk.text) != chunk.tokenCount {
                found.append("token count of \(range)")
            }
            if chunk.tokenCount > options.tokensMax { found.append("\(chunk.tokenCount) tokens in \(range)") }
            if let first = source.first, let last = source.last, isBlank(first) || isBlank(last) {
                found.append("chunk \(range) begins or ends blank")
            }
        }
        return found
    }

    /// A space under a combining mark is not blank.
    private static func isBlank(_ character: Character) -> Bool {
        character.unicodeScalars.allSatisfy { $0.properties.isWhitespace }
    }

    /// Bytes that are neither whitespace nor in any of the ranges, which are ordered by start.
    private static func coverageViolations(_ ranges: [Range<Int>], _ bytes: [UInt8], from start: Int) -> [Int]
    {
        guard isValidUTF8(bytes) else { return [] }
        var isCovered = [Bool](repeating: false, count: bytes.count)
        var end = 0
        for range in ranges {
            for offset in max(end, range.lowerBound)..<max(end, range.upperBound) { isCovered[offset] = true }
            end = max(end, range.upperBound)
        }
        var offset = 0
        var found: [Int] = []
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            if offset >= start, !isCovered[offset], !scalar.properties.isWhitespace { found.append(offset) }
            offset += UTF8.width(scalar)
        }
        return Array(found.prefix(5))
    }

    /// Cuts inside a grapheme cluster, unless the cluster alone is over the cap.
    private static func graphemeViolations(
        _ chunks: [Chunk], _ bytes: [UInt8], _ options: ChunkingOptions, _ counter: any TokenCounter
    ) -> [String] {
        guard isValidUTF8(bytes) else { return [] }
        var isInside = [Bool](repeating: false, count: bytes.count + 1)
        var offset = 0
        for character in String(decoding: bytes, as: UTF8.self) {
            let length = character.utf8.count
            if length > 1, counter.tokenCount(of: String(character)) <= options.tokensMax {
                for inner in offset + 1..<offset + length { isInside[inner] = true }
            }
            offset += length
        }
        return chunks.filter { isInside[$0.byteRange.lowerBound] || isInside[$0.byteRange.upperBound] }
            .map { "chunk \($0.byteRange) splits a grapheme: \($0.text)" }
    }

    private static func isValidUTF8(_ bytes: [UInt8]) -> Bool {
        String(validating: bytes, as: UTF8.self) != nil
    }

    /// The text of source bytes, by the definition.
    static func decoded(_ bytes: ArraySlice<UInt8>) -> String {
        var text = String.UnicodeScalarView()
        var afterReturn = false
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            switch scalar {
            case "\r": text.append("\n")
            case "\n" where afterReturn: break
            case "\0": text.append("\u{FFFD}")
            default: text.append(scalar)
            }
            afterReturn = scalar == "\r"
        }
        return String(text)
    }

    /// The 1-based line of every byte.
    private static func lineNumbers(_ bytes: [UInt8]) -> [Int] {
        var numbers: [Int] = []
        numbers.reserveCapacity(bytes.count)
        var line = 1
        for (index, byte) in bytes.enumerated() {
            numbers.append(line)
            let isPair = byte == 0x0D && index + 1 < bytes.count && bytes[index + 1] == 0x0A
            if byte == 0x0A || (byte == 0x0D && !isPair) { line += 1 }
        }
        return numbers
    }
}
