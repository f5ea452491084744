/// Pieces and their scores, the natural logarithms of their probabilities.
package struct UnigramVocabulary: Sendable {
    /// `▁`, which stands for a space and begins every word.
    static let wordMark: [UInt8] = [0xE2, 0x96, 0x81]

    /// Pieces together are shorter than this in bytes: the trie numbers its nodes in 24 bits. XLM-R's have 2.6 MB.
    static let piecesBytesMax = 15 << 20

    /// UTF-8 of all pieces; piece i begins at `offsets[i]` and ends at `offsets[i + 1]`.
    let bytes: [UInt8]
    let offsets: [UInt32]
    let scores: [Float]
    let beginID: Int32
    let endID: Int32
    let paddingID: Int32
    let unknownID: Int32
    let map: CodePointMap

    var count: Int { scores.count }

    func utf8(of piece: Int) -> ArraySlice<UInt8> {
        bytes[Int(offsets[piece])..<Int(offsets[piece + 1])]
    }

    /// Special tokens have no probability: their score is that of certainty, 0.
    func isSpecial(_ piece: Int) -> Bool {
        scores[piece] >= 0 || [beginID, endID, paddingID, unknownID].contains(Int32(piece))
    }
}
