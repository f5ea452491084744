/// A reader of Swift that knows only what is comment, what is string and what is code.
///
/// Enough for rules about words and braces. Interpolations count as string; nested ones with quotes inside
/// are not followed, and `swift format` keeps them out of this code.
struct CodeScanner {
    /// The text twice, each character in its own place in both; what is of another kind is blank. Of a string
    /// only the quotes are left, as code.
    struct Parts {
        var code = ""
        var comments = ""
    }

    private enum Mode: Equatable {
        case code
        case lineComment
        case blockComment(depth: Int)
        case string(closing: String)
    }

    private enum Kind {
        case code
        case comment
        case string
    }

    static func parts(of text: String) -> Parts {
        var scanner = CodeScanner(characters: Array(text))
        return scanner.run()
    }

    private let characters: [Character]
    private var position = 0
    private var mode = Mode.code
    private var parts = Parts()

    private init(characters: [Character]) {
        self.characters = characters
    }

    private mutating func run() -> Parts {
        while position < characters.count {
            switch mode {
            case .code: stepInCode()
            case .lineComment: stepInLineComment()
            case .blockComment(let depth): stepInBlockComment(depth)
            case .string(let closing): stepInString(closing)
            }
        }
        return parts
    }

    private func at(_ word: String) -> Bool {
        let end = position + word.count
        return end <= characters.count && characters[position..<end].elementsEqual(word)
    }

    private mutating func pass(_ count: Int, as kind: Kind) {
        for _ in 0..<count where position < characters.count {
            let character = characters[position]
            parts.code.append(kind == .code || character.isNewline ? character : " ")
            parts.comments.append(kind == .comment || character.isNewline ? character : " ")
            position += 1
        }
    }

    private mutating func stepInCode() {
        if at("//") {
            mode = .lineComment
        } else if at("/*") {
            mode = .blockComment(depth: 1)
            pass(2, as: .comment)
        } else if let opening = stringOpening() {
            mode = .string(closing: String(opening.reversed()))
            pass(opening.count, as: .code)
        } else {
            pass(1, as: .code)
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
        pass(1, as: .comment)
    }

    private mutating func stepInBlockComment(_ depth: Int) {
        if at("/*") {
            mode = .blockComment(depth: depth + 1)
            pass(2, as: .comment)
        } else if at("*/") {
            mode = depth == 1 ? .code : .blockComment(depth: depth - 1)
            pass(2, as: .comment)
        } else {
            pass(1, as: .comment)
        }
    }

    private mutating func stepInString(_ closing: String) {
        if at(closing) {
            mode = .code
            pass(closing.count, as: .code)
        } else if at("\\"), !closing.hasSuffix("#") {
            pass(2, as: .string)
        } else if characters[position].isNewline, !closing.hasPrefix("\"\"\"") {
            // A string on one line ends with it, whatever this scanner believed.
            mode = .code
        } else {
            pass(1, as: .string)
        }
    }
}
