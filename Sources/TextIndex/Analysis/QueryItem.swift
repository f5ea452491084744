/// What stands between spaces in a query, or between quotes.
struct QueryItem {
    let text: String
    let isQuoted: Bool
    let isExcluded: Bool
    let isPrefix: Bool

    static func items(of text: Substring) -> [QueryItem] {
        let scalars = Array(text.unicodeScalars)
        // Without the look for it, every stray quote would search the rest of the text for another.
        let lastQuote = scalars.lastIndex(where: isQuote) ?? -1
        var items: [QueryItem] = []
        var place = 0
        while place < scalars.count {
            guard !scalars[place].properties.isWhitespace else {
                place += 1
                continue
            }
            let hasDash = scalars[place] == "-"
            let start = hasDash ? place + 1 : place
            if start < scalars.count, isQuote(scalars[start]), start < lastQuote {
                let end = scalars[(start + 1)...].firstIndex(where: isQuote) ?? scalars.count
                items.append(
                    QueryItem(
                        text: string(scalars[(start + 1)..<end]), isQuoted: true, isExcluded: hasDash,
                        isPrefix: false))
                place = end + 1
            } else {
                let end = scalars[place...].firstIndex { $0.properties.isWhitespace } ?? scalars.count
                items.append(plain(scalars[place..<end]))
                place = end
            }
        }
        return items
    }

    private static func plain(_ scalars: ArraySlice<Unicode.Scalar>) -> QueryItem {
        let isExcluded = isExclusion(scalars)
        let word = isExcluded ? scalars.dropFirst() : scalars
        return QueryItem(
            text: string(word), isQuoted: false, isExcluded: isExcluded,
            isPrefix: word.last == "*" && word.count > prefixScalarsMin)
    }

    /// A shorter beginning is that of too many words to tell anything.
    private static let prefixScalarsMin = 2

    /// `-word`, but not `-5`, `-x`, `--flag` or a dash alone.
    private static func isExclusion(_ scalars: ArraySlice<Unicode.Scalar>) -> Bool {
        let word = scalars.dropFirst()
        guard scalars.first == "-", let first = word.first, first != "-" else { return false }
        if ScalarKind(first) == .digit { return false }
        return word.count > 1 || ScalarKind(first) == .dense
    }

    private static func isQuote(_ scalar: Unicode.Scalar) -> Bool {
        "\"\u{201C}\u{201D}\u{201E}\u{00AB}\u{00BB}\u{300C}\u{300D}".unicodeScalars.contains(scalar)
    }

    private static func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        String(String.UnicodeScalarView(scalars))
    }
}
