/// Cuts a text into pieces, in one pass over its bytes.
///
/// Words are runs of letters, digits and marks. Words joined by punctuation without a space are a compound
/// (`foo.barBaz`, `CVE-2024-12345`, `state-of-the-art`): the whole comes first, then its words. Scripts without spaces
/// come in overlapping pairs of characters, with the last character of a run alone, so that every character has
/// its position and a search for one is a search by prefix.
struct WordScanner {
    private(set) var pieces: [Piece] = []
    private var place = 0
    private var position = 0
    private var words: [ScannedWord] = []

    /// A compound of more is several: nobody types it, and a path of that depth is found by its words.
    static let compoundWordsMax = 32
    /// A longer compound has no whole.
    static let wholeBytesMax = 256

    /// Puts the next pieces, some hundreds, into `pieces` in place of those before; false at the end.
    mutating func advance(_ bytes: Span<UInt8>) -> Bool {
        pieces.removeAll(keepingCapacity: true)
        while place < bytes.count, pieces.count < Self.batchMin {
            let byte = bytes[place]
            if byte < 0x80, !ASCII.isWord(byte) {
                place += 1
                continue
            }
            let (kind, byteCount) = kindOfScalar(bytes, at: place)
            switch kind {
            case .letter, .digit:
                place = scanCompound(bytes, from: place)
            case .dense:
                place = scanDense(bytes, from: place)
            case .separator, .extender: place += byteCount
            }
        }
        return !pieces.isEmpty
    }

    /// So many pieces at once lie in the first-level cache.
    private static let batchMin = 256

    /// All pieces of a text.
    static func pieces(of bytes: Span<UInt8>) -> [Piece] {
        var scanner = WordScanner()
        var pieces: [Piece] = []
        while scanner.advance(bytes) { pieces += scanner.pieces }
        return pieces
    }

    private mutating func add(_ kind: Piece.Kind, _ range: Range<Int>, isAlone: Bool = false) {
        pieces.append(Piece(kind: kind, position: position, range: range, isAlone: isAlone))
    }

    /// - Returns: where the run ends.
    private mutating func scanDense(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var before: Int?
        var current = start
        var place = start
        while place < bytes.count {
            let (kind, byteCount) = kindOfScalar(bytes, at: place)
            guard kind == .dense || kind == .extender else { break }
            if kind == .dense, place > start {
                if let before { addPair(before..<place) }
                before = current
                current = place
            }
            place += byteCount
        }
        if let before { addPair(before..<place) }
        add(.runEnd, current..<place)
        position += 1
        return place
    }

    private mutating func addPair(_ range: Range<Int>) {
        add(.pair, range)
        position += 1
    }
}

// MARK: - Compounds

extension WordScanner {
    /// - Returns: where the compound ends.
    private mutating func scanCompound(_ bytes: Span<UInt8>, from start: Int) -> Int {
        let first = ScannedWord(bytes, from: start)
        let suffixed = Self.suffixEnd(bytes, from: first.range.upperBound)
        guard let next = Self.connectedWord(bytes, after: first.range.upperBound) else {
            if suffixed > first.range.upperBound || Self.hasDot(bytes, before: start) {
                add(.whole, (Self.hasDot(bytes, before: start) ? start - 1 : start)..<suffixed)
            }
            addWord(bytes, first)
            return suffixed
        }
        words.removeAll(keepingCapacity: true)
        words.append(first)
        var end = first.range.upperBound
        var candidate: Int? = next
        while let wordStart = candidate, words.count < Self.compoundWordsMax {
            words.append(ScannedWord(bytes, from: wordStart))
            end = words[words.count - 1].range.upperBound
            candidate = Self.connectedWord(bytes, after: end)
        }
        addCompound(
            bytes, (Self.hasDot(bytes, before: start) ? start - 1 : start)..<Self.suffixEnd(bytes, from: end))
        return max(end, Self.suffixEnd(bytes, from: end))
    }

    private mutating func addCompound(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        if Self.isBlob(bytes, range) {
            add(.whole, range, isAlone: true)
            position += 1
            return
        }
        if range.count <= Self.wholeBytesMax { add(.whole, range) }
        for word in words { addWord(bytes, word) }
    }

    private mutating func addWord(_ bytes: Span<UInt8>, _ word: ScannedWord) {
        let parts = word.isMixed ? CaseParts.parts(of: bytes, word.range) : []
        add(parts.isEmpty ? .word : .mixed, word.range)
        for part in parts { add(.part, part) }
        position += 1
    }

    /// `.NET`, `.gitignore`: a dot right before a letter and after nothing that it could end.
    private static func hasDot(_ bytes: Span<UInt8>, before start: Int) -> Bool {
        guard start > 0, bytes[start - 1] == UInt8(ascii: "."), ASCII.isLetter(bytes[start]) else {
            return false
        }
        guard start > 1 else { return true }
        switch bytes[start - 2] {
        case 0x00...0x20, UInt8(ascii: "("), UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`"):
            return true
        default: return false
        }
    }

    /// `C++`, `C#`: where what belongs to the name ends.
    private static func suffixEnd(_ bytes: Span<UInt8>, from end: Int) -> Int {
        guard end < bytes.count else { return end }
        var after = end
        if bytes[end] == UInt8(ascii: "#") {
            after = end + 1
        } else if bytes[end] == UInt8(ascii: "+"), end + 1 < bytes.count, bytes[end + 1] == bytes[end] {
            after = end + 2
        }
        return after < bytes.count && kindOfScalar(bytes, at: after).kind != .separator ? end : after
    }

    /// Where the next word of the compound begins; nil if something else than up to three joining signs follows.
    private static func connectedWord(_ bytes: Span<UInt8>, after end: Int) -> Int? {
        var place = end
        while place < bytes.count, place < end + 3, isConnector(bytes[place]) { place += 1 }
        if place == end {
            // U+2010 and U+2011 are hyphens.
            guard end + 3 < bytes.count, bytes[end] == 0xE2, bytes[end + 1] == 0x80,
                bytes[end + 2] == 0x90 || bytes[end + 2] == 0x91
            else { return nil }
            place = end + 3
        }
        guard place < bytes.count else { return nil }
        if place > end + 1, bytes[end] == bytes[end + 1], bytes[end] != UInt8(ascii: ":") {
            // Dashes and dots in a row stand between words; `__` and `//` and `::` and `++` join them.
            if bytes[end] == UInt8(ascii: "-") || bytes[end] == UInt8(ascii: ".") { return nil }
        }
        let kind = kindOfScalar(bytes, at: place).kind
        return kind == .letter || kind == .digit ? place : nil
    }

    private static func isConnector(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: ":"), UInt8(ascii: "/"),
            UInt8(ascii: "\\"), UInt8(ascii: "@"), UInt8(ascii: "+"), UInt8(ascii: "#"), UInt8(ascii: "&"),
            UInt8(ascii: ">"):
            return true
        default: return false
        }
    }

    /// Whether a long run looks like base64 rather than like a path: in random base64 two neighbours of three are of
    /// different kinds (upper, lower, digit), in names and paths fewer than one of four.
    private static func isBlob(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard range.count >= 40 else { return false }
        var changes = 0
        for place in range.dropFirst() where caseClass(bytes[place]) != caseClass(bytes[place - 1]) {
            changes += 1
        }
        return changes * 5 >= range.count * 2
    }

    private static func caseClass(_ byte: UInt8) -> UInt8 {
        ASCII.isLower(byte) ? 0 : ASCII.isUpper(byte) ? 1 : ASCII.isDigit(byte) ? 2 : 3
    }
}
