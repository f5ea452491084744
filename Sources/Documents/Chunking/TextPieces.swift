/// Ways to take a range of text apart that is too long for one unit, from coarse to fine. Each gives trimmed,
/// ordered, disjoint parts that together hold everything but whitespace.
enum TextPieces {
    /// Words and graphemes are gathered up to this many bytes, about ten tokens: the counter is called per
    /// piece.
    private static let pieceBytesMax = 48
    /// How much is decoded at a time to find grapheme clusters. A cluster longer than this is taken apart: no
    /// writing system has one (UAX #15 bounds a stream-safe run at 30 marks).
    private static let windowBytes = 1024

    /// The lines of the range that are not blank.
    static func lines(_ bytes: [UInt8], _ range: Range<Int>) -> [Range<Int>] {
        var parts: [Range<Int>] = []
        var start = range.lowerBound
        while start < range.upperBound {
            let end = bytes[start..<range.upperBound].firstIndex(where: Ascii.isLineEnd) ?? range.upperBound
            if start < end, let part = Whitespace.trimmed(bytes, start..<end) { parts.append(part) }
            start = end + 1
        }
        return parts
    }

    /// Runs of whole words.
    static func words(_ bytes: [UInt8], _ range: Range<Int>) -> [Range<Int>] {
        var parts: [Range<Int>] = []
        var offset = range.lowerBound
        while offset < range.upperBound {
            var end = offset
            while end < range.upperBound, !isWordEnd(bytes, end, range) { end += 1 }
            let next = end == offset ? end + 1 : end
            if let word = Whitespace.trimmed(bytes, offset..<next) { gather(word, &parts) }
            offset = next
        }
        return parts
    }

    private static func isWordEnd(_ bytes: [UInt8], _ offset: Int, _ range: Range<Int>) -> Bool {
        Ascii.isWhitespace(bytes[offset]) && Whitespace.isBoundary(bytes, at: offset, in: range)
            && Whitespace.isBoundary(bytes, at: offset + 1, in: range)
    }

    private static func gather(_ word: Range<Int>, _ parts: inout [Range<Int>]) {
        if let last = parts.last, word.upperBound - last.lowerBound <= pieceBytesMax {
            parts[parts.count - 1] = last.lowerBound..<word.upperBound
        } else {
            parts.append(word)
        }
    }

    /// Runs of grapheme clusters of at most `pieceBytesMax`, or single clusters.
    static func graphemeRuns(_ bytes: [UInt8], _ range: Range<Int>) -> [Range<Int>] {
        var parts: [Range<Int>] = []
        forEachGrapheme(bytes, range) { gather($0, &parts) }
        return parts.compactMap { Whitespace.trimmed(bytes, $0) }
    }

    static func graphemes(_ bytes: [UInt8], _ range: Range<Int>) -> [Range<Int>] {
        var parts: [Range<Int>] = []
        forEachGrapheme(bytes, range) { parts.append($0) }
        return parts.compactMap { Whitespace.trimmed(bytes, $0) }
    }

    static func scalars(_ bytes: [UInt8], _ range: Range<Int>) -> [Range<Int>] {
        var parts: [Range<Int>] = []
        var offset = range.lowerBound
        while offset < range.upperBound {
            let length = SourceText.step(bytes, at: offset, before: range.upperBound).length
            if let part = Whitespace.trimmed(bytes, offset..<offset + length) { parts.append(part) }
            offset += length
        }
        return parts
    }

    /// Visits the clusters of the range, which begins at a cluster boundary. The last cluster of a window is
    /// taken only when nothing can follow it; otherwise the next window begins with it.
    private static func forEachGrapheme(_ bytes: [UInt8], _ range: Range<Int>, _ visit: (Range<Int>) -> Void)
    {
        var start = range.lowerBound
        while start < range.upperBound {
            let lengths = clusterLengths(bytes, start..<min(start + windowBytes, range.upperBound))
            let isLastWindow = start + windowBytes >= range.upperBound
            let settled = isLastWindow || lengths.count == 1 ? lengths[...] : lengths.dropLast()
            for length in settled {
                visit(start..<start + length)
                start += length
            }
        }
    }

    /// The lengths in source bytes of the clusters of a window.
    ///
    /// The window is decoded step by step because a repaired byte is longer in text than in the source.
    private static func clusterLengths(_ bytes: [UInt8], _ window: Range<Int>) -> [Int] {
        var scalars = String.UnicodeScalarView()
        var sourceLengths: [Int] = []
        var offset = window.lowerBound
        while offset < window.upperBound {
            let step = SourceText.step(bytes, at: offset, before: window.upperBound)
            let isCutShort =
                !step.isValid && offset + step.length == window.upperBound && !sourceLengths.isEmpty
            if isCutShort && window.count == windowBytes { break }
            scalars.append(bytes[offset] == 0 ? "\u{FFFD}" : step.scalar)
            sourceLengths.append(step.length)
            offset += step.length
        }
        var lengths: [Int] = []
        var index = 0
        for cluster in String(scalars) {
            let count = cluster.unicodeScalars.count
            lengths.append(sourceLengths[index..<index + count].reduce(0, +))
            index += count
        }
        return lengths
    }
}
