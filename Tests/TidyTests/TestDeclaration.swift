/// A test as its source declares it.
struct TestDeclaration: Sendable {
    let path: String
    let line: Int

    /// Without backquotes.
    let name: String

    /// Whether the name is written in backquotes, as a sentence must be.
    let isQuoted: Bool

    /// The type around it, without backquotes.
    let suite: String?

    static func all() throws -> [TestDeclaration] {
        try SourceTree.swiftFiles(under: "Tests").flatMap(all)
    }

    static func all(in file: SourceFile) -> [TestDeclaration] {
        var tests: [TestDeclaration] = []
        var types: [(indentation: Int, name: String)] = []
        var testLine: (number: Int, indentation: Int)?
        for (number, line) in zip(1..., file.codeLines) {
            guard line.contains(/\b(?:func|struct|class|actor|enum|extension) |@Test\b/) else { continue }
            let indentation = line.prefix { $0 == " " }.count
            if let type = line.firstMatch(of: /^[^`]*\b(?:struct|class|actor|enum|extension) (`[^`]+`|\w+)/) {
                types.removeAll { $0.indentation >= indentation }
                types.append((indentation, type.output.1.filter { $0 != "`" }))
            }
            if line.contains(/^\s*@Test\b/) { testLine = (number, indentation) }
            guard let test = testLine, let function = line.firstMatch(of: /\bfunc (`[^`]+`|\w+)/) else {
                continue
            }
            let name = function.output.1
            tests.append(
                TestDeclaration(
                    path: file.path, line: test.number, name: name.filter { $0 != "`" },
                    isQuoted: name.hasPrefix("`"),
                    suite: types.last { $0.indentation < test.indentation }?.name))
            testLine = nil
        }
        return tests
    }
}
