import Foundation

/// The parts of a `tokenizer.json` (Hugging Face `tokenizers`, version 1.0) that decide which ids a text
/// gets.
struct TokenizerFile: Decodable {
    static let name = ModelFile.tokenizer

    let addedTokens: [AddedToken]
    let normalizer: Normalizer
    let preTokenizer: Step
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
        let type: String
        let unkToken: String
        let continuingSubwordPrefix: String
        let maxInputCharsPerWord: Int
        let vocab: [String: Int32]

        enum CodingKeys: String, CodingKey {
            case type, vocab
            case unkToken = "unk_token"
            case continuingSubwordPrefix = "continuing_subword_prefix"
            case maxInputCharsPerWord = "max_input_chars_per_word"
        }
    }

    enum CodingKeys: String, CodingKey {
        case normalizer, model
        case addedTokens = "added_tokens"
        case preTokenizer = "pre_tokenizer"
    }

    /// - Parameter vocabularyCount: how many rows the model's word embeddings have.
    /// - Throws: `malformedJSON`, `unsupportedModel`, `vocabularyMismatch`.
    static func parse(_ bytes: Data, vocabularyCount: Int) throws(EmbeddingError) -> TokenizerFile {
        let file: TokenizerFile
        do {
            file = try JSONDecoder().decode(TokenizerFile.self, from: bytes)
        } catch {
            throw .malformedJSON(file: name, cause: error)
        }
        try file.checkSupported()
        try file.checkVocabulary(count: vocabularyCount)
        return file
    }

    var unknownID: Int32 { model.vocab[model.unkToken, default: 0] }
    var classID: Int32 { model.vocab["[CLS]", default: 0] }
    var separatorID: Int32 { model.vocab["[SEP]", default: 0] }

    private func checkSupported() throws(EmbeddingError) {
        let isUncased =
            normalizer.cleanText && normalizer.handleChineseChars && normalizer.lowercase
            && normalizer.stripAccents ?? true
        let tokensAreLiteral = addedTokens.allSatisfy {
            $0.special && !$0.singleWord && !$0.lstrip && !$0.rstrip && !$0.normalized && !$0.content.isEmpty
        }
        let checks: [(field: String, found: String, expected: String)] = [
            ("normalizer.type", normalizer.type, "BertNormalizer"),
            ("normalizer", isUncased ? "uncased" : "\(normalizer)", "uncased"),
            ("pre_tokenizer.type", preTokenizer.type, "BertPreTokenizer"),
            ("model.type", model.type, "WordPiece"),
            ("added_tokens", tokensAreLiteral ? "literal" : "\(addedTokens)", "literal"),
        ]
        for check in checks where check.found != check.expected {
            throw .unsupportedModel(
                file: Self.name, field: check.field, found: check.found, expected: check.expected)
        }
        guard (1...WordScanner.wordScalarsKept).contains(model.maxInputCharsPerWord) else {
            throw .unsupportedModel(
                file: Self.name, field: "model.max_input_chars_per_word",
                found: "\(model.maxInputCharsPerWord)", expected: "1 to \(WordScanner.wordScalarsKept)")
        }
    }

    private func checkVocabulary(count: Int) throws(EmbeddingError) {
        var isSeen = [Bool](repeating: false, count: count)
        for id in model.vocab.values where isSeen.indices.contains(Int(id)) { isSeen[Int(id)] = true }
        let found = isSeen.count { $0 }
        guard found == count, model.vocab.count == count else {
            throw .vocabularyMismatch(found: found, expected: count)
        }
        for token in [model.unkToken, "[CLS]", "[SEP]"] where model.vocab[token] == nil {
            throw .unsupportedModel(
                file: Self.name, field: "model.vocab", found: "no \(token)", expected: token)
        }
        for token in addedTokens where !isSeen.indices.contains(Int(token.id)) {
            throw .vocabularyMismatch(found: Int(token.id), expected: count)
        }
    }
}
