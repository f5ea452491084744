/// What speaks for each language written in Latin letters, as binary logarithms of how much likelier it makes the text.
struct LatinEvidence {
    private(set) var scores: [Language: Double] = [:]
    private var hitCount = 0
    private var signCount = 0
    /// False for programs and the like: few function words, many brackets.
    let isText: Bool

    /// A function word of a language is some sixteen times likelier in it than elsewhere.
    private static let wordBits = 4.0
    /// A letter that a language has and most have not.
    private static let letterBits = 2.0
    private static let endingBits = 0.7
    /// One letter counts so often at most: a name may have it, and be said again and again.
    private static let letterHitsMax = 8

    /// Whether anything was found that tells one language from another.
    var hasAny: Bool { hitCount + signCount > 0 }

    init(_ sample: LanguageSample) {
        var hits = 0
        var scores: [Language: Double] = [:]
        for word in sample.words {
            let languages = FunctionWords.languages(of: word)
            if !languages.isEmpty { hits += 1 }
            for language in languages { scores[language, default: 0] += Self.wordBits }
        }
        var signs = 0
        for (letters, languages) in Self.letters {
            let count = letters.unicodeScalars.reduce(0) {
                $0 + min(sample.scalarCounts[$1] ?? 0, Self.letterHitsMax)
            }
            guard count > 0 else { continue }
            signs += count
            for language in languages { scores[language, default: 0] += Double(count) * Self.letterBits }
        }
        for word in sample.words where word.utf8.count > 4 {
            for (ending, languages) in Self.endings where word.hasSuffix(ending) {
                signs += 1
                for language in languages { scores[language, default: 0] += Self.endingBits }
            }
        }
        hitCount = hits
        signCount = signs
        self.scores = scores
        let share = Double(hits) / Double(max(sample.words.count, 1))
        let codeShare = Double(sample.codeSignCount) / Double(max(sample.inkCount, 1))
        // Prose has a function word in two or three, and a bracket in fifty signs.
        let isLikeCode = codeShare >= 0.15 || (codeShare >= 0.06 && share < 0.3)
        isText = !sample.words.isEmpty && !isLikeCode && (sample.words.count < 20 || share >= 0.1)
    }

    private static func tags(_ text: String) -> [Language] {
        text.split(separator: " ").map { Language(rawValue: String($0)) }
    }

    private static let letters: [(String, [Language])] = [
        ("ß", tags("de")), ("ü", tags("de tr hu es")), ("ä", tags("de sv fi")), ("ö", tags("de sv fi hu tr")),
        ("å", tags("sv da no")), ("ø", tags("da no")), ("æ", tags("da no")), ("ñ", tags("es")),
        ("ã", tags("pt")),
        ("õ", tags("pt")), ("ç", tags("fr pt tr")), ("éè", tags("fr it")), ("é", tags("fr es pt hu cs")),
        ("êîûœë", tags("fr")), ("ê", tags("pt")), ("à", tags("fr it pt")), ("ù", tags("fr it")),
        ("òì", tags("it")),
        ("áíóú", tags("es pt hu cs")), ("ó", tags("pl")), ("őű", tags("hu")), ("ășțţ", tags("ro")),
        ("â", tags("ro pt fr")),
        ("î", tags("ro")), ("ğışİ", tags("tr")), ("ş", tags("ro")), ("łąężźśćń", tags("pl")),
        ("ěřůčšžťďňý", tags("cs")),
        ("ï", tags("nl fr")),
    ]

    private static let endings: [(String, [Language])] = [
        ("ing", tags("en")), ("ed", tags("en")), ("ly", tags("en")), ("tion", tags("en fr de")),
        ("ness", tags("en")),
        ("ity", tags("en")), ("ous", tags("en")), ("ung", tags("de")), ("ungen", tags("de")),
        ("lich", tags("de")),
        ("keit", tags("de")), ("heit", tags("de")), ("en", tags("de nl sv")), ("isch", tags("de nl")),
        ("sche", tags("de nl")),
        ("ción", tags("es")), ("ado", tags("es pt")), ("dad", tags("es")), ("ção", tags("pt")),
        ("ções", tags("pt")),
        ("dade", tags("pt")), ("zione", tags("it")), ("zioni", tags("it")), ("are", tags("it ro")),
        ("ato", tags("it")),
        ("ità", tags("it")), ("eux", tags("fr")), ("ique", tags("fr")), ("ment", tags("fr en")),
        ("aient", tags("fr")),
        ("ée", tags("fr")), ("ij", tags("nl")), ("lijk", tags("nl")), ("heid", tags("nl")),
        ("ssa", tags("fi")),
        ("ssä", tags("fi")), ("sta", tags("fi")), ("nen", tags("fi")), ("een", tags("fi nl")),
        ("lar", tags("tr")), ("ler", tags("tr")),
        ("ında", tags("tr")), ("inde", tags("tr")), ("ului", tags("ro")), ("ilor", tags("ro")),
        ("ość", tags("pl")),
        ("nie", tags("pl")), ("ych", tags("pl cs")), ("ého", tags("cs")), ("ában", tags("hu")),
        ("ben", tags("hu")),
        ("nak", tags("hu")), ("nek", tags("hu")), ("erna", tags("sv")), ("erne", tags("da")),
        ("ene", tags("no da")),
        ("else", tags("da no")), ("het", tags("sv no")),
    ]
}
