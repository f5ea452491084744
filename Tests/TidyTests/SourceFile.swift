/// One file three times, line for line: as written, without comments and strings, and its comments alone.
struct SourceFile: Sendable {
    let path: String
    let lines: [Substring]

    /// As `lines`, but no comment and no string is left in it: a word found here is code. Empty where the
    /// file is neither Swift nor C.
    let codeLines: [Substring]

    /// As `lines`, but only comments are left, with the marks that begin them.
    let commentLines: [Substring]

    init(path: String, text: String) {
        func parted(_ text: String) -> [Substring] {
            text.split(separator: "\n", omittingEmptySubsequences: false)
        }
        self.path = path
        lines = parted(text)
        if [".swift", ".c", ".h", ".modulemap"].contains(where: path.hasSuffix) {
            let parts = CodeScanner.parts(of: text)
            codeLines = parted(parts.code)
            commentLines = parted(parts.comments)
        } else {
            let isDocument = path.hasSuffix(".md")
            codeLines = lines.map { _ in "" }
            commentLines = lines.map { !isDocument && $0.contains(/^\s*#/) ? $0 : "" }
        }
    }

    /// The target a file under Sources belongs to.
    var target: String? {
        let parts = path.split(separator: "/")
        return parts.count > 2 && parts[0] == "Sources" ? String(parts[1]) : nil
    }

    /// Line numbers, from 1, whose code matches.
    func codeLineNumbers(matching pattern: Regex<some Any>) -> [Int] {
        zip(1..., codeLines).filter { $0.1.contains(pattern) }.map(\.0)
    }
}
