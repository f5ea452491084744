/// One word: letters, digits and marks, with an apostrophe between letters and separators between digits.
struct ScannedWord {
    let range: Range<Int>
    /// Whether case or digits may divide it: see `CaseParts`.
    let isMixed: Bool

    init(_ bytes: Span<UInt8>, from start: Int) {
        var end = start
        var seen: UInt8 = 0
        var endsInDigit = false
        while end < bytes.count {
            let byte = bytes[end]
            if ASCII.isLetter(byte) {
                if ASCII.isLower(byte) { seen |= 1 } else if end > start { seen |= 2 }
                endsInDigit = false
                end += 1
            } else if ASCII.isDigit(byte) {
                seen |= 4
                endsInDigit = true
                end += 1
            } else if byte < 0x80 {
                guard endsInDigit ? Self.joinsDigits(bytes, at: end, from: start) : byte == Self.apostrophe
                else { break }
                guard endsInDigit || Self.joinsLetters(bytes, at: end, byteCount: 1, from: start) else {
                    break
                }
                end += 1
            } else {
                let (kind, byteCount) = kindOfScalar(bytes, at: end)
                if kind == .letter || kind == .digit {
                    endsInDigit = false
                } else if kind != .extender {
                    guard Self.isCurlyApostrophe(bytes, at: end), !endsInDigit,
                        Self.joinsLetters(bytes, at: end, byteCount: byteCount, from: start)
                    else { break }
                }
                end += byteCount
            }
        }
        range = start..<end
        isMixed = seen & (seen &- 1) != 0
    }

    private static let apostrophe = UInt8(ascii: "'")

    private static func isCurlyApostrophe(_ bytes: Span<UInt8>, at place: Int) -> Bool {
        place + 2 < bytes.count && bytes[place] == 0xE2 && bytes[place + 1] == 0x80
            && bytes[place + 2] == 0x99
    }

    /// `don't`, `we'll` and `user's` are one word; `l'homme`, `qu'il` and `dell'arte` are two. By lengths, whatever the
    /// language is, so that queries are cut as texts are.
    private static func joinsLetters(
        _ bytes: Span<UInt8>, at place: Int, byteCount: Int, from start: Int
    ) -> Bool {
        let before = place - start
        if before == 1, ASCII.lower(bytes[start]) != UInt8(ascii: "i") { return false }
        if before == 2, ASCII.lower(bytes[start]) == UInt8(ascii: "q") { return false }
        var letterCount = 0
        var next = place + byteCount
        while next < bytes.count, letterCount < 3 {
            let (kind, byteCount) = kindOfScalar(bytes, at: next)
            guard kind == .letter || kind == .extender else { break }
            if kind == .letter { letterCount += 1 }
            next += byteCount
        }
        return letterCount == 1 || letterCount == 2
    }

    /// `3.14` and `1.2.3` are one word; `1,000` as well, but not `1,2`.
    private static func joinsDigits(_ bytes: Span<UInt8>, at place: Int, from start: Int) -> Bool {
        guard place + 1 < bytes.count, ASCII.isDigit(bytes[place + 1]) else { return false }
        if bytes[place] == UInt8(ascii: ".") { return true }
        guard bytes[place] == UInt8(ascii: ","), place + 3 < bytes.count else { return false }
        guard ASCII.isDigit(bytes[place + 2]), ASCII.isDigit(bytes[place + 3]) else { return false }
        if place + 4 < bytes.count, ASCII.isDigit(bytes[place + 4]) { return false }
        // The group before: one to three digits if it is the first, three after a comma.
        var digitCount = 0
        while place - digitCount > start, ASCII.isDigit(bytes[place - digitCount - 1]), digitCount < 4 {
            digitCount += 1
        }
        let isFirst = place - digitCount == start
        return isFirst ? digitCount <= 3 : digitCount == 3 && bytes[place - 4] == UInt8(ascii: ",")
    }
}

/// The parts into which case and digits divide a word: `barBaz`, `HTTPServer`, `ERR4711`. Only ASCII is divided.
enum CaseParts {
    /// More parts, or parts of fewer than two letters on average, are no name: a hash or a blob.
    static let partsMax = 8

    static func parts(of bytes: Span<UInt8>, _ range: Range<Int>) -> [Range<Int>] {
        guard range.count <= Analyzer.termBytesMax else { return [] }
        var starts = [range.lowerBound]
        for place in range.dropFirst() where divides(bytes, at: place, range) { starts.append(place) }
        guard (2...partsMax).contains(starts.count), range.count >= 2 * starts.count else { return [] }
        return zip(starts, starts.dropFirst() + [range.upperBound]).map { $0..<$1 }
    }

    private static func divides(_ bytes: Span<UInt8>, at place: Int, _ range: Range<Int>) -> Bool {
        let before = bytes[place - 1]
        let byte = bytes[place]
        if ASCII.isUpper(byte) {
            if ASCII.isLower(before) || ASCII.isDigit(before) { return true }
            // The last capital of several begins the next word.
            return ASCII.isUpper(before) && place + 1 < range.upperBound && ASCII.isLower(bytes[place + 1])
        }
        return ASCII.isDigit(byte) ? ASCII.isLetter(before) : ASCII.isLower(byte) && ASCII.isDigit(before)
    }
}
