/// Where ranges may begin and end: at something to read, and never inside a grapheme cluster.
///
/// Whitespace is Unicode's `White_Space`, so a line of no-break or ideographic spaces is blank too.
enum Whitespace {
    /// `range` without the whitespace at its ends; nil if nothing else is in it.
    ///
    /// A space that a combining mark sits on is part of what is read and stays.
    static func trimmed(_ bytes: [UInt8], _ range: Range<Int>) -> Range<Int>? {
        var start = range.lowerBound
        var before: SourceText.Step?
        while start < range.upperBound {
            let step = SourceText.step(bytes, at: start, before: range.upperBound)
            guard step.scalar.properties.isWhitespace else { break }
            before = step
            start += step.length
        }
        guard start < range.upperBound else { return nil }
        if let before, bytes[start] >= 0x80,
            joins(before, SourceText.step(bytes, at: start, before: range.upperBound))
        {
            start -= before.length
        }
        return start..<end(bytes, start..<range.upperBound)
    }

    /// Whether a grapheme cluster boundary lies at `offset`, given that the scalar before it is whitespace or
    /// punctuation: then the two scalars next to it decide.
    static func isBoundary(_ bytes: [UInt8], at offset: Int, in range: Range<Int>) -> Bool {
        guard offset > range.lowerBound, offset < range.upperBound else { return true }
        if bytes[offset - 1] < 0x80, bytes[offset] < 0x80 {
            return !(bytes[offset - 1] == Ascii.carriageReturn && bytes[offset] == Ascii.lineFeed)
        }
        return !joins(
            SourceText.step(bytes, endingAt: offset, after: range.lowerBound),
            SourceText.step(bytes, at: offset, before: range.upperBound))
    }

    private static func end(_ bytes: [UInt8], _ range: Range<Int>) -> Int {
        var end = range.upperBound
        var after: SourceText.Step?
        while end > range.lowerBound {
            let step = SourceText.step(bytes, endingAt: end, after: range.lowerBound)
            guard step.scalar.properties.isWhitespace else { break }
            after = step
            end -= step.length
        }
        if let after, end > range.lowerBound, bytes[end - 1] >= 0x80,
            joins(SourceText.step(bytes, endingAt: end, after: range.lowerBound), after)
        {
            end += after.length
        }
        return end
    }

    private static func joins(_ first: SourceText.Step, _ second: SourceText.Step) -> Bool {
        var pair = String(first.scalar)
        pair.unicodeScalars.append(second.scalar)
        return pair.count == 1
    }
}
