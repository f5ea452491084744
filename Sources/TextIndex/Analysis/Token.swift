/// One term at one place of a text, as the index takes it.
package struct Token: Sendable, Hashable {
    /// Folded, and stemmed where the language has a stemmer: what is indexed. At most `Analyzer.termBytesMax` bytes.
    package let term: String
    /// Ordinal of the word in the text, from 0 without gaps. The whole of a compound stands at its first word's
    /// position, what a word's case divides at the word's own.
    package let position: Int
    /// Bytes of the text that was given, in UTF-8.
    package let byteRange: Range<Int>
    /// Whether the token adds no word to the text's length: wholes of compounds (their words count) and the parts of
    /// words in mixed case (the word counts). Exactly one token of each position is not a part.
    package let isPart: Bool

    package init(term: String, position: Int, byteRange: Range<Int>, isPart: Bool = false) {
        self.term = term
        self.position = position
        self.byteRange = byteRange
        self.isPart = isPart
    }
}
