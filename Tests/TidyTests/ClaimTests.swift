import Testing

struct ClaimTests {
    @Test func `every test's name is its claim`() throws {
        for test in try TestDeclaration.all() {
            #expect(
                test.isQuoted && test.name.contains(" "),
                "\(test.path):\(test.line): \(test.name) claims nothing: say in backquotes what holds if it passes"
            )
        }
    }

    @Test func `every test is written for Swift Testing`() throws {
        for file in try SourceTree.swiftFiles(under: "Tests") {
            let found = file.codeLineNumbers(matching: /^\s*import XCTest\b/)
            #expect(found.isEmpty, "\(file.path), lines \(found): write it with `import Testing` and `@Test`")
        }
    }

    @Test func `no test is skipped without a reason`() throws {
        for file in try SourceTree.swiftFiles(under: "Tests") {
            for trait in CallText.all(of: #/\.(?:enabled|disabled)\(/#, in: file)
            where trait.code.contains("if:") || trait.code.hasPrefix(".disabled") {
                let conditions = trait.arguments.count { $0.contains("if:") }
                #expect(
                    trait.arguments.count > conditions,
                    "\(file.path):\(trait.line): say behind the condition why it is skipped, for whoever reads the log"
                )
            }
        }
    }
}
