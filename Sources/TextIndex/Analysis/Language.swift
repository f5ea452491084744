/// A language as the primary subtag of BCP 47 ("en", "de", "zh"), or `.unknown` ("und").
package struct Language: RawRepresentable, Hashable, Sendable, Codable {
    package let rawValue: String

    /// Any tag: region and script are dropped and the case is made lower, so that "de-AT" and "DE" are German.
    package init(rawValue: String) {
        let primary = rawValue.prefix { $0 != "-" && $0 != "_" }.lowercased()
        self.rawValue = primary.isEmpty ? "und" : primary
    }

    package static let unknown = Language(rawValue: "und")
    package static let english = Language(rawValue: "en")
    package static let german = Language(rawValue: "de")
    package static let turkish = Language(rawValue: "tr")

    /// Snowball's name of the language's stemmer; nil where it has none.
    var stemmingAlgorithm: String? { Self.algorithms[rawValue] }

    private static let algorithms = [
        "ar": "arabic", "hy": "armenian", "eu": "basque", "ca": "catalan", "da": "danish", "nl": "dutch",
        "en": "english", "fi": "finnish", "fr": "french", "de": "german", "el": "greek", "hi": "hindi",
        "hu": "hungarian", "id": "indonesian", "ga": "irish", "it": "italian", "lt": "lithuanian",
        "ne": "nepali", "no": "norwegian", "nb": "norwegian", "nn": "norwegian", "pt": "portuguese",
        "ro": "romanian", "ru": "russian", "sr": "serbian", "es": "spanish", "sv": "swedish", "ta": "tamil",
        "tr": "turkish", "yi": "yiddish",
    ]
}
