/// Source code to blocks of about a function, told by blank lines and indentation alone, whatever the language.
///
/// A block begins after a blank line, at a line no further right than the block before began, unless that
/// line only closes something. One that is long is taken apart in the same way one indentation deeper, under
/// a heading path that names its first line.
struct CodeBlocks {
    private(set) var blocks: [Block] = []
    private let bytes: [UInt8]
    private let lines: LineTable

    /// Lines up to which a block stays whole: a long function.
    private static let linesMax = 80

    /// Declarations within declarations that are told apart.
    private static let depthMax = 4

    /// Lines without a blank one among them.
    private struct Run {
        let lines: ClosedRange<Int>
        let indentation: Int
        let onlyCloses: Bool
    }

    init(_ bytes: [UInt8], _ lines: LineTable, from bodyStart: Int) {
        self.bytes = bytes
        self.lines = lines
        append(runs(from: bodyStart)[...], path: [], from: bodyStart)
    }

    private func runs(from bodyStart: Int) -> [Run] {
        var runs: [Run] = []
        var first: Int?
        for line in stride(from: 1, through: lines.count + 1, by: 1) {
            let range = line <= lines.count ? lines.range(ofLine: line) : bytes.count..<bytes.count
            let isBlank =
                range.upperBound <= bodyStart
                || Whitespace.trimmed(bytes, max(range.lowerBound, bodyStart)..<range.upperBound) == nil
            if isBlank {
                first.map { runs.append(run(of: $0...line - 1, from: bodyStart)) }
                first = nil
            } else {
                first = first ?? line
            }
        }
        return runs
    }

    private func run(of range: ClosedRange<Int>, from bodyStart: Int) -> Run {
        let line = lines.range(ofLine: range.lowerBound)
        var indentation = 0
        var offset = max(line.lowerBound, bodyStart)
        while offset < line.upperBound, bytes[offset] == Ascii.space || bytes[offset] == Ascii.tab {
            indentation += bytes[offset] == Ascii.tab ? 4 : 1
            offset += 1
        }
        let closing = Set("}])".utf8)
        return Run(
            lines: range, indentation: indentation,
            onlyCloses: offset < line.upperBound && closing.contains(bytes[offset])
                || bytes[offset..<line.upperBound].starts(with: "end".utf8))
    }

    private mutating func append(_ runs: ArraySlice<Run>, path: [String], from bodyStart: Int) {
        guard let level = runs.map(\.indentation).min() else { return }
        var start = runs.startIndex
        while start < runs.endIndex {
            var end = start + 1
            while end < runs.endIndex, runs[end].indentation > level || runs[end].onlyCloses { end += 1 }
            appendGroup(runs[start..<end], path: path, from: bodyStart)
            start = end
        }
    }

    private mutating func appendGroup(_ runs: ArraySlice<Run>, path: [String], from bodyStart: Int) {
        guard let first = runs.first, let last = runs.last else { return }
        let lineCount = last.lines.upperBound - first.lines.lowerBound + 1
        guard lineCount > Self.linesMax, runs.count > 1, path.count < Self.depthMax else {
            return append(first.lines.lowerBound...last.lines.upperBound, path: path, from: bodyStart)
        }
        append(first.lines, path: path, from: bodyStart)
        append(runs.dropFirst(), path: path + [name(of: first)], from: bodyStart)
    }

    private mutating func append(_ range: ClosedRange<Int>, path: [String], from bodyStart: Int) {
        let whole = lines.range(ofLines: range)
        guard let content = Whitespace.trimmed(bytes, max(whole.lowerBound, bodyStart)..<whole.upperBound)
        else {
            return
        }
        blocks.append(
            Block(
                kind: .code(info: nil, isFenced: false), byteRange: content,
                lineRange: lines.lines(of: content),
                headingPath: path, depth: 0, sharedDepth: 0))
    }

    /// The line that stands furthest left among the run's last ones: a declaration below its comments.
    private func name(of run: Run) -> String {
        for line in run.lines {
            let range = lines.range(ofLine: line)
            guard let content = Whitespace.trimmed(bytes, range) else { continue }
            let text = SourceText.text(bytes, content)
            let isComment = ["//", "#", "/*", "*", "--", ";", "\"\"\""].contains { text.hasPrefix($0) }
            if !isComment { return String(text.prefix(DocumentLimits.headingCharactersMax)) }
        }
        return ""
    }
}
