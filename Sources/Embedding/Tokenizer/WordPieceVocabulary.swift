import Foundation

/// What a WordPiece tokenizer is made of, whichever file it stands in.
struct WordPieceVocabulary {
    let pieces: [Piece]

    /// What a piece begins with that goes on within a word.
    let continuationPrefix: String
    let unknown: String

    /// A word of more scalars is unknown.
    let wordScalarsMax: Int
    let casing: Casing
    let specialTokens: [(text: String, id: Int32)]

    struct Piece {
        let utf8: [UInt8]
        let id: Int32
    }

    var unknownID: Int32 { id(of: unknown) ?? 0 }
    var classID: Int32 { id(of: "[CLS]") ?? 0 }
    var separatorID: Int32 { id(of: "[SEP]") ?? 0 }

    private func id(of piece: String) -> Int32? {
        pieces.first { $0.utf8.elementsEqual(piece.utf8) }?.id
    }

    /// Pieces together are shorter than this in bytes: the trie numbers its nodes in 24 bits. BERT's have 0.2 MB.
    static let piecesBytesMax = 15 << 20

    /// - Parameters:
    ///   - file: whose pieces these are.
    ///   - rowCount: how many rows the model's word embeddings have; a model may have more rows than pieces.
    /// - Throws: `vocabularyMismatch`, `unsupportedModel`.
    func check(in file: String, rowCount: Int) throws(EmbeddingError) {
        let pieceCount = pieces.count
        guard pieceCount <= rowCount else { throw .vocabularyMismatch(found: pieceCount, expected: rowCount) }
        var isSeen = [Bool](repeating: false, count: pieceCount)
        for piece in pieces where isSeen.indices.contains(Int(piece.id)) { isSeen[Int(piece.id)] = true }
        let found = isSeen.count { $0 }
        guard found == pieceCount else { throw .vocabularyMismatch(found: found, expected: pieceCount) }
        for token in [unknown, "[CLS]", "[SEP]"] where id(of: token) == nil {
            throw .unsupportedModel(file: file, field: "vocabulary", found: "no \(token)", expected: token)
        }
        for token in specialTokens where !(0..<rowCount).contains(Int(token.id)) {
            throw .vocabularyMismatch(found: Int(token.id), expected: rowCount)
        }
        let byteCount = pieces.reduce(0) { $0 + $1.utf8.count }
        guard byteCount <= Self.piecesBytesMax else {
            throw .unsupportedModel(
                file: file, field: "vocabulary", found: "\(byteCount) bytes",
                expected: "up to \(Self.piecesBytesMax)")
        }
    }
}

extension WordPieceVocabulary {
    /// Reads a `vocab.txt`, one piece a line, which older models have in place of a `tokenizer.json`.
    ///
    /// - Parameters:
    ///   - settings: the bytes of the `tokenizer_config.json` beside it, if there is one.
    ///   - rowCount: as for `check`.
    /// - Throws: `malformedJSON`, `unsupportedModel`, `vocabularyMismatch`.
    static func parse(
        lines file: Data, settings: Data?, rowCount: Int
    ) throws(EmbeddingError) -> WordPieceVocabulary {
        var lines = [UInt8](file).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        let pieces = lines.enumerated().map { id, line in
            Piece(utf8: Array(line.last == UInt8(ascii: "\r") ? line.dropLast() : line), id: Int32(id))
        }
        let names = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
        let vocabulary = WordPieceVocabulary(
            pieces: pieces, continuationPrefix: "##", unknown: "[UNK]", wordScalarsMax: 100,
            casing: try casing(settings, pieces: pieces),
            specialTokens: names.compactMap { name in
                pieces.first { $0.utf8.elementsEqual(name.utf8) }.map { (name, $0.id) }
            })
        try vocabulary.check(in: ModelFile.vocabulary, rowCount: rowCount)
        return vocabulary
    }

    private struct Settings: Decodable {
        let lowercases: Bool?
        let isolatesIdeographs: Bool?
        let stripsAccents: Bool?

        enum CodingKeys: String, CodingKey {
            case lowercases = "do_lower_case"
            case isolatesIdeographs = "tokenize_chinese_chars"
            case stripsAccents = "strip_accents"
        }
    }

    /// Where nobody says it the pieces do: lower-cased words never meet a piece with a capital.
    private static func casing(_ file: Data?, pieces: [Piece]) throws(EmbeddingError) -> Casing {
        var settings: Settings?
        if let file {
            do {
                settings = try JSONDecoder().decode(Settings.self, from: file)
            } catch {
                throw .malformedJSON(file: ModelFile.tokenizerSettings, cause: error)
            }
        }
        let hasCapitals = pieces.contains { piece in
            piece.utf8.first != UInt8(ascii: "[") && piece.utf8.contains { (0x41...0x5A).contains($0) }
        }
        let lowercases = settings?.lowercases ?? !hasCapitals
        guard
            let casing = Casing(
                lowercases: lowercases, stripsAccents: settings?.stripsAccents ?? lowercases,
                isolatesIdeographs: settings?.isolatesIdeographs ?? true)
        else {
            throw .unsupportedModel(
                file: ModelFile.tokenizerSettings, field: "strip_accents, tokenize_chinese_chars",
                found: "\(settings.map { "\($0)" } ?? "")",
                expected: "accents stripped where letters are lower-cased, ideographs apart")
        }
        return casing
    }
}
