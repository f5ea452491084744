import Testing
import TextIndex

struct AnalysisTokenTests {
    private func check(
        _ text: String, language: String = "en", _ expected: [String],
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let tokens = Analyzer(language: Language(rawValue: language)).tokens(of: text)
        #expect(
            tokens.map { "\($0.position)\($0.isPart ? "+" : ":")\($0.term)" } == expected,
            sourceLocation: sourceLocation)
    }

    @Test func `words are stemmed by the language of the text`() {
        check("The running houses", ["0:the", "1:run", "2:hous"])
        check("Die Häuser liefen", language: "de", ["0:die", "1:haus", "2:lief"])
        check("красивые дома", language: "ru", ["0:красив", "1:дом"])
        check("running houses", language: "xx", ["0:running", "1:houses"])
    }

    @Test func `accents go after stemming, so that spellings without them are the same`() {
        check(
            "Café naïve Ærø Łódź straße", language: "und",
            ["0:cafe", "1:naive", "2:aero", "3:lodz", "4:strasse"])
        check("cafe\u{301}", language: "und", ["0:cafe"])
        check("canción", language: "es", ["0:cancion"])
        check("ｆｕｌｌ ﬁne", language: "und", ["0:full", "1:fine"])
    }

    @Test func `names of code are kept whole and in parts`() {
        check("ERR_4711", ["0+err_4711", "0:err", "1:4711"])
        check("foo.barBaz", ["0+foo.barbaz", "0:foo", "1:barbaz", "1+bar", "1+baz"])
        check("std::vector", ["0+std::vector", "0:std", "1:vector"])
        check("HTTPServers", ["0:httpserver", "0+httpservers", "0+http", "0+server"])
        check("--max-cost", ["0+max-cost", "0:max", "1:cost"])
        check("/usr/lib/x", ["0+usr/lib/x", "0:usr", "1:lib", "2:x"])
        check("CVE-2024-12345", ["0+cve-2024-12345", "0:cve", "1:2024", "2:12345"])
        check("user@example.org", ["0+user@example.org", "0:user", "1:exampl", "2:org"])
        check("C++, C# and .NET", ["0+c++", "0:c", "1+c#", "1:c", "2:and", "3+.net", "3:net"])
    }

    @Test func `versions and numbers keep their separators, thousands do not`() {
        check("v1.2.3", ["0:v1.2.3", "0+v", "0+1.2.3"])
        check("2.0.0-beta.1", ["0+2.0.0-beta.1", "0:2.0.0", "1:beta", "2:1"])
        check("1,000,000 and 1.000.000", language: "und", ["0:1000000", "1:and", "2:1000000"])
        check("[1,2] 3.14", ["0:1", "1:2", "2:3.14"])
    }

    @Test func `an apostrophe ends an article and joins a contraction`() {
        check("l'homme d’eau", language: "fr", ["0:l", "1:homm", "2:d", "3:eau"])
        check("don't John's we’ll", ["0:dont", "1:john", "2:well"])
        check("İstanbul'da", language: "tr", ["0:istanbul"])
    }

    @Test func `scripts without spaces come in pairs, and the last character alone`() {
        check("中文字", language: "zh", ["0:中文", "1:文字", "2:字"])
        check("漢", language: "zh", ["0:漢"])
        check("がっ\u{3002}ｶﾞ", language: "ja", ["0:がっ", "1:っ", "2:ガ"])
        check("서울 Seoul", language: "ko", ["0:서울", "1:울", "2:seoul"])
        check("น้ำ", language: "th", ["0:น้ํา", "1:ํา"])
    }

    @Test func `marks of India are letters, points of Hebrew and Arabic are not`() {
        check("की", language: "xx", ["0:की"])
        check("שָׁלוֹם", language: "he", ["0:שלום"])
        check("كِتَاب", language: "xx", ["0:كتاب"])
    }

    @Test func `a long word is cut and keeps its hash`() {
        let word = String(repeating: "abcdefgh", count: 100)
        let analyzer = Analyzer(language: .english)
        let terms = [word, word + "i", word].flatMap { analyzer.tokens(of: $0).map(\.term) }
        #expect(terms.count == 3 && terms[0] == terms[2] && terms[0] != terms[1])
        #expect(terms.allSatisfy { $0.utf8.count <= Analyzer.termBytesMax && $0.hasPrefix("abcdefgh") })
    }

    @Test func `base64 is one term a line`() {
        let line = "iVBORw0KGgoAAAANSUhEUgAAAAUA+9TXL0Y4OHwAAAABJRU5Er/kJggg8Ab3Xy7Zq1Qw0"
        #expect(Analyzer(language: .english).tokens(of: "\(line)\n\(line)").map(\.position) == [0, 1])
    }
}
