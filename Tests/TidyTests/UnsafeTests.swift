import Testing

struct UnsafeTests {
    private static var marks: Regex<Substring> {
        #/\bunsafe\b|@unchecked\b|nonisolated\(unsafe\)|@safe\b|@unsafe\b/#
    }

    private static func mayBeUnsafe(_ path: String) -> Bool {
        path.hasPrefix("Sources/Kernels/") || path.hasPrefix("Sources/Columnar/")
            || (path.hasPrefix("Sources/") && path.contains("/Foreign/"))
    }

    @Test func `unsafe stands only in Kernels, Columnar and Foreign folders`() throws {
        for file in try SourceTree.everySwiftFile() where !Self.mayBeUnsafe(file.path) {
            // Tests of Kernels and Columnar may look at raw memory; these here spell the words out.
            if ["Kernels", "Columnar", "Tidy"].contains(where: { file.path.hasPrefix("Tests/\($0)Tests/") }) {
                continue
            }
            let found = file.codeLineNumbers(matching: Self.marks)
            #expect(
                found.isEmpty,
                """
                \(file.path), lines \(found): unsafe code. Move the C call or the pointer into the target's Foreign/ \
                folder behind a function of values, or use a Span.
                """)
        }
    }

    @Test func `every unsafe function says why it is safe`() throws {
        for file in try SourceTree.swiftFiles(under: "Sources") where Self.mayBeUnsafe(file.path) {
            let reasons = zip(1..., file.lines).filter { $0.1.contains("// SAFETY:") }.map(\.0)
            let functions = FunctionExtent.all(in: file)
            for number in file.codeLineNumbers(matching: #/\bunsafe\b|nonisolated\(unsafe\)|@unchecked\b/#) {
                // A reason counts for the function around it, and for the lines right under it.
                let enclosing = functions.filter { $0.lines.contains(number) }.max {
                    $0.lines.count < $1.lines.count
                }
                let scope = enclosing?.lines ?? (number - 12)...(number + 4)
                let reach = (scope.lowerBound - 12)...scope.upperBound
                #expect(
                    reasons.contains { reach.contains($0) },
                    "\(file.path):\(number): no `// SAFETY:` comment says why bounds and lifetime hold; write one"
                )
            }
        }
    }
}
