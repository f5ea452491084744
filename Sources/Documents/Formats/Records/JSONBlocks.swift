/// JSON and JSON Lines to blocks over their source.
///
/// A record of JSON Lines is a block. A JSON document falls into the elements of its outermost array or the
/// members of its outermost object, and one that is long into its own; a member's key is the last of its
/// heading path. Nothing is decoded: a document that is no JSON is read by its lines, with a notice.
struct JSONBlocks {
    private(set) var blocks: [Block] = []
    private(set) var notices: [ParseNotice] = []

    private let bytes: [UInt8]
    private let lines: LineTable

    /// Smaller neighbors share a block.
    private static let bytesMin = 64

    /// A larger element is taken apart: it is about two passages.
    private static let bytesMax = 4_096

    static func records(_ bytes: [UInt8], _ lines: LineTable, from bodyStart: Int) -> JSONBlocks {
        var blocks = JSONBlocks(bytes: bytes, lines: lines)
        for line in stride(from: 1, through: lines.count, by: 1) {
            let range = lines.range(ofLine: line)
            blocks.append(max(range.lowerBound, bodyStart)..<range.upperBound, path: [])
        }
        return blocks
    }

    /// - Throws: `.overLimit` for what lies too deep.
    static func document(
        _ bytes: [UInt8], _ lines: LineTable, from bodyStart: Int
    ) throws(DocumentError) -> JSONBlocks {
        var blocks = JSONBlocks(bytes: bytes, lines: lines)
        let scan = try JSONScan(bytes, from: bodyStart)
        if let offset = scan.errorOffset {
            blocks = records(bytes, lines, from: bodyStart)
            blocks.notices = [.malformed(offset: offset)]
        } else {
            blocks.append(scan.root, in: bodyStart..<bytes.count, path: [])
        }
        return blocks
    }

    private init(bytes: [UInt8], lines: LineTable) {
        self.bytes = bytes
        self.lines = lines
    }

    private mutating func append(_ range: Range<Int>, path: [String]) {
        guard let content = Whitespace.trimmed(bytes, range) else { return }
        blocks.append(
            Block(
                kind: .code(info: nil, isFenced: false), byteRange: content,
                lineRange: lines.lines(of: content),
                headingPath: path, depth: 0, sharedDepth: 0))
    }

    /// `range` is the element with what surrounds it: the brackets of its parent, and the commas.
    private mutating func append(_ element: JSONScan.Element, in range: Range<Int>, path: [String]) {
        let ownPath = element.key.map { path + [key($0)] } ?? path
        guard element.range.count > Self.bytesMax, !element.children.isEmpty, path.count < 8 else {
            return append(range, path: ownPath)
        }
        var start = range.lowerBound
        var pending: (range: Range<Int>, isMixed: Bool)?
        for (index, child) in element.children.enumerated() {
            let isLast = index == element.children.count - 1
            let end = isLast ? range.upperBound : element.children[index + 1].range.lowerBound
            if child.range.count >= Self.bytesMin {
                if let waiting = pending { append(waiting.range, path: ownPath) }
                pending = nil
                append(child, in: start..<end, path: ownPath)
            } else {
                pending = ((pending?.range.lowerBound ?? start)..<end, true)
                if let waiting = pending, waiting.range.count >= Self.bytesMin * 4 || isLast {
                    append(waiting.range, path: ownPath)
                    pending = nil
                }
            }
            start = end
        }
    }

    private func key(_ range: Range<Int>) -> String {
        let text = SourceText.text(bytes, range)
        return String(text.prefix(DocumentLimits.headingCharactersMax))
    }
}

/// Where the elements of a JSON document lie (RFC 8259), by one pass without recursion.
struct JSONScan {
    final class Element {
        var range: Range<Int>
        /// The key's characters, without the quotation marks.
        var key: Range<Int>?
        var children: [Element] = []

        init(range: Range<Int>, key: Range<Int>?) {
            self.range = range
            self.key = key
        }
    }

    let root: Element

    /// Where it stops being JSON; nil if it is.
    private(set) var errorOffset: Int?

    /// Elements deeper than this are not looked at one by one.
    private static let depthKept = 4

    init(_ bytes: [UInt8], from start: Int) throws(DocumentError) {
        var walk = Walk(bytes: bytes, offset: start)
        let found = try walk.run()
        root = found ?? Element(range: start..<bytes.count, key: nil)
        errorOffset = found == nil ? walk.offset : nil
    }

    private struct Walk {
        let bytes: [UInt8]
        var offset: Int

        private enum Container { case array, object }
        private var open: [(element: Element?, kind: Container)] = []

        init(bytes: [UInt8], offset: Int) {
            self.bytes = bytes
            self.offset = offset
        }

        /// Nil where it is no JSON, `offset` telling where.
        mutating func run() throws(DocumentError) -> Element? {
            var root: Element?
            while true {
                skipSpace()
                guard offset < bytes.count else { return open.isEmpty ? root : nil }
                guard root == nil || !open.isEmpty else { return nil }
                let first = offset
                var key: Range<Int>?
                if open.last?.kind == .object {
                    guard bytes[offset] == UInt8(ascii: "\""), skipString() else { return nil }
                    key = first + 1..<offset - 1
                    skipSpace()
                    guard take(UInt8(ascii: ":")) else { return nil }
                    skipSpace()
                }
                let element = Element(range: first..<first, key: key)
                if root == nil { root = element }
                if open.count <= JSONScan.depthKept { open.last?.element?.children.append(element) }
                guard try skipValue(element) else { return nil }
            }
        }

        /// A scalar with what closes after it, or the beginning of a container.
        private mutating func skipValue(_ element: Element) throws(DocumentError) -> Bool {
            guard offset < bytes.count else { return false }
            switch bytes[offset] {
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                let kind: Container = bytes[offset] == UInt8(ascii: "[") ? .array : .object
                offset += 1
                open.append((element, kind))
                guard open.count <= DocumentLimits.depthMax else {
                    throw .overLimit(.json, .depth, found: nil, max: DocumentLimits.depthMax)
                }
                skipSpace()
                let isEmpty = offset < bytes.count && bytes[offset] == Self.closing(kind)
                return isEmpty ? close() : true
            case UInt8(ascii: "\""): guard skipString() else { return false }
            default:
                let start = offset
                while offset < bytes.count, Self.isScalar(bytes[offset]) { offset += 1 }
                guard offset > start else { return false }
            }
            element.range = element.range.lowerBound..<offset
            return close()
        }

        /// Takes the brackets that follow, and the comma after them.
        private mutating func close() -> Bool {
            while let last = open.last {
                skipSpace()
                guard offset < bytes.count else { return true }
                if take(UInt8(ascii: ",")) { return true }
                guard take(Self.closing(last.kind)) else { return false }
                last.element.map { $0.range = $0.range.lowerBound..<offset }
                open.removeLast()
            }
            return true
        }

        private static func closing(_ kind: Container) -> UInt8 {
            kind == .array ? UInt8(ascii: "]") : UInt8(ascii: "}")
        }

        private static func isScalar(_ byte: UInt8) -> Bool {
            byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") || byte == UInt8(ascii: ".")
                || Ascii.isDigit(byte)
                || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        }

        private mutating func take(_ byte: UInt8) -> Bool {
            guard offset < bytes.count, bytes[offset] == byte else { return false }
            offset += 1
            return true
        }

        private mutating func skipSpace() {
            while offset < bytes.count, Ascii.isWhitespace(bytes[offset]) { offset += 1 }
        }

        /// False if it does not end.
        private mutating func skipString() -> Bool {
            offset += 1
            while offset < bytes.count {
                let byte = bytes[offset]
                offset += 1
                if byte == UInt8(ascii: "\"") { return true }
                if byte == UInt8(ascii: "\\") { offset += 1 }
            }
            offset = bytes.count
            return false
        }
    }
}
