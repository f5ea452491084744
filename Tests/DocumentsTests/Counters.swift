import Documents

/// About one token for each four letters of a word, as WordPiece has it. Additive over words.
struct WordCounter: TokenCounter {
    func tokenCount(of text: String) -> Int {
        var count = 0
        var letters = 0
        for byte in text.utf8 {
            if byte == 0x20 || (0x09...0x0D).contains(byte) {
                count += (letters + 3) / 4
                letters = 0
            } else {
                letters += 1
            }
        }
        return count + (letters + 3) / 4
    }
}

/// Every scalar is a token, spaces too: the whole counts more than its parts.
struct ScalarCounter: TokenCounter {
    func tokenCount(of text: String) -> Int { text.unicodeScalars.count }
}

/// Any word is one token, however long, as a tokenizer does that knows an unknown word.
struct UnknownWordCounter: TokenCounter {
    func tokenCount(of text: String) -> Int { text.split(whereSeparator: \.isWhitespace).count }
}
