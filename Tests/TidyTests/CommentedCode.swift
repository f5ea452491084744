/// Tells code that somebody put behind a comment mark from words about code.
///
/// A guess by shape, line by line, made so that prose is not hit: a line counts only if it is a statement
/// from its first character to its last. Names and formulas inside a sentence are prose.
enum CommentedCode {
    /// `comment` is a line's comment with its mark, as `SourceFile.commentLines` has it.
    static func isCode(_ comment: Substring) -> Bool {
        let text = comment.trimmingPrefix(/\s*/)
        // What a doc comment shows, it shows on purpose: an example.
        guard !text.hasPrefix("///"), let mark = text.prefixMatch(of: /\/\/|#(?!!)/) else { return false }
        let line = text[mark.range.upperBound...].trimmingPrefix(/\s*/).replacing(/\s+$/, with: "")
        guard !prose.contains(where: line.contains) else { return false }
        return isEvaluation(line) || shapes.contains { line.wholeMatch(of: $0) != nil }
    }

    /// A call, or a value behind one of the words that ask for one.
    private static func isEvaluation(_ line: Substring) -> Bool {
        let verbs = line.prefixMatch(of: /(?:(?:return|throw|_ =) )?(?:try[?!]? )?(?:await )?/)?.output ?? ""
        let value = line[verbs.endIndex...]
        let call = /\.?\w+(?:\.\w+)*[?!]?\([^()]*(?:\([^()]*\)[^()]*)*\);?/
        if value.wholeMatch(of: call) != nil { return true }
        if verbs.contains(/return|throw/) {
            return value.wholeMatch(of: /(?:nil|true|false|self|-?\d[\w.]*|\.\w+|\w+\.\w+);?/) != nil
        }
        return !verbs.isEmpty && value.wholeMatch(of: /\w+(?:\.\w+)*[(.].*[)}\]]/) != nil
    }

    /// What no statement has in it.
    private static var prose: [Regex<Substring>] {
        [
            // Notation of papers, not of languages.
            #/[·×√²³⁰-₉≤≥÷∞≈…–—►]/#,
            // The end of a sentence.
            #/[a-z)`] ?[.?,]$/#,
            // The words that begin a mark.
            #/^(?:SAFETY|MARK|TODO|swift-format-ignore)\b/#,
            // The name of a function with its labels; what an `#endif` ends.
            #/\((?:\w+:)+\)$|^(?:os|arch|canImport|compiler|swift|hasFeature)\(/#,
        ]
    }

    private static var shapes: [Regex<Substring>] {
        declarations + flow + expressions
    }

    private static var declarations: [Regex<Substring>] {
        [
            #/(?:[\w@()]+ )*(?:let|var) (?:\w+|\([\w, ]+\))(?:: \[?[A-Z].*| = .+|: .+ = .+)/#,
            #/(?:[\w@()]+ )*func (?:\w+|`[^`]+`)[(<].*/#,
            #/(?:[\w@()]+ )*init[?!]?\(.*\).*\{/#,
            #/(?:\w+ )*(?:struct|class|enum|actor|protocol|extension) [A-Z][\w.]*(?:<.*>)?(?:: .+)? \{.*/#,
            #/(?:\w+ )*typealias \w+ = .+/#,
            #/(?:@\w+ )?(?:public |package )?import [A-Z]\w*/#,
            #/@(?:Test|Suite|MainActor|available|inlinable|discardableResult|testable)\b.*/#,
            #/(?:static |const )*(?:void|int|float|double|char|bool|size_t|u?int\d+_t)\b[ *]+\w+.*[;{]/#,
            #/#? ?(?:include [<"].+|define [A-Z_]+\b.*|ifdef \w+|endif)/#,
            #/def \w+\(.*\).*:|from \w+ import .+|import [a-z]\w+/#,
        ]
    }

    private static var flow: [Regex<Substring>] {
        [
            #/(?:if|guard|while|for|switch|do|repeat|else|catch|defer)\b.*\{/#,
            #/guard .+ else \{.*|if let \w+.*/#,
            #/return;?|break;|continue;|fallthrough/#,
            #/case (?:let )?\.\w+.*:.*|default:/#,
            #/[\])}]+[,;]?|\} (?:else|catch)\b.*/#,
        ]
    }

    private static var expressions: [Regex<Substring>] {
        [
            // An assignment of something without two words in a row, which would be prose.
            #/[a-z_]\w*(?:[.\[]\w+\]?)* [-+*/|&^%]?= (?!.*\b[a-z]+ [a-z]+\b).+/#,
            #/[a-z_]\w*(?:[.\[]\w+\]?)* = (?:try|await|try await) .+/#,
            #/\.?\w+(?:\.\w+)*(?:\(.*\))? \{.*/#,
            #/#(?:expect|require)\(.*/#,
            #/.*[\w)]\) ?;/#,
        ]
    }
}
