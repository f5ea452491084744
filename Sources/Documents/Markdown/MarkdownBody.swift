/// The Markdown below the front matter, as blocks with their heading paths.
struct MarkdownBody {
    private(set) var blocks: [Block] = []

    /// The text of the first level-1 heading.
    private(set) var title: String?

    /// The headings the current line stands under: levels rise from first to last, whatever levels were
    /// skipped.
    private var open: [(level: Int, text: String)] = []

    /// - Parameter bodyStart: the first byte after the byte order mark or the front matter.
    init(_ bytes: [UInt8], _ lines: LineTable, from bodyStart: Int) {
        guard bodyStart < bytes.count else { return }
        let firstLine = lines.line(at: bodyStart)
        func range(_ body: ClosedRange<Int>) -> Range<Int> {
            let whole = lines.range(
                ofLines: body.lowerBound + firstLine - 1...body.upperBound + firstLine - 1)
            return max(whole.lowerBound, bodyStart)..<whole.upperBound
        }
        let parsed = CommonMarkTree.blocks(of: MarkdownSkeleton(bytes, from: bodyStart).bytes)
        let leaves = MarkdownLeaves(parsed, lineCount: lines.count - firstLine + 1) { line in
            Whitespace.trimmed(bytes, range(line...line)) == nil
        }
        let headings = HeadingText(bytes, lines, firstLine: firstLine)
        for leaf in leaves.leaves {
            guard let content = Whitespace.trimmed(bytes, range(leaf.lines)) else { continue }
            if case .block(.heading(let level)) = leaf.kind, leaf.depth == 0 {
                enter(level: level, text: headings.text(of: content))
            }
            append(leaf, content, lines.lines(of: content), header: { Whitespace.trimmed(bytes, range($0)) })
        }
    }

    private mutating func enter(level: Int, text: String) {
        open.removeAll { $0.level >= level }
        open.append((level, text))
        if level == 1, title == nil, !text.isEmpty { title = text }
    }

    private mutating func append(
        _ leaf: MarkdownLeaves.Leaf, _ range: Range<Int>, _ lineRange: ClosedRange<Int>,
        header: (ClosedRange<Int>) -> Range<Int>?
    ) {
        let kind: Block.Kind =
            switch leaf.kind {
            case .block(.heading(let level)): .heading(level: level)
            case .block(.code(let info, let isFenced)): .code(info: info, isFenced: isFenced)
            case .block(.html): .html
            case .block(.thematicBreak): .thematicBreak
            case .block(.paragraph), .block(.table): .paragraph
            case .tableHeader: .tableHeader
            case .tableRow(let lines): .tableRow(header: header(lines) ?? range.lowerBound..<range.lowerBound)
            case .marker: .marker
            }
        blocks.append(
            Block(
                kind: kind, byteRange: range, lineRange: lineRange, headingPath: path, depth: leaf.depth,
                sharedDepth: leaf.sharedDepth))
    }

    /// Shared by the blocks of a section: arrays are copied only when written.
    private var path: [String] { open.lazy.map(\.text).filter { !$0.isEmpty } }
}
