/// Measures ranges of the source in tokens, and says how large units may be.
struct TokenMeter {
    /// A tokenizer may call a megabyte without a space one unknown token. A chunk is small in bytes too: this
    /// many for each token (English has 4 or 5, indented code up to 10).
    static let bytesPerTokenMax = 32

    let tokensMax: Int

    /// Half the target, so that a heading and the unit that follows it always fit together.
    let unitTokensMax: Int
    private let counter: any TokenCounter

    init(_ options: ChunkingOptions, _ counter: any TokenCounter) {
        tokensMax = options.tokensMax
        unitTokensMax = max(1, options.tokensTarget / 2)
        self.counter = counter
    }

    /// The tokens of a range as chunks would have it; nil for a range too long in bytes to be one unit,
    /// uncounted.
    func count(_ bytes: [UInt8], _ range: Range<Int>) -> Int? {
        guard range.count <= unitTokensMax * Self.bytesPerTokenMax else { return nil }
        return count(SourceText.text(bytes, range))
    }

    func count(_ text: String) -> Int { counter.tokenCount(of: text) }
}
