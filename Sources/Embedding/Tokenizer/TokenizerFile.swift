import Foundation

/// The parts of a `tokenizer.json` (Hugging Face `tokenizers`, version 1.0) that decide which ids a text
/// gets.
struct TokenizerFile: Decodable {
    static let name = ModelFile.tokenizer

    let addedTokens: [AddedToken]
    let normalizer: Normalizer
    let preTokenizer: Step

    /// All but the vocabulary, which `JSONVocabulary` reads.
    let model: Model

    struct AddedToken: Decodable {
        let id: Int32
        let content: String
        let special: Bool
        let singleWord: Bool
        let lstrip: Bool
        let rstrip: Bool
        let normalized: Bool

        enum CodingKeys: String, CodingKey {
            case id, content, special, lstrip, rstrip, normalized
            case singleWord = "single_word"
        }
    }

    struct Normalizer: Decodable {
        let type: String
        let cleanText: Bool
        let handleChineseChars: Bool
        let stripAccents: Bool?
        let lowercase: Bool

        enum CodingKeys: String, CodingKey {
            case type, lowercase
            case cleanText = "clean_text"
            case handleChineseChars = "handle_chinese_chars"
            case stripAccents = "strip_accents"
        }
    }

    struct Step: Decodable {
        let type: String
    }

    struct Model: Decodable {
        let unkToken: String
        let continuingSubwordPrefix: String
        let maxInputCharsPerWord: Int

        enum CodingKeys: String, CodingKey {
            case unkToken = "unk_token"
            case continuingSubwordPrefix = "continuing_subword_prefix"
            case maxInputCharsPerWord = "max_input_chars_per_word"
        }
    }

    private struct Kind: Decodable {
        let type: String?
    }

    enum CodingKeys: String, CodingKey {
        case normalizer, model
        case addedTokens = "added_tokens"
        case preTokenizer = "pre_tokenizer"
    }

    /// What kind it is comes first: files of another kind have other fields.
    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let kind = try fields.decode(Kind.self, forKey: .model).type
        guard kind == "WordPiece" else {
            throw Self.unsupported("model.type", kind ?? "none", "WordPiece")
        }
        addedTokens = try fields.decode([AddedToken].self, forKey: .addedTokens)
        normalizer = try fields.decode(Normalizer.self, forKey: .normalizer)
        preTokenizer = try fields.decode(Step.self, forKey: .preTokenizer)
        model = try fields.decode(Model.self, forKey: .model)
    }

    /// - Parameter rowCount: as for `WordPieceVocabulary.check`.
    /// - Throws: `malformedJSON`, `unsupportedModel`, `vocabularyMismatch`.
    static func parse(_ bytes: Data, rowCount: Int) throws(EmbeddingError) -> WordPieceVocabulary {
        let file: TokenizerFile
        let pieces: [WordPieceVocabulary.Piece]
        do {
            file = try JSONDecoder().decode(TokenizerFile.self, from: bytes)
            pieces = try JSONVocabulary.pieces(of: Array(bytes)) ?? []
        } catch let error as EmbeddingError {
            throw error
        } catch {
            throw .malformedJSON(file: name, cause: error)
        }
        let vocabulary = WordPieceVocabulary(
            pieces: pieces, continuationPrefix: file.model.continuingSubwordPrefix,
            unknown: file.model.unkToken, wordScalarsMax: file.model.maxInputCharsPerWord,
            casing: try file.checkedCasing(),
            specialTokens: file.addedTokens.map { ($0.content, $0.id) })
        try vocabulary.check(in: name, rowCount: rowCount)
        return vocabulary
    }

    private func checkedCasing() throws(EmbeddingError) -> Casing {
        let tokensAreLiteral = addedTokens.allSatisfy {
            $0.special && !$0.singleWord && !$0.lstrip && !$0.rstrip && !$0.normalized && !$0.content.isEmpty
        }
        let checks: [(field: String, found: String, expected: String)] = [
            ("normalizer.type", normalizer.type, "BertNormalizer"),
            ("normalizer.clean_text", "\(normalizer.cleanText)", "true"),
            ("pre_tokenizer.type", preTokenizer.type, "BertPreTokenizer"),
            ("added_tokens", tokensAreLiteral ? "literal" : "\(addedTokens)", "literal"),
        ]
        for check in checks where check.found != check.expected {
            throw Self.unsupported(check.field, check.found, check.expected)
        }
        guard (1...WordScanner.wordScalarsKept).contains(model.maxInputCharsPerWord) else {
            throw Self.unsupported(
                "model.max_input_chars_per_word", "\(model.maxInputCharsPerWord)",
                "1 to \(WordScanner.wordScalarsKept)")
        }
        guard
            let casing = Casing(
                lowercases: normalizer.lowercase,
                stripsAccents: normalizer.stripAccents ?? normalizer.lowercase,
                isolatesIdeographs: normalizer.handleChineseChars)
        else {
            throw Self.unsupported(
                "normalizer", "\(normalizer)",
                "accents stripped where letters are lower-cased, ideographs apart")
        }
        return casing
    }

    private static func unsupported(_ field: String, _ found: String, _ expected: String) -> EmbeddingError {
        .unsupportedModel(file: name, field: field, found: found, expected: expected)
    }
}
