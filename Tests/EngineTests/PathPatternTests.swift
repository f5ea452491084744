import Engine
import TestSupport
import Testing

struct PathPatternTests {
    /// What git (2.39.5, `git check-ignore --no-index`) says of the same pattern and path.
    @Test(arguments: [
        ("*.md", "a.md", true), ("*.md", "sub/a.md", true), ("*.md", "a.mdx", false), ("*.md", ".md", true),
        ("/*.md", "a.md", true), ("/*.md", "sub/a.md", false), ("docs/*.md", "docs/a.md", true),
        ("docs/*.md", "docs/sub/a.md", false), ("docs/*.md", "x/docs/a.md", false),
        ("**/a.md", "a.md", true), ("**/a.md", "x/y/a.md", true), ("docs/**/a.md", "docs/a.md", true),
        ("docs/**/a.md", "docs/x/y/a.md", true), ("docs/**", "docs/a.md", true), ("docs/**", "docs", false),
        ("a?c", "abc", true), ("a?c", "a/c", false), ("a?c", "äbc", false), ("?bc", "äbc", true),
        ("a[0-9]", "a5", true), ("a[0-9]", "ab", false), ("a[!0-9]", "ab", true), ("a[!0-9]", "a5", false),
        ("a[]x]", "a]", true), ("a[", "a[", true), ("a\\*", "a*", true), ("a\\*", "ab", false),
        ("\\!a", "!a", true), ("\\#a", "#a", true), ("a*b*c", "aXbXbXc", true), ("a*b*c", "aXbX", false),
        ("**", "anything/at/all", true), ("*", "x", true), ("a**b", "aXYb", true), ("a**b", "a/b", false),
    ])
    func `a pattern matches what it matches for git`(pattern: String, path: String, matches: Bool) throws {
        #expect(try PathPattern(pattern).matches(path, isFolder: false) == matches)
    }

    @Test func `a pattern with a slash at its end matches folders only`() throws {
        let pattern = try PathPattern("build/")
        #expect(pattern.matches("x/build", isFolder: true))
        #expect(!pattern.matches("x/build", isFolder: false))
    }

    @Test func `a pattern made to be slow takes no longer than the product of the lengths`() throws {
        let pattern = try PathPattern(String(repeating: "*a", count: 200) + "b")
        let path = String(repeating: "a", count: 1_000)
        let elapsed = ContinuousClock().measure { #expect(!pattern.matches(path, isFolder: false)) }
        // 400,000 steps; tried in every way there would be more than the universe has atoms.
        #expect(elapsed < .seconds(5), "observed 0.01 s")
    }

    @Test(arguments: UInt64(1)...8)
    func `a pattern of stars and letters matches as the definition says`(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        for _ in 0..<500 {
            let pattern = String(
                (0..<Int.random(in: 1...6, using: &generator)).map { _ in
                    "ab*?".randomElement(using: &generator) ?? "a"
                })
            let name = String(
                (0..<Int.random(in: 1...7, using: &generator)).map { _ in
                    "ab".randomElement(using: &generator) ?? "a"
                })
            let expected = Self.matches(Array(pattern)[...], Array(name)[...])
            #expect(try PathPattern(pattern).matches(name, isFolder: false) == expected, "\(pattern) \(name)")
        }
    }

    /// The definition, in exponential time.
    private static func matches(_ pattern: ArraySlice<Character>, _ name: ArraySlice<Character>) -> Bool {
        guard let first = pattern.first else { return name.isEmpty }
        if first == "*" {
            return (name.startIndex...name.endIndex).contains { matches(pattern.dropFirst(), name[$0...]) }
        }
        guard let found = name.first, first == "?" || first == found else { return false }
        return matches(pattern.dropFirst(), name.dropFirst())
    }

    @Test func `an empty pattern and one that is too long are refused with what was found`() throws {
        #expect(throws: EngineError.source(.patternEmpty("/"))) { try PathPattern("/") }
        #expect(throws: EngineError.source(.patternTooLong(byteCount: 1_025, byteCountMax: 1_024))) {
            try PathPattern(String(repeating: "a", count: 1_025))
        }
    }
}
