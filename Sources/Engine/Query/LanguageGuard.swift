import TextIndex

/// What a hybrid search does about a question in a language that the model does not know.
///
/// A model that was trained on one language gives questions in another vectors that say little, and they drag the
/// words' good ranking down: reciprocal rank fusion of all-MiniLM-L6-v2 and BM25 takes Russian XQuAD from .87 to .55.
package struct LanguageGuard: Sendable, Hashable {
    /// The question's language, as far as can be told.
    package var languageTag: String { language.rawValue }
    var language: Language

    /// How sure that is, 0 to 1.
    package var confidence: Double

    /// Whether the vectors are kept from deciding.
    package var isActive: Bool

    /// Vectors fill up what words do not find, and decide nothing else.
    static let vectorWeight = 0.001

    /// Below it a question is taken to be in a language of the model: names, codes and two words of anything.
    private static let confidenceMin = 0.5

    /// - Parameters:
    ///   - stated: the language that the request names.
    ///   - known: the model's languages; nil where it knows many, or nobody says.
    ///   - shares: of the workspace's passages.
    init(query: String, stated: String?, known: Set<String>?, shares: [Language: Double]) {
        if let stated {
            (language, confidence) = (Language(rawValue: stated), 1)
        } else {
            let guess = LanguageDetector.detect(query, prior: shares)
            (language, confidence) = (guess.language, guess.confidence)
        }
        guard let known, confidence >= Self.confidenceMin, language != .unknown else {
            isActive = false
            return
        }
        isActive = !known.contains(language.rawValue)
    }

    /// What the sides of a hybrid search count.
    func weights(_ standard: FusionWeights) -> FusionWeights {
        isActive ? FusionWeights(vector: Self.vectorWeight, keyword: 1) : standard
    }
}
