/// CSV (RFC 4180) and its like to blocks: the first record is the header, each other one a row below it.
///
/// A field in quotes may hold separators and line ends. A quotation mark that is not closed within
/// `DocumentLimits.quotedLinesMax` lines is taken for a character, and every line from there on for a record.
struct TableBlocks {
    private(set) var blocks: [Block] = []
    private(set) var notices: [ParseNotice] = []

    private let bytes: [UInt8]
    private let lines: LineTable
    private let delimiter: UInt8
    private var ignoresQuotes = false

    /// - Parameter delimiter: nil to tell it from the first line.
    init(_ bytes: [UInt8], _ lines: LineTable, from bodyStart: Int, delimiter: UInt8?) {
        self.bytes = bytes
        self.lines = lines
        self.delimiter = delimiter ?? Self.delimiter(of: bytes, from: bodyStart)
        var header: Range<Int>?
        var start = bodyStart
        while start < bytes.count {
            let end = recordEnd(from: start)
            if let range = Whitespace.trimmed(bytes, start..<end) {
                append(range, header: header)
                header = header ?? range
            }
            start = end
        }
    }

    private mutating func append(_ range: Range<Int>, header: Range<Int>?) {
        blocks.append(
            Block(
                kind: header.map { .tableRow(header: $0) } ?? .tableHeader, byteRange: range,
                lineRange: lines.lines(of: range), headingPath: [], depth: 0, sharedDepth: 0))
    }

    /// Of comma, semicolon, tab and bar the one that the first line has most of.
    private static func delimiter(of bytes: [UInt8], from start: Int) -> UInt8 {
        let line = bytes[start...].prefix { !Ascii.isLineEnd($0) }
        let candidates = [UInt8(ascii: ","), UInt8(ascii: ";"), Ascii.tab, UInt8(ascii: "|")]
        let counts = candidates.map { candidate in line.count { $0 == candidate } }
        let most = counts.max() ?? 0
        return candidates[counts.firstIndex(of: most) ?? 0]
    }

    /// One past the record's last byte, line end included.
    private mutating func recordEnd(from start: Int) -> Int {
        var offset = start
        var isAtFieldStart = true
        while offset < bytes.count {
            let byte = bytes[offset]
            if byte == UInt8(ascii: "\""), isAtFieldStart, !ignoresQuotes {
                if let end = quoteEnd(from: offset) {
                    offset = end
                    isAtFieldStart = false
                    continue
                }
                ignoresQuotes = true
                notices.append(.malformed(offset: offset))
            }
            offset += 1
            if Ascii.isLineEnd(byte) { return offset }
            isAtFieldStart = byte == delimiter
        }
        return offset
    }

    /// One past the closing quotation mark; nil if there is none near enough.
    private func quoteEnd(from start: Int) -> Int? {
        var offset = start + 1
        var lineCount = 0
        while offset < bytes.count {
            let byte = bytes[offset]
            offset += 1
            if byte == UInt8(ascii: "\"") {
                guard offset < bytes.count, bytes[offset] == UInt8(ascii: "\"") else { return offset }
                offset += 1
            } else if byte == Ascii.lineFeed {
                lineCount += 1
                if lineCount > DocumentLimits.quotedLinesMax { return nil }
            }
        }
        return nil
    }
}
