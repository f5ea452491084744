/// What becomes of capitals and accents.
package enum Casing: Sendable {
    /// Letters are lower-cased and lose their accents.
    case uncased

    /// Letters stay as they are.
    case cased

    /// Nil for other mixtures, which no known model was trained with.
    init?(lowercases: Bool, stripsAccents: Bool, isolatesIdeographs: Bool) {
        guard lowercases == stripsAccents, isolatesIdeographs else { return nil }
        self = lowercases ? .uncased : .cased
    }
}

/// Receives the words of a text one after the other.
package protocol WordSink {
    /// - Parameters:
    ///   - word: normalised UTF-8, never empty; cut off somewhere past `WordScanner.wordScalarsKept` scalars.
    ///   - scalarCount: the length of the whole word, cut or not.
    /// - Returns: false to end the scan.
    mutating func take(_ word: Span<UInt8>, scalarCount: Int) -> Bool
}

/// Cuts a text into the normalised words BERT was trained on: `BertNormalizer` and `BertPreTokenizer` of
/// Hugging Face's `tokenizers` in one pass (J. Devlin et al., 2018, https://arxiv.org/abs/1810.04805: "basic
/// tokenizer").
///
/// Controls vanish, ideographs and punctuation stand alone; the rest is decomposed, freed of accents, put in
/// canonical order and lower-cased, or with `Casing.cased` left as it is. One scanner serves one scan at a time; it
/// holds no more than one word.
package struct WordScanner {
    /// A word longer than this is unknown to any model, so no more of it is kept.
    package static let wordScalarsKept = 128

    private let table: ScalarTable
    private let lowercases: Bool

    /// The `ASCIIKind` of each byte.
    private let kinds: [UInt8]
    private var word: [UInt8] = []
    private var scalarCount = 0

    /// Marks with a combining class that wait for the next starter, in canonical order.
    private var pendingMarks: [(scalar: UInt32, combiningClass: UInt8)] = []

    package init(_ casing: Casing = .uncased) {
        table = casing == .uncased ? ScalarTable.uncased : ScalarTable.cased
        lowercases = casing == .uncased
        kinds = casing == .uncased ? ASCIIKind.uncased : ASCIIKind.cased
        word.reserveCapacity(4 * Self.wordScalarsKept + 16)
    }

    /// Hands the words of `text[range]` to `sink`. False if the sink ended the scan.
    ///
    /// - Parameter text: valid UTF-8, with `range` on scalar boundaries.
    package mutating func scan<Sink: WordSink>(
        _ text: Span<UInt8>, _ range: Range<Int>, into sink: inout Sink
    ) -> Bool {
        var index = range.lowerBound
        while index < range.upperBound {
            if scalarCount == 0, pendingMarks.isEmpty {
                let end = plainEnd(text, index..<range.upperBound)
                if end > index {
                    let goesOn = sink.take(text.extracting(index..<end), scalarCount: end - index)
                    index = end
                    guard goesOn else { return abandon() }
                    continue
                }
            }
            let byte = text[index]
            if byte < 0x80 {
                index += 1
                guard takeASCII(byte, into: &sink) else { return abandon() }
            } else {
                let (scalar, length) = Self.decode(text, at: index)
                index += length
                guard take(scalar, into: &sink) else { return abandon() }
            }
        }
        return endWord(into: &sink) || abandon()
    }

    /// Where the word ends that begins with `range` and is what it will be as it stands in the text: ASCII up to what
    /// surely ends it, with nothing to lower. The beginning of `range` if it is no such word.
    @inline(__always)
    private func plainEnd(_ text: Span<UInt8>, _ range: Range<Int>) -> Int {
        var end = range.lowerBound
        var kind = ASCIIKind.other
        while end < range.upperBound {
            kind = kinds[Int(text[end])]
            guard kind == ASCIIKind.plain else { break }
            end += 1
        }
        if end == range.lowerBound { return kind == ASCIIKind.punctuation ? end + 1 : end }
        let isWhole = end == range.upperBound || kind >= ASCIIKind.punctuation
        return isWhole && end - range.lowerBound <= Self.wordScalarsKept ? end : range.lowerBound
    }

    private mutating func abandon() -> Bool {
        word.removeAll(keepingCapacity: true)
        pendingMarks.removeAll(keepingCapacity: true)
        scalarCount = 0
        return false
    }

    /// ASCII needs no table: letters and digits, the common case, are appended at once.
    @inline(__always)
    private mutating func takeASCII<Sink: WordSink>(_ byte: UInt8, into sink: inout Sink) -> Bool {
        let lower = byte | 0x20
        if lower &- 0x61 < 26 || byte &- 0x30 < 10 {
            if !pendingMarks.isEmpty { flushMarks() }
            if scalarCount < Self.wordScalarsKept {
                word.append(lowercases && lower &- 0x61 < 26 ? lower : byte)
            }
            scalarCount += 1
            return true
        }
        if byte > 0x20 && byte < 0x7F { return takeIsolated(UInt32(byte), into: &sink) }
        let isSpace = byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
        return isSpace ? endWord(into: &sink) : true
    }

    private mutating func take<Sink: WordSink>(_ scalar: UInt32, into sink: inout Sink) -> Bool {
        let rule = table.rule(of: scalar)
        switch rule.kind {
        case .fold:
            let target = UInt32(truncatingIfNeeded: Int(scalar) + Int(rule.delta))
            if rule.isIsolated { return takeIsolated(target, into: &sink) }
            append(target, combiningClass: table.rule(of: target).combiningClass)
        case .longFold:
            for target in table.longFolds[Int(rule.delta)] {
                append(target, combiningClass: table.rule(of: target).combiningClass)
            }
        case .hangul:
            appendJamo(of: scalar)
        case .space:
            return endWord(into: &sink)
        case .dropped:
            break
        case .droppedStarter:
            flushMarks()
        }
        return true
    }

    /// Unicode Standard, section 3.12, "Hangul syllable decomposition".
    private mutating func appendJamo(of syllable: UInt32) {
        let index = syllable - 0xAC00
        append(0x1100 + index / 588, combiningClass: 0)
        append(0x1161 + index % 588 / 28, combiningClass: 0)
        if index % 28 != 0 { append(0x11A7 + index % 28, combiningClass: 0) }
    }

    private mutating func takeIsolated<Sink: WordSink>(_ scalar: UInt32, into sink: inout Sink) -> Bool {
        guard endWord(into: &sink) else { return false }
        encode(scalar)
        return endWord(into: &sink)
    }

    private mutating func endWord<Sink: WordSink>(into sink: inout Sink) -> Bool {
        if !pendingMarks.isEmpty { flushMarks() }
        guard scalarCount > 0 else { return true }
        let goesOn = sink.take(word.span, scalarCount: scalarCount)
        word.removeAll(keepingCapacity: true)
        scalarCount = 0
        return goesOn
    }

    /// Canonical ordering (Unicode Standard, section 3.11): marks wait, stably sorted by class, for a
    /// starter. Which marks of an endless run are kept past the limit of a word does not matter, so the run
    /// stays bounded.
    private mutating func append(_ scalar: UInt32, combiningClass: UInt8) {
        guard combiningClass != 0 else {
            if !pendingMarks.isEmpty { flushMarks() }
            return encode(scalar)
        }
        guard pendingMarks.count <= Self.wordScalarsKept else { return scalarCount += 1 }
        let place = pendingMarks.lastIndex { $0.combiningClass <= combiningClass }.map { $0 + 1 } ?? 0
        pendingMarks.insert((scalar, combiningClass), at: place)
    }

    private mutating func flushMarks() {
        for mark in pendingMarks { encode(mark.scalar) }
        pendingMarks.removeAll(keepingCapacity: true)
    }

    private mutating func encode(_ scalar: UInt32) {
        scalarCount += 1
        guard scalarCount <= Self.wordScalarsKept, let scalar = Unicode.Scalar(scalar) else { return }
        for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { word.append(byte) }
    }

    /// The scalar of a sequence of 2 to 4 bytes in valid UTF-8.
    private static func decode(_ text: Span<UInt8>, at index: Int) -> (scalar: UInt32, length: Int) {
        let lead = UInt32(text[index])
        let second = UInt32(text[index + 1] & 0x3F)
        if lead < 0xE0 { return ((lead & 0x1F) << 6 | second, 2) }
        let third = UInt32(text[index + 2] & 0x3F)
        if lead < 0xF0 { return ((lead & 0x0F) << 12 | second << 6 | third, 3) }
        return ((lead & 0x07) << 18 | second << 12 | third << 6 | UInt32(text[index + 3] & 0x3F), 4)
    }
}

/// What bytes are to a word, as far as that needs no table of all scalars.
private enum ASCIIKind {
    /// To be looked at: capitals that are lowered, controls, parts of longer scalars.
    static let other: UInt8 = 0

    /// Stays as it is.
    static let plain: UInt8 = 1

    // What ends a word, and with it what is below.
    static let punctuation: UInt8 = 2
    static let space: UInt8 = 3

    static let uncased = kinds(.uncased)
    static let cased = kinds(.cased)

    private static func kinds(_ casing: Casing) -> [UInt8] {
        (UInt8.min...UInt8.max).map { byte in
            switch byte {
            case 0x30...0x39, 0x61...0x7A: plain
            case 0x41...0x5A: casing == .cased ? plain : other
            case 0x09, 0x0A, 0x0D, 0x20: space
            case 0x21...0x7E: punctuation
            default: other
            }
        }
    }
}
