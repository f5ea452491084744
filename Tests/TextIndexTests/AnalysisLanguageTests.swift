import Testing
import TextIndex

struct AnalysisLanguageTests {
    @Test(arguments: [
        ("en", "How much does the new railway station cost?"), ("de", "Wie viel kostet der neue Bahnhof?"),
        ("fr", "Combien coûte la nouvelle gare de la ville ?"),
        ("es", "¿Cuánto cuesta la nueva estación de la ciudad?"),
        ("it", "Quanto costa la nuova stazione della città?"),
        ("pt", "Quanto custa a nova estação da cidade?"),
        ("nl", "Hoeveel kost het nieuwe station van de stad?"),
        ("sv", "Hur mycket kostar den nya stationen i staden?"),
        ("da", "Hvor meget koster den nye banegård i byen?"),
        ("no", "Hvor mye koster den nye jernbanestasjonen i byen?"),
        ("fi", "Kuinka paljon uusi rautatieasema maksaa?"),
        ("hu", "Mennyibe kerül az új pályaudvar a városban?"),
        ("ro", "Cât costă gara cea nouă din oraș?"), ("tr", "Yeni tren istasyonu ne kadar için yapıldı?"),
        ("pl", "Ile kosztuje nowy dworzec w mieście?"), ("cs", "Kolik stojí nové nádraží ve městě?"),
        ("ru", "Сколько стоит новый вокзал, который был построен?"),
        ("uk", "Скільки коштує новий вокзал у місті?"),
        ("bg", "Колко струва новата гара, която беше построена в града през лятото със заем?"),
        ("el", "Πόσο κοστίζει ο νέος σταθμός;"), ("he", "כמה עולה התחנה החדשה?"),
        ("ar", "كم تكلفة المحطة الجديدة؟"),
        ("hi", "नए स्टेशन की लागत कितनी है?"), ("th", "สถานีใหม่ราคาเท่าไหร่"), ("ko", "새 역은 얼마입니까?"),
        ("ja", "新しい駅はいくらですか"), ("zh", "新车站要多少钱？"),
    ])
    func `a question tells its language`(language: String, text: String) {
        let guess = LanguageDetector.detect(text)
        #expect(guess.language.rawValue == language, "\(guess)")
        #expect((0.3...1).contains(guess.confidence))
    }

    @Test(arguments: [
        "", "4711 12,5 2024-01-01", "x = y + 1;",
        "func f(_ a: [Int]) -> Int { return a.map { $0 * 2 }.reduce(0, +) }",
        "{\"id\": 17, \"tags\": [\"a\", \"b\"], \"size\": 4096}", "0x7fff 0xdeadbeef",
    ])
    func `code and numbers have no language`(text: String) {
        #expect(LanguageDetector.detect(text) == .none)
    }

    @Test func `the workspace's languages decide where the text does not`() {
        let prior: [Language: Double] = [.german: 9, .english: 1]
        #expect(LanguageDetector.detect("Luke Kuechly", prior: prior).language == .german)
        #expect(
            LanguageDetector.detect("What is it that the others say about him?", prior: prior).language
                == .english)
    }

    @Test func `a tag is its primary subtag in lower case`() {
        #expect(Language(rawValue: "de-AT") == .german && Language(rawValue: "EN_us") == .english)
        #expect(Language(rawValue: "") == .unknown)
    }

    @Test func `the fingerprint is the same on every run`() {
        #expect(Analyzer.fingerprint.hasPrefix("analysis-") && Analyzer.fingerprint.utf8.count < 64)
    }
}
