import Testing

struct LengthTests {
    /// Tables and generated code may be longer; each is listed with its reason.
    private static let exemptFiles: Set<String> = []

    @Test func `no file is longer than 600 lines, no test file longer than 800`() throws {
        for file in try SourceTree.everySwiftFile() where !Self.exemptFiles.contains(file.path) {
            let most = file.path.hasPrefix("Tests/") ? 800 : 600
            #expect(
                file.lines.count <= most,
                "\(file.path) has \(file.lines.count) lines, \(most) is the end: two ideas live in it, part them"
            )
        }
    }

    @Test func `no function is longer than 70 lines`() throws {
        for file in try SourceTree.everySwiftFile() {
            for function in FunctionExtent.all(in: file) where function.lines.count > 70 {
                Issue.record(
                    """
                    \(file.path):\(function.lines.lowerBound): \(function.name) has \(function.lines.count) lines: \
                    keep the branches in it and give the straight-line parts names of their own
                    """)
            }
        }
    }

    @Test func `no line is longer than 120 columns`() throws {
        // `swift format` holds code to 110; what it cannot break (a regular expression, a URL) ends here.
        for file in try SourceTree.everySwiftFile() {
            for (number, line) in zip(1..., file.lines) where line.count > 120 {
                Issue.record("\(file.path):\(number) has \(line.count) columns: break it")
            }
        }
    }
}
