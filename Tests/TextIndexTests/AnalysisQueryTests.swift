import Testing
import TextIndex

struct AnalysisQueryTests {
    private func parse(_ text: String, _ languages: String...) -> TextQuery {
        TextQuery(parsing: text, languages: languages.map(Language.init(rawValue:)))
    }

    @Test func `a word has its stem under each language`() {
        let query = parse("Bibliotheken", "de", "en")
        #expect(query.words.map(\.terms) == [["bibliothek", "bibliotheken"]])
    }

    @Test func `function words are left out of a question, unless there is nothing else`() {
        #expect(
            parse("What is the boiling point of water?", "en").words.map(\.text) == [
                "boiling", "point", "water",
            ])
        #expect(parse("to be or not to be", "en").words.map(\.text) == ["not"])
        #expect(
            parse("does IT follow WHO rules", "en").words.map(\.text) == ["IT", "follow", "WHO", "rules"])
    }

    @Test func `function words of another language stay`() {
        #expect(parse("die hard", "en", "de").words.map(\.text) == ["die", "hard"])
    }

    @Test func `quotes make phrases, a dash excludes`() {
        let query = parse("engine \"over the air\" -diesel -\"hot rod\" “two words”", "en")
        #expect(query.words.map(\.text) == ["engine"])
        #expect(query.phrases.map { $0.map(\.text) } == [["over", "the", "air"], ["two", "words"]])
        #expect(query.excluded.map(\.text) == ["diesel"])
        #expect(query.excludedPhrases.map { $0.map(\.text) } == [["hot", "rod"]])
        #expect(query.scoredWords.map(\.text) == ["engine", "over", "the", "air", "two", "words"])
    }

    @Test(arguments: ["--max-cost", "-5", "-x", "-", "a\"b"])
    func `what looks like an option or a number is a word`(text: String) {
        let query = parse(text, "en")
        #expect(query.excluded.isEmpty && query.excludedPhrases.isEmpty && query.phrases.isEmpty)
    }

    @Test func `a name is asked for whole and in parts, and excluded whole`() {
        #expect(parse("foo.barBaz", "en").words.map(\.text) == ["foo.barBaz", "foo", "barBaz", "bar", "Baz"])
        #expect(parse("-foo.barBaz", "en").excluded.flatMap(\.terms) == ["foo.barbaz"])
        #expect(parse("-l'homme", "fr").excludedPhrases.map { $0.map(\.text) } == [["l", "homme"]])
    }

    @Test func `words with hyphens are scored by their words, options as names`() {
        #expect(parse("anti-inflammatory", "en").words.map(\.text) == ["anti", "inflammatory"])
        #expect(parse("--max-cost", "en").words.map(\.text) == ["max-cost", "max", "cost"])
        #expect(parse("IL-6", "en").words.map(\.text) == ["IL-6", "IL", "6"])
    }

    @Test func `a star asks for beginnings`() {
        let words = parse("comput* computations* c*", "en").words
        #expect(words.map(\.isPrefix) == [true, true, false])
        #expect(words.map(\.terms) == [["comput"], ["computations", "comput"], ["c"]])
    }

    @Test func `one character of a script without spaces is the beginning of its pairs`() {
        #expect(parse("漢", "zh").words.map(\.isPrefix) == [true])
        #expect(parse("漢字", "zh").words.map(\.terms) == [["漢字"]])
        #expect(parse("\"漢字 test\"", "zh").phrases.map { $0.map(\.text) } == [["漢字", "字", "test"]])
    }

    @Test(arguments: [("Müller", "muell"), ("Mueller", "mull")])
    func `umlauts and their spelling in two letters find each other`(typed: String, found: String) {
        #expect(parse(typed, "de").words.first?.terms.contains(found) == true)
    }

    @Test func `words over the bound are counted and not looked for`() {
        let query = parse((0..<300).map { "w\($0)x" }.joined(separator: " "), "und")
        #expect(query.words.count + query.ignoredWordCount >= 300 && query.words.count == TextQuery.wordsMax)
    }

    @Test func `each word is asked for once`() {
        #expect(parse("house houses HOUSE", "en").words.map(\.text) == ["house"])
    }
}

struct AnalysisHighlightTests {
    private func check(
        _ typed: String, in text: String, language: String = "en", _ expected: [String],
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let language = Language(rawValue: language)
        let ranges = highlights(
            of: TextQuery(parsing: typed, languages: [language]), in: text, language: language)
        let found = ranges.map { String(decoding: Array(text.utf8)[$0], as: UTF8.self) }
        #expect(found == expected, sourceLocation: sourceLocation)
        #expect(zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound <= $1.lowerBound })
    }

    @Test func `words are marked in every form`() {
        check("run house", in: "Running from houses, he runs.", ["Running", "houses", "runs"])
    }

    @Test func `a phrase is marked where its words stand side by side`() {
        check("\"hot rod\"", in: "A hot rod is hot; a rod is not.", ["hot rod"])
        check("\"max cost\"", in: "use --max-cost", ["max-cost"])
    }

    @Test func `a name is marked as a whole, a part as a part`() {
        check("foo.barBaz", in: "call foo.barBaz now", ["foo.barBaz"])
        check("bar", in: "call foo.barBaz now", ["bar"])
    }

    @Test func `beginnings and pairs are marked`() {
        check("comput*", in: "computers compute", ["computers", "compute"])
        check("文字", in: "中文字", language: "zh", ["文字"])
    }
}
