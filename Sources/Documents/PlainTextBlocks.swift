/// Plain text to blocks: a paragraph is a run of lines that hold more than whitespace.
enum PlainTextBlocks {
    static func blocks(_ bytes: [UInt8], _ lines: LineTable, from bodyStart: Int) -> [Block] {
        var blocks: [Block] = []
        var open: Range<Int>?
        for line in stride(from: 1, through: lines.count, by: 1) {
            let range = lines.range(ofLine: line)
            guard let content = Whitespace.trimmed(bytes, max(range.lowerBound, bodyStart)..<range.upperBound)
            else {
                open.map { blocks.append(paragraph($0, lines)) }
                open = nil
                continue
            }
            open = (open?.lowerBound ?? content.lowerBound)..<content.upperBound
        }
        open.map { blocks.append(paragraph($0, lines)) }
        return blocks
    }

    private static func paragraph(_ range: Range<Int>, _ lines: LineTable) -> Block {
        Block(
            kind: .paragraph, byteRange: range, lineRange: lines.lines(of: range), headingPath: [], depth: 0,
            sharedDepth: 0)
    }
}
