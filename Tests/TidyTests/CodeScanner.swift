/// A reader of Swift that knows only what is comment, what is string and what is code.
///
/// Enough for rules about words and braces. Interpolations count as string; nested ones with quotes inside
/// are not followed, and `swift format` keeps them out of this code.
struct CodeScanner {
    private enum Mode: Equatable {
        case code
        case lineComment
        case blockComment(depth: Int)
        case string(closing: String)
    }

    static func blankingCommentsAndStrings(_ text: String) -> String {
        var scanner = CodeScanner(characters: Array(text))
        return scanner.run()
    }

    private let characters: [Character]
    private var position = 0
    private var mode = Mode.code
    private var output = ""

    private init(characters: [Character]) {
        self.characters = characters
    }

    private mutating func run() -> String {
        while position < characters.count {
            switch mode {
            case .code: stepInCode()
            case .lineComment: stepInLineComment()
            case .blockComment(let depth): stepInBlockComment(depth)
            case .string(let closing): stepInString(closing)
            }
        }
        return output
    }

    private func at(_ word: String) -> Bool {
        let end = position + word.count
        return end <= characters.count && characters[position..<end].elementsEqual(word)
    }

    private mutating func pass(_ count: Int, keeping: Bool) {
        for _ in 0..<count where position < characters.count {
            let character = characters[position]
            output.append(keeping || character.isNewline ? character : " ")
            position += 1
        }
    }

    private mutating func stepInCode() {
        if at("//") {
            mode = .lineComment
        } else if at("/*") {
            mode = .blockComment(depth: 1)
            pass(2, keeping: false)
        } else if let opening = stringOpening() {
            mode = .string(closing: String(opening.reversed()))
            pass(opening.count, keeping: true)
        } else {
            pass(1, keeping: true)
        }
    }

    /// `"`, `"""`, or either behind any number of `#`.
    private func stringOpening() -> String? {
        let hashCount = characters[position...].prefix { $0 == "#" }.count
        let hashes = String(repeating: "#", count: hashCount)
        if at(hashes + "\"\"\"") { return hashes + "\"\"\"" }
        if at(hashes + "\"") { return hashes + "\"" }
        return nil
    }

    private mutating func stepInLineComment() {
        if characters[position].isNewline { mode = .code }
        pass(1, keeping: false)
    }

    private mutating func stepInBlockComment(_ depth: Int) {
        if at("/*") {
            mode = .blockComment(depth: depth + 1)
            pass(2, keeping: false)
        } else if at("*/") {
            mode = depth == 1 ? .code : .blockComment(depth: depth - 1)
            pass(2, keeping: false)
        } else {
            pass(1, keeping: false)
        }
    }

    private mutating func stepInString(_ closing: String) {
        if at(closing) {
            mode = .code
            pass(closing.count, keeping: true)
        } else if at("\\"), !closing.hasSuffix("#") {
            pass(2, keeping: false)
        } else if characters[position].isNewline, !closing.hasPrefix("\"\"\"") {
            // A string on one line ends with it, whatever this scanner believed.
            mode = .code
        } else {
            pass(1, keeping: false)
        }
    }
}
