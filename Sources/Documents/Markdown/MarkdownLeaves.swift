/// The parser's blocks made a partition of the body's lines: in order, disjoint, and with nothing left out.
///
/// Repairs of cmark-gfm 0.29: a table begins at its header row and gives the lines above to the paragraph it
/// took them from; ends are held before the next block; lines that no block has become `.marker`.
struct MarkdownLeaves {
    /// One block over whole lines, numbered from 1 at the start of the body.
    struct Leaf: Equatable {
        enum Kind: Equatable {
            case block(CommonMarkBlock.Kind)
            case tableHeader
            case tableRow(headerLines: ClosedRange<Int>)
            case marker
        }

        let kind: Kind
        let lines: ClosedRange<Int>
        let depth: Int
        let sharedDepth: Int
    }

    private(set) var leaves: [Leaf] = []
    private var nextLine = 1

    /// - Parameters:
    ///   - lineCount: lines of the body.
    ///   - isBlank: whether a line of the body holds whitespace only.
    init(_ blocks: [CommonMarkBlock], lineCount: Int, isBlank: (Int) -> Bool) {
        let blocks = Self.inSourceOrder(blocks)
        for (index, block) in blocks.enumerated() where block.startLine <= lineCount {
            if case .table(let rowLines) = block.kind {
                appendTable(block, rowLines, blocks[0..<index].last, isBlank)
            } else if block.startLine > 0 {
                let following = index + 1 < blocks.count ? blocks[index + 1].startLine : 0
                let end = following > block.startLine ? min(block.endLine, following - 1) : block.endLine
                append(
                    .block(block.kind), block.startLine...min(max(end, block.startLine), lineCount), block,
                    isBlank)
            }
        }
        fillGap(before: lineCount + 1, depth: 0, isBlank)
    }

    /// The parser moves footnotes to the end; they go back to where they were written.
    private static func inSourceOrder(_ blocks: [CommonMarkBlock]) -> [CommonMarkBlock] {
        let lines = blocks.indices.map { index in
            let isBeforeTable = blocks[index].startLine == 0 && index + 1 < blocks.count
            return blocks[index + (isBeforeTable ? 1 : 0)].startLine
        }
        let order = blocks.indices.sorted { (lines[$0], $0) < (lines[$1], $1) }
        return order.map { blocks[$0] }
    }

    private mutating func appendTable(
        _ table: CommonMarkBlock, _ rowLines: [Int], _ previous: CommonMarkBlock?, _ isBlank: (Int) -> Bool
    ) {
        let delimiter = rowLines.first.map { $0 - 1 } ?? table.endLine
        let header = max(table.startLine, delimiter - 1)...max(table.startLine, delimiter)
        if let previous, previous.startLine == 0, table.startLine < header.lowerBound {
            append(.block(.paragraph), table.startLine...header.lowerBound - 1, previous, isBlank)
        }
        append(.tableHeader, header, table, isBlank)
        for line in rowLines {
            append(.tableRow(headerLines: header), line...line, table, isBlank)
        }
    }

    private mutating func append(
        _ kind: Leaf.Kind, _ lines: ClosedRange<Int>, _ block: CommonMarkBlock, _ isBlank: (Int) -> Bool
    ) {
        fillGap(before: lines.lowerBound, depth: block.sharedDepth, isBlank)
        let start = max(lines.lowerBound, nextLine)
        guard start <= lines.upperBound else { return }
        let isContinued = nextLine > 1 && kind.isRow
        let sharedDepth = isContinued ? block.depth : block.sharedDepth
        leaves.append(
            Leaf(kind: kind, lines: start...lines.upperBound, depth: block.depth, sharedDepth: sharedDepth))
        nextLine = lines.upperBound + 1
    }

    /// Gives each run of lines that is not blank, from the end of the last leaf to `line`, a leaf of its own,
    /// which lies in what its neighbours share.
    private mutating func fillGap(before line: Int, depth: Int, _ isBlank: (Int) -> Bool) {
        var start: Int?
        while nextLine < line {
            if isBlank(nextLine) {
                start.map { appendMarker($0...nextLine - 1, depth: depth) }
                start = nil
            } else {
                start = start ?? nextLine
            }
            nextLine += 1
        }
        start.map { appendMarker($0...nextLine - 1, depth: depth) }
    }

    private mutating func appendMarker(_ lines: ClosedRange<Int>, depth: Int) {
        leaves.append(Leaf(kind: .marker, lines: lines, depth: depth, sharedDepth: depth))
    }
}

extension MarkdownLeaves.Leaf.Kind {
    fileprivate var isRow: Bool {
        if case .tableRow = self { true } else { false }
    }
}
