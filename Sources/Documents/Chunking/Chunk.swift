/// A passage: what is embedded, found and cited.
package struct Chunk: Sendable, Equatable {
    /// 0-based position in the document.
    package let ordinal: Int

    /// The passage's source, contiguous, beginning and ending at something other than whitespace.
    package let byteRange: Range<Int>

    /// 1-based lines of `byteRange`.
    package let lineRange: ClosedRange<Int>

    /// The headings that all of the passage stands under, outermost first.
    package let headingPath: [String]

    /// The exact text to embed: the source decoded (what is no UTF-8, and NUL, as U+FFFD; every line end as
    /// LF). A passage that begins inside a table or a code fence begins with the header rows or the opening
    /// fence again.
    package let text: String

    /// The counter's figure for `text`; never above `ChunkingOptions.tokensMax`.
    package let tokenCount: Int

    /// The page on which the passage begins, from 1; nil where there are no pages.
    package var page: Int?

    package init(
        ordinal: Int, byteRange: Range<Int>, lineRange: ClosedRange<Int>, headingPath: [String], text: String,
        tokenCount: Int
    ) {
        self.ordinal = ordinal
        self.byteRange = byteRange
        self.lineRange = lineRange
        self.headingPath = headingPath
        self.text = text
        self.tokenCount = tokenCount
    }
}
