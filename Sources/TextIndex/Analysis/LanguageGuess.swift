/// What a text seems to be written in.
package struct LanguageGuess: Sendable, Hashable {
    package let language: Language
    /// From 0 to 1; 0 for `.unknown`.
    package let confidence: Double

    package init(language: Language, confidence: Double) {
        self.language = language
        self.confidence = confidence
    }

    package static let none = LanguageGuess(language: .unknown, confidence: 0)
}
