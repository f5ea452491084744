import Testing

struct WordingTests {
    @Test func `no work is left in a comment without an issue`() throws {
        for file in try SourceTree.everySwiftFile() where !file.path.hasPrefix("Tests/TidyTests/") {
            for (number, line) in zip(1..., file.lines)
            where line.contains(/\b(?:TODO|FIXME|XXX)\b(?!\(#\d+\))/) {
                Issue.record("\(file.path):\(number): name the issue, as in TODO(#12), or do it now")
            }
        }
    }

    @Test func `no test reaches into a module's insides or waits by sleeping`() throws {
        for file in try SourceTree.swiftFiles(under: "Tests") where !file.path.hasPrefix("Tests/TidyTests/") {
            let found = file.codeLineNumbers(matching: /@testable\b|\bsleep\(|Task\.sleep/)
            #expect(
                found.isEmpty,
                """
                \(file.path), lines \(found): test through `package` access (@testable needs a build of its own), and \
                pass the clock in instead of sleeping
                """)
        }
    }

    @Test func `no error is a string and no catch is empty`() throws {
        for file in try SourceTree.swiftFiles(under: "Sources") {
            let strings = file.codeLineNumbers(matching: /case other\(_? ?\w*:? ?String\)|catch \{ *\}/)
            #expect(
                strings.isEmpty,
                "\(file.path), lines \(strings): give the error a case with found and expected, and the catch a reason"
            )
        }
    }
}
