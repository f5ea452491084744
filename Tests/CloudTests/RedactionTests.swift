import Cloud
import Testing

struct RedactionTests {
    private static let key = "sk-proj-AbCdEfGhIjKlMnOpQrStUvWx0123456789"

    @Test(arguments: [
        ("Incorrect API key provided: \(key).", "Incorrect API key provided: [key]."),
        ("Bearer \(key) and again \(key)", "Bearer [key] and again [key]"),
        ("cut: \(key.prefix(12))", "cut: [key]"),
        ("end: \(key.suffix(9))", "end: [key]"),
        ("Incorrect API key provided: sk-pr***************6789.", "Incorrect API key provided: [key]"),
        ("nothing of it", "nothing of it"),
        ("a\u{1b}[31mred\nline\u{0}", "a [31mred line"),
    ])
    func `a provider's words are shown without the key, whole or in part, and without control characters`(
        text: String, expected: String
    ) {
        #expect(Redaction(key: Self.key).clean(text) == expected)
    }

    @Test func `a message is cut, and no part of a key is left at the cut`() {
        let text = String(repeating: "x", count: Redaction.charactersMax - 10) + Self.key
        let clean = Redaction(key: Self.key).clean(text)
        #expect(clean.count <= Redaction.charactersMax)
        #expect(!clean.contains("sk-proj"))
    }

    @Test func `a word that stands where no key is needed is no secret`() {
        #expect(Redaction(key: "a").clean("a cat sat") == "a cat sat")
        #expect(Redaction(key: nil).clean("a cat sat") == "a cat sat")
    }
}
