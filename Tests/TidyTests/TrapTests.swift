import Testing

struct TrapTests {
    private static var traps: Regex<Substring> { #/\b(?:precondition|preconditionFailure|fatalError)\(/# }

    @Test func `every trap has a message`() throws {
        for file in try SourceTree.swiftFiles(under: "Sources") {
            for trap in CallText.all(of: Self.traps, in: file) {
                #expect(
                    trap.arguments.last?.contains("\"") == true,
                    "\(file.path):\(trap.line): a trap without words: say what was expected and what was found"
                )
            }
        }
    }

    @Test func `a precondition that compares says the numbers`() throws {
        for file in try SourceTree.swiftFiles(under: "Sources") {
            for trap in CallText.all(of: Self.traps, in: file) where trap.arguments.count > 1 {
                guard trap.arguments[0].contains(/\s(?:[<>]=?|[=!]=)\s|\.(?:contains|isMultiple)\(/) else {
                    continue
                }
                #expect(
                    trap.written.contains("\\("),
                    "\(file.path):\(trap.line): put the numbers that were compared in the message: \\(found), \\(bound)"
                )
            }
        }
    }
}
