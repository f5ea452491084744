/// Where a function, initializer or test stands, from its first line to its closing brace.
struct FunctionExtent: Sendable {
    let name: String
    let lines: ClosedRange<Int>

    static func all(in file: SourceFile) -> [FunctionExtent] {
        var extents: [FunctionExtent] = []
        for (number, line) in zip(1..., file.codeLines) {
            guard let match = line.firstMatch(of: /\b(?:func\s+(`[^`]*`|[^\s(<]+)|(init)[?!]?\s*[(<])/),
                !line.contains(/\.init\(|(?:self|super)\.init/)
            else { continue }
            let name = match.output.1 ?? match.output.2 ?? "?"
            guard let last = closingLine(of: number, in: file.codeLines) else { continue }
            extents.append(FunctionExtent(name: String(name), lines: number...last))
        }
        return extents
    }

    /// The line of the brace that closes the first one opened at or after `first`; nil for a requirement
    /// without a body.
    private static func closingLine(of first: Int, in lines: [Substring]) -> Int? {
        var depth = 0
        var parentheses = 0
        var hasOpened = false
        for number in first...lines.count {
            for character in lines[number - 1] {
                switch character {
                case "(", "[": parentheses += 1
                case ")", "]": parentheses -= 1
                case "{" where parentheses == 0 || hasOpened:
                    depth += 1
                    hasOpened = true
                case "}" where parentheses == 0 || hasOpened:
                    depth -= 1
                    if depth < 0 { return nil }
                    if depth == 0, hasOpened { return number }
                default: break
                }
            }
            // A requirement ends with its line when no parenthesis is open and nothing announces a body.
            if !hasOpened, parentheses == 0, number > first + 8 { return nil }
        }
        return nil
    }
}
