/// What is asked of a text index, read from what a person typed.
///
/// - plain words are optional: the more of them, and the rarer, the better a row;
/// - `"in quotes"`: the words must occur side by side;
/// - `-word` and `-"a phrase"`: must not occur. `--flag`, `-5` and `-x` are words;
/// - `word*`: words that begin so.
package struct TextQuery: Sendable, Hashable {
    /// One word of the query: any of `terms` counts as it, and the index scores them as one.
    package struct Word: Sendable, Hashable {
        /// As it was typed.
        package let text: String
        /// What the languages of the query make of it, in their order; never empty.
        package let terms: [String]
        /// Whether every term is the beginning of terms.
        package let isPrefix: Bool

        package init(text: String, terms: [String], isPrefix: Bool = false) {
            self.text = text
            self.terms = terms
            self.isPrefix = isPrefix
        }
    }

    /// Scored and optional. Function words are not among them, unless there is nothing else.
    package var words: [Word] = []
    /// Each must occur, its words at positions that follow one another. Their words are in `scoredWords`.
    package var phrases: [[Word]] = []
    package var excluded: [Word] = []
    package var excludedPhrases: [[Word]] = []
    /// What is looked for, without quotes, stars and what is excluded: the question as it would be said.
    package private(set) var plainText = ""
    /// Words over `wordsMax`, which are not looked for; what follows the first of them is counted as it was typed.
    package private(set) var ignoredWordCount = 0
    /// Whether the text was longer than `bytesMax`, and the rest was not read.
    package private(set) var isCut = false

    /// Of words that are looked for, over all four lists: a page pasted into the field costs no more than this.
    package static let wordsMax = 256
    package static let bytesMax = 64 << 10
    /// More than there are analyzers of.
    package static let languagesMax = 32

    /// - Parameter languages: those the texts may be in, the query's own first: its function words are left out.
    package init(parsing text: String, languages: [Language]) {
        let items = QueryItem.items(of: text.prefix(utf8Max: Self.bytesMax))
        plainText = items.filter { !$0.isExcluded }
            .map { $0.isPrefix ? String($0.text.dropLast()) : $0.text }.joined(separator: " ")
        isCut = text.utf8.count > Self.bytesMax
        var reader = QueryWords(languages: Array(languages.prefix(Self.languagesMax)))
        var functionWords: [Word] = []
        for item in items {
            if wordCount >= Self.wordsMax, ignoredWordCount > 0 {
                // Full: the rest is not even looked at, so that a query costs what its bound says.
                ignoredWordCount += 1
                continue
            }
            switch (item.isQuoted, item.isExcluded) {
            case (false, false):
                let (content, function) = reader.scored(item.text, isPrefix: item.isPrefix)
                add(content, to: \.words)
                functionWords += function
            case (true, false): add(phrase: reader.sequence(item.text), to: \.phrases)
            case (_, true): exclude(reader.excluded(item))
            }
        }
        if words.isEmpty, phrases.isEmpty { add(functionWords, to: \.words) }
    }

    /// Of words that are terms already.
    package init(
        words: [Word] = [], phrases: [[Word]] = [], excluded: [Word] = [], excludedPhrases: [[Word]] = []
    ) {
        (self.words, self.phrases, self.excluded, self.excludedPhrases) = (
            words, phrases, excluded, excludedPhrases
        )
    }

    /// Whether it says more than which words are looked for.
    package var hasMarks: Bool {
        !phrases.isEmpty || !excluded.isEmpty || !excludedPhrases.isEmpty || words.contains(where: \.isPrefix)
    }

    /// Of words and phrases, each once, in the order typed: what a row's score is made of.
    package var scoredWords: [Word] {
        var seen: Set<Word.Meaning> = []
        return (words + phrases.flatMap { $0 }).filter { seen.insert($0.meaning).inserted }
    }

    /// Whether nothing is looked for.
    package var isEmpty: Bool { words.isEmpty && phrases.isEmpty }

    private var wordCount: Int {
        words.count + excluded.count + (phrases + excludedPhrases).reduce(0) { $0 + $1.count }
    }

    private mutating func add(_ found: [Word], to list: WritableKeyPath<TextQuery, [Word]>) {
        for word in found where !self[keyPath: list].contains(where: { $0.meaning == word.meaning }) {
            guard wordCount < Self.wordsMax else {
                ignoredWordCount += 1
                continue
            }
            self[keyPath: list].append(word)
        }
    }

    private mutating func add(phrase: [Word], to list: WritableKeyPath<TextQuery, [[Word]]>) {
        guard !phrase.isEmpty else { return }
        guard wordCount + phrase.count <= Self.wordsMax else {
            ignoredWordCount += phrase.count
            return
        }
        self[keyPath: list].append(phrase)
    }

    private mutating func exclude(_ found: [Word]) {
        if found.count == 1 { add(found, to: \.excluded) } else { add(phrase: found, to: \.excludedPhrases) }
    }
}

extension TextQuery.Word {
    /// What makes two words one: the same terms.
    struct Meaning: Hashable {
        let terms: [String]
        let isPrefix: Bool
    }

    var meaning: Meaning { Meaning(terms: terms, isPrefix: isPrefix) }
}

extension String {
    /// The longest beginning of at most `utf8Max` bytes that cuts no scalar.
    func prefix(utf8Max: Int) -> Substring {
        guard utf8.count > utf8Max else { return self[...] }
        var end = utf8.index(startIndex, offsetBy: utf8Max)
        while end > startIndex, end.samePosition(in: unicodeScalars) == nil { end = utf8.index(before: end) }
        return self[..<end]
    }
}
