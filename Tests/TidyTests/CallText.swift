/// A call as its source writes it, from its name to its closing parenthesis.
struct CallText: Sendable {
    let line: Int
    let written: String

    /// As `written`, with comments and the insides of strings blank.
    let code: String

    /// Calls that begin with `opening`, which ends with the parenthesis.
    static func all(of opening: Regex<Substring>, in file: SourceFile) -> [CallText] {
        guard file.codeLines.contains(where: { $0.contains(opening) }) else { return [] }
        let code = file.codeLines.joined(separator: "\n")
        let characters = Array(code)
        let written = Array(file.lines.joined(separator: "\n"))
        // The two are the same text, character by character.
        guard characters.count == written.count else { return [] }
        return code.matches(of: opening).compactMap { match in
            let start = code.distance(from: code.startIndex, to: match.range.lowerBound)
            let parenthesis = code.distance(from: code.startIndex, to: match.range.upperBound) - 1
            guard let end = closing(parenthesis, in: characters) else { return nil }
            return CallText(
                line: 1 + characters[..<start].count { $0 == "\n" }, written: String(written[start...end]),
                code: String(characters[start...end]))
        }
    }

    private static func closing(_ parenthesis: Int, in characters: [Character]) -> Int? {
        var depth = 0
        for position in parenthesis..<characters.count {
            if "([{".contains(characters[position]) { depth += 1 }
            if ")]}".contains(characters[position]) { depth -= 1 }
            if depth == 0 { return position }
        }
        return nil
    }

    /// The code of each argument between the parentheses.
    var arguments: [String] {
        var depth = 0
        var parts = [""]
        for character in code.drop(while: { $0 != "(" }).dropFirst().dropLast() {
            if "([{".contains(character) { depth += 1 }
            if ")]}".contains(character) { depth -= 1 }
            if character == ",", depth == 0 {
                parts.append("")
            } else {
                parts[parts.count - 1].append(character)
            }
        }
        return parts.filter { $0.contains { !$0.isWhitespace } }
    }
}
