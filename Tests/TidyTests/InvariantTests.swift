import Testing

struct InvariantTests {
    /// Invariants that no test can be named after yet, each with the reason.
    private static let untested: [String: String] = [:]

    @Test func `every invariant has a test that is named after it`() throws {
        let invariants = try Self.invariants()
        #expect(
            !invariants.isEmpty,
            "no invariants were read from ARCHITECTURE.md: mend InvariantTests.invariants")
        let names = try Self.namesOfTests()
        for invariant in invariants where Self.untested[invariant] == nil {
            let isTested = Self.isTested(invariant, by: names)
            #expect(
                isTested,
                """
                no test or suite has a name that begins with "\(invariant)": name the one that proves it so, as in \
                `\(invariant.lowercased()): …`, or write it
                """)
        }
    }

    @Test func `no invariant is excused that has a test or is gone`() throws {
        let (invariants, names) = (try Self.invariants(), try Self.namesOfTests())
        for (invariant, reason) in Self.untested {
            let isNeeded = invariants.contains(invariant) && !Self.isTested(invariant, by: names)
            #expect(
                isNeeded,
                "\"\(invariant)\" needs no excuse (\"\(reason)\") any more: strike it from `untested`"
            )
        }
    }

    private static func isTested(_ invariant: String, by names: Set<String>) -> Bool {
        names.contains { $0.lowercased().hasPrefix(invariant.lowercased()) }
    }

    /// Names of tests and of suites that have one. A suite's name counts, since Swift Testing puts it before
    /// its tests'.
    private static func namesOfTests() throws -> Set<String> {
        Set(try TestDeclaration.all().flatMap { [$0.name, $0.suite ?? $0.name] })
    }

    /// As ARCHITECTURE.md numbers them: `1. *The Store decides*: …`.
    private static func invariants() throws -> [String] {
        let text = try SourceTree.text(of: "ARCHITECTURE.md")
        guard let section = text.firstMatch(of: /\n## Invariants\n([\s\S]*?)(?:\n## |$)/)?.output.1 else {
            return []
        }
        return section.matches(of: /\n\d+\. \*([^*]+)\*/).map { String($0.output.1) }
    }
}
