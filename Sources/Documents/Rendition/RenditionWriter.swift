/// Writes the blocks of a rendition. The same calls give the same bytes.
///
/// A block is closed by a line end, and blocks are parted by a blank line, apart from the items of a list. Lists and
/// quotes beyond `DocumentLimits.renditionDepthMax` lie flat, so that the text stays linear in what comes in.
struct RenditionWriter {
    private(set) var bytes: [UInt8] = []
    private(set) var pages: [PageMark] = []

    /// Beyond the bound nothing is kept, and the rendition is refused.
    private(set) var isOverflowing = false

    private var containers: [Container] = []
    private var pendingMarker: String?
    private var lastBlock: BlockKind = .none
    private var lastItemDepth = 0

    /// Containers that the block before lies in as well.
    private var sharedCount = 0

    private enum Container {
        case quote
        case item(indent: String)
        case flat
    }

    private enum BlockKind { case none, item, other }

    /// - Parameter level: of 1 to 6; others are brought within.
    mutating func heading(level: Int, _ text: InlineText) {
        guard !text.isEmpty else { return }
        // Closing marks of a heading would be dropped.
        var line = text.markdown.replacing("\n", with: " ")
        if line.hasSuffix("#") { line = String(line.dropLast()) + "\\#" }
        emit([String(repeating: "#", count: min(max(level, 1), 6)) + " " + line], .other)
    }

    mutating func paragraph(_ text: InlineText) {
        guard !text.isEmpty else { return }
        let lines = text.markdown.split(separator: "\n").map { Self.escapedLineStart($0.trimmedWhitespace) }
        emit(lines, pendingMarker == nil ? .other : .item)
    }

    mutating func code(_ text: String, info: String = "") {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init)
        guard lines.contains(where: { !$0.trimmedWhitespace.isEmpty }) else { return }
        let fence = String(repeating: "`", count: max(3, InlineText.longestRun(of: "`", in: text) + 1))
        let first = lines.firstIndex { !$0.trimmedWhitespace.isEmpty } ?? 0
        let last = lines.lastIndex { !$0.trimmedWhitespace.isEmpty } ?? first
        emit([fence + info] + lines[first...last] + [fence], .other)
    }

    /// The first row is the header. Rows are filled up to the longest.
    mutating func table(_ rows: [[InlineText]]) {
        let width = min(rows.map(\.count).max() ?? 0, DocumentLimits.tableColumnsMax)
        guard width > 0, rows.contains(where: { $0.contains { !$0.isEmpty } }) else { return }
        var lines: [String] = []
        for (index, row) in rows.enumerated() {
            let cells = (0..<width).map { $0 < row.count ? Self.cell(row[$0]) : "" }
            lines.append("| " + cells.joined(separator: " | ") + " |")
            if index == 0 { lines.append("|" + String(repeating: " --- |", count: width)) }
        }
        emit(lines, .other)
    }

    /// A footnote, for its mark `[^name]` in the text.
    mutating func note(_ name: String, _ text: InlineText) {
        guard !text.isEmpty, !name.isEmpty else { return }
        emit(["[^\(name)]: " + text.markdown.replacing("\n", with: " ")], .other)
    }

    mutating func rule() {
        emit(["***"], .other)
    }

    /// `- ` or `3. `; the item's blocks follow, then `endContainer`.
    mutating func beginItem(marker: String) {
        guard containers.count < DocumentLimits.renditionDepthMax else { return containers.append(.flat) }
        if pendingMarker != nil { emit([""], .item) }
        pendingMarker = marker
        containers.append(.item(indent: String(repeating: " ", count: marker.utf8.count)))
    }

    mutating func beginQuote() {
        guard containers.count < DocumentLimits.renditionDepthMax else { return containers.append(.flat) }
        if pendingMarker != nil { emit([""], .item) }
        containers.append(.quote)
    }

    mutating func endContainer() {
        guard let container = containers.popLast() else { return }
        sharedCount = min(sharedCount, containers.count)
        // An item without content leaves no trace.
        if case .item = container { pendingMarker = nil }
        if case .quote = container { lastBlock = .other }
    }

    /// What is written from now on stands on this page.
    mutating func beginPage(_ page: Int) {
        pages.append(PageMark(offset: bytes.count, page: page))
    }

    /// Marks that a page begins `byteCount` bytes into the paragraph that was written last.
    mutating func markPage(_ page: Int, bytesBeforeEnd byteCount: Int) {
        pages.append(PageMark(offset: max(pages.last?.offset ?? 0, bytes.count - byteCount), page: page))
    }

    private mutating func emit(_ lines: [String], _ kind: BlockKind) {
        guard !isOverflowing else { return }
        // Within a paragraph no list begins but a bulleted one, or one that counts from 1.
        let beginsAnywhere =
            pendingMarker == "- " || pendingMarker == "1. " || containers.count <= lastItemDepth
        let isTight = kind == .item && lastBlock == .item && pendingMarker != nil && beginsAnywhere
        let parents = pendingMarker == nil ? containers[...] : containers.dropLast()
        if lastBlock != .none, !isTight {
            let blank = prefix(of: containers.prefix(sharedCount)).trimmedEnd
            bytes += Array(blank.utf8) + [Ascii.lineFeed]
        }
        let first = prefix(of: parents) + (pendingMarker ?? "")
        let rest = prefix(of: containers[...])
        pendingMarker = nil
        for (index, line) in lines.enumerated() {
            let whole = (index == 0 ? first : rest) + line
            bytes += Array(whole.trimmedEnd.utf8)
            bytes.append(Ascii.lineFeed)
        }
        lastBlock = kind
        sharedCount = containers.count
        if kind == .item { lastItemDepth = containers.count }
        if bytes.count > DocumentLimits.renditionBytesMax { isOverflowing = true }
    }

    private func prefix(of containers: ArraySlice<Container>) -> String {
        containers.reduce(into: "") { prefix, container in
            switch container {
            case .quote: prefix += "> "
            case .item(let indent): prefix += indent
            case .flat: break
            }
        }
    }

    private static func cell(_ text: InlineText) -> String {
        text.markdown.replacing("\n", with: " ").replacing("|", with: "\\|")
    }

    /// A line that would be something else than text gets a backslash at its start.
    static func escapedLineStart(_ line: String) -> String {
        let bytes = Array(line.utf8.prefix(12))
        guard let first = bytes.first else { return line }
        func endsWord(at index: Int) -> Bool {
            index >= bytes.count || bytes[index] == Ascii.space
        }
        let isOnlyMarks = line.utf8.allSatisfy { "-:|=*_+~ ".utf8.contains($0) }
        let hashes = bytes.prefix { $0 == UInt8(ascii: "#") }.count
        let isMarker =
            switch first {
            case UInt8(ascii: ">"), UInt8(ascii: "~"): true
            case UInt8(ascii: "#"): hashes <= 6 && endsWord(at: hashes)
            case UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "*"): endsWord(at: 1)
            default: isOnlyMarks
            }
        if isMarker || isOnlyMarks { return "\\" + line }
        let digits = bytes.prefix(while: Ascii.isDigit).count
        if (1...9).contains(digits), digits < bytes.count,
            [UInt8(ascii: "."), UInt8(ascii: ")")].contains(bytes[digits]),
            endsWord(at: digits + 1)
        {
            return String(line.prefix(digits)) + "\\" + line.dropFirst(digits)
        }
        return line
    }
}

extension String {
    /// Without spaces at the end.
    fileprivate var trimmedEnd: String {
        guard let last = lastIndex(where: { $0 != " " }) else { return "" }
        return String(self[...last])
    }
}
