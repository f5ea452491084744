/// The smallest thing the chunker moves: a sentence, a line of code, a table row, or a piece of one that is
/// long.
struct Unit {
    let byteRange: Range<Int>
    let tokenCount: Int

    /// How willingly the text is cut before this unit.
    let joint: Joint

    /// Index into `Units.sections`.
    let section: Int

    /// Index into `Units.contexts` of what a chunk repeats when it begins with this unit; -1 for nothing.
    let context: Int

    /// A heading, a table's header, an opening fence: never repeated as overlap.
    let isLead: Bool
}

/// A document as units, each counted once.
struct Units {
    /// A heading and what follows until the next: of any level, since paths tell which contains which.
    struct Section {
        /// 0 before the first heading.
        let level: Int
        let path: [String]
        let firstUnit: Int
    }

    /// Source that a chunk may repeat before its own: a table's header rows, an opening fence.
    struct Context {
        let byteRange: Range<Int>
        let tokenCount: Int
    }

    private(set) var units: [Unit] = []
    private(set) var sections: [Section] = [Section(level: 0, path: [], firstUnit: 0)]
    private(set) var contexts: [Context] = []

    private let bytes: [UInt8]
    private let meter: TokenMeter
    private var context = -1

    init(_ blocks: [Block], _ bytes: [UInt8], _ meter: TokenMeter) {
        self.bytes = bytes
        self.meter = meter
        var previous: Block?
        for block in blocks {
            append(block, after: previous)
            previous = block
        }
    }

    private mutating func append(_ block: Block, after previous: Block?) {
        let joint = joint(before: block, after: previous)
        if case .heading(let level) = block.kind, block.depth == 0 {
            sections.append(Section(level: level, path: block.headingPath, firstUnit: units.count))
        }
        switch block.kind {
        case .heading, .tableHeader, .thematicBreak:
            split(block.byteRange, .words, joint, isLead: block.kind != .thematicBreak)
        case .tableRow(let header):
            enterContext(header)
            split(block.byteRange, .words, joint)
            context = -1
        case .code(_, let isFenced): appendCode(block, isFenced: isFenced, joint)
        case .html, .marker:
            appendParts(TextPieces.lines(bytes, block.byteRange), .words, joint, .sentence)
        case .paragraph: appendParts(SentenceEnds.sentences(bytes, block.byteRange), .lines, joint, .sentence)
        }
    }

    private func joint(before block: Block, after previous: Block?) -> Joint {
        guard let previous else { return .mandatory }
        if case .heading(let level) = block.kind, block.depth == 0 {
            guard case .heading(let outer) = previous.kind, previous.depth == 0 else {
                return level <= 2 ? .mandatory : .section(level: level)
            }
            // An empty section is no passage: its heading may go with the next one's.
            return outer < level ? .glue : .section(level: level)
        }
        switch (previous.kind, block.kind) {
        case (.heading, _), (.tableHeader, .tableRow): return .glue
        case (.tableRow, .tableRow): return .sentence
        case (.paragraph, _) where bytes[previous.byteRange.upperBound - 1] == UInt8(ascii: ":"):
            return .introduction
        default: return .block(sharedDepth: block.sharedDepth)
        }
    }

    private mutating func appendCode(_ block: Block, isFenced: Bool, _ joint: Joint) {
        let lines = TextPieces.lines(bytes, block.byteRange)
        for (index, line) in lines.enumerated() {
            var lineJoint = joint
            if index > 0 {
                let isAtFence = isFenced && (index == 1 || index == lines.count - 1)
                lineJoint =
                    isAtFence ? .glue : isBlankLine(between: lines[index - 1], line) ? .blankLine : .sentence
            }
            if isFenced, index == 1 { enterContext(lines[0]) }
            split(line, .words, lineJoint, isLead: isFenced && index == 0)
        }
        context = -1
    }

    private func isBlankLine(between first: Range<Int>, _ second: Range<Int>) -> Bool {
        let gap = bytes[first.upperBound..<second.lowerBound]
        let feeds = gap.count { $0 == Ascii.lineFeed }
        return max(feeds, gap.count { $0 == Ascii.carriageReturn }) > 1
    }

    /// A context over half the cap would crowd out what it introduces and is not repeated.
    private mutating func enterContext(_ range: Range<Int>) {
        guard !range.isEmpty else { return }
        if contexts.last?.byteRange != range {
            contexts.append(Context(byteRange: range, tokenCount: meter.count(bytes, range) ?? .max))
        }
        context = contexts[contexts.count - 1].tokenCount <= meter.tokensMax / 2 ? contexts.count - 1 : -1
    }

    private mutating func appendParts(_ parts: [Range<Int>], _ finer: Grain, _ first: Joint, _ joint: Joint) {
        for (index, part) in parts.enumerated() {
            split(part, finer, index == 0 ? first : joint)
        }
    }

    /// What a range is taken apart into when it is too long.
    private enum Grain: Int {
        case lines, words, graphemeRuns, graphemes, scalars

        var joint: Joint {
            switch self {
            case .lines: .softLine
            case .words: .word
            case .graphemeRuns, .graphemes: .grapheme
            case .scalars: .scalar
            }
        }

        func parts(_ bytes: [UInt8], _ range: Range<Int>) -> [Range<Int>] {
            switch self {
            case .lines: TextPieces.lines(bytes, range)
            case .words: TextPieces.words(bytes, range)
            case .graphemeRuns: TextPieces.graphemeRuns(bytes, range)
            case .graphemes: TextPieces.graphemes(bytes, range)
            case .scalars: TextPieces.scalars(bytes, range)
            }
        }
    }

    /// Appends the range as one unit if it is short enough, else its parts, as far down as `Grain` goes.
    private mutating func split(_ range: Range<Int>, _ grain: Grain?, _ joint: Joint, isLead: Bool = false) {
        let count = meter.count(bytes, range)
        // A single cluster is taken apart only by the cap itself.
        let countMax = grain == .scalars ? meter.tokensMax : meter.unitTokensMax
        guard let grain, (count ?? .max) > countMax else {
            append(range, tokenCount: count ?? meter.tokensMax, joint, isLead)
            return
        }
        for (index, part) in grain.parts(bytes, range).enumerated() {
            split(part, Grain(rawValue: grain.rawValue + 1), index == 0 ? joint : grain.joint, isLead: isLead)
        }
    }

    private mutating func append(_ range: Range<Int>, tokenCount: Int, _ joint: Joint, _ isLead: Bool) {
        units.append(
            Unit(
                byteRange: range, tokenCount: tokenCount, joint: joint, section: sections.count - 1,
                context: context,
                isLead: isLead))
    }
}
