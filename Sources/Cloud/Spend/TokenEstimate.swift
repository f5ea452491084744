/// How many tokens a text has for a tokenizer that is not known here.
package enum TokenEstimate {
    /// Four ASCII characters a token, two letters of Greek, Cyrillic and their like, one Chinese character or half
    /// an emoji; and at least a token a word. What common tokenizers of 100,000 and more pieces make of prose, or a
    /// little more; the answers' own counts correct it (`SpendLedger.scale`).
    package static func tokens(in text: String) -> Int {
        var quarters = 0
        var words = 0
        var isInWord = false
        for byte in text.utf8 {
            switch byte {
            case ..<0x80: quarters += 1
            case 0xc0..<0xe0: quarters += 2
            case 0xe0..<0xf0: quarters += 4
            case 0xf0...: quarters += 8
            // The rest of a character that was counted with its first byte.
            default: break
            }
            let isSpace = byte == 0x20 || (0x09...0x0d).contains(byte)
            if !isSpace, !isInWord { words += 1 }
            isInWord = !isSpace
        }
        return max((quarters + 3) / 4, words)
    }
}
