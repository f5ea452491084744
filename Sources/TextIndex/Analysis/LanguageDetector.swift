import Foundation

/// Tells a text's language: by script where that decides, else by function words, letters and endings.
///
/// Constants are chosen by hand on made-up sentences. Reads the first 16 KiB. Linear, and never fails: text that is
/// code, numbers or nothing is `.unknown`.
package enum LanguageDetector {
    package static let bytesMax = 16 << 10

    /// - Parameter prior: shares of languages where the text is from, of any sum; what is not in it has a small share
    ///   nevertheless. Nil: all alike.
    package static func detect(_ text: String, prior: [Language: Double]? = nil) -> LanguageGuess {
        let sample = LanguageSample(text, bytesMax: bytesMax)
        if let guess = byScript(sample) { return guess }
        switch sample.dominantScript {
        case .latin: return weighed(LatinEvidence(sample), prior)
        case .cyrillic: return cyrillic(sample, prior)
        default: return .none
        }
    }

    /// The scripts of one language, or nearly so.
    private static func byScript(_ sample: LanguageSample) -> LanguageGuess? {
        let letterCount = Double(max(sample.letterCount, 1))
        let kana = Double(sample.count(.kana))
        let han = Double(sample.count(.han))
        // A character of Han says as much as three letters. Kana in Chinese is a quotation.
        if (kana + han) * 3 > letterCount - kana - han, kana + han > 0 {
            let isJapanese = kana > 0.05 * (kana + han)
            return LanguageGuess(language: Language(rawValue: isJapanese ? "ja" : "zh"), confidence: 0.99)
        }
        guard let script = sample.dominantScript, let language = script.language else { return nil }
        return LanguageGuess(
            language: Language(rawValue: language),
            confidence: min(0.99, Double(sample.count(script)) / letterCount))
    }

    /// Russian, Ukrainian, Belarusian, Bulgarian, Serbian and Macedonian by the letters that only some of them have.
    private static func cyrillic(_ sample: LanguageSample, _ prior: [Language: Double]?) -> LanguageGuess {
        func share(_ letters: String) -> Double {
            letters.unicodeScalars.reduce(0) { $0 + Double(sample.scalarCounts[$1] ?? 0) }
                / Double(max(sample.letterCount, 1))
        }
        if share("ў") > 0.001 { return LanguageGuess(language: Language(rawValue: "be"), confidence: 0.95) }
        if share("іїєґ") > 0.01 { return LanguageGuess(language: Language(rawValue: "uk"), confidence: 0.95) }
        if share("ђћ") > 0.001 || share("јљњџ") > 0.005 {
            let isMacedonian = share("ѓќѕ") > 0.001
            return LanguageGuess(language: Language(rawValue: isMacedonian ? "mk" : "sr"), confidence: 0.9)
        }
        if share("ыэё") > 0.003 { return LanguageGuess(language: Language(rawValue: "ru"), confidence: 0.95) }
        // Bulgarian has no ы or э, and ъ as a vowel.
        if share("ъ") > 0.004 { return LanguageGuess(language: Language(rawValue: "bg"), confidence: 0.9) }
        if let likeliest = prior?.filter({ ["ru", "uk", "bg", "sr", "be", "mk"].contains($0.key.rawValue) })
            .max(by: { ($0.value, $1.key.rawValue) < ($1.value, $0.key.rawValue) })
        {
            return LanguageGuess(language: likeliest.key, confidence: 0.7)
        }
        return LanguageGuess(language: Language(rawValue: "ru"), confidence: 0.6)
    }

    /// The posterior of the likeliest language: evidence is of logarithms, to which the prior's is added.
    private static func weighed(_ evidence: LatinEvidence, _ prior: [Language: Double]?) -> LanguageGuess {
        let known = prior.map { $0.filter { $0.value > 0 && $0.key != .unknown } } ?? [:]
        guard evidence.isText else { return .none }
        guard evidence.hasAny || !known.isEmpty else { return .none }
        let sum = known.values.reduce(0, +)
        let languages = Set(FunctionWords.languages).union(known.keys).sorted { $0.rawValue < $1.rawValue }
        let scores = languages.map { language in
            // One in a hundred is left for what the workspace has not seen yet.
            let share = sum > 0 ? 0.99 * (known[language] ?? 0) / sum + 0.01 / Double(languages.count) : 1
            return (evidence.scores[language] ?? 0) + log2(share)
        }
        guard let best = scores.indices.max(by: { scores[$0] < scores[$1] }) else { return .none }
        let total = scores.reduce(0) { $0 + exp2($1 - scores[best]) }
        // Isolated names, say: whatever the workspace is in, but hardly sure.
        let confidence = (evidence.hasAny ? 1 : 0.5) / total
        return LanguageGuess(language: languages[best], confidence: confidence)
    }
}
