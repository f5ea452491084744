import Documents
import Testing

@Suite struct FrontMatterTests {
    /// Parses front matter and body, and expects the attributes and that only the body became blocks.
    private func check(_ head: String, _ expected: [String: AttributeValue]) throws {
        let bytes = Array((head + "\nBody.\n").utf8)
        let document = try DocumentParser.parse(bytes, as: .markdown)
        #expect(document.attributes == expected)
        #expect(document.blocks.map { String(decoding: bytes[$0.byteRange], as: UTF8.self) } == ["Body."])
    }

    @Test func `scalars become attributes without their quotes and comments`() throws {
        try check(
            "---\ntitle: \"A: b\"\ndate: 2024-01-02\nurl: https://x.org/a#b\nempty:\n"
                + "q: 'it' # why\nn: 3 # three\n---",
            [
                "title": "A: b", "date": .date(milliseconds: 1_704_153_600_000), "url": "https://x.org/a#b",
                "empty": "", "q": "it", "n": 3,
            ])
    }

    @Test(
        arguments: [
            ("3", 3), ("-2.50", -2.5), ("1e3", 1_000), ("0", 0), ("true", true), ("FALSE", false),
            ("2026-01-31T09:30:00+01:00", .date(milliseconds: 1_769_848_200_000)),
            ("'3'", "3"), ("\"true\"", "true"), ("'2026-01-31'", "2026-01-31"), ("007", "007"), ("+1", "+1"),
            ("1.", "1."), ("yes", "yes"), ("2026-02-30", "2026-02-30"),
            ("12345678901234567", "12345678901234567"),
            ("1e999", "1e999"), (">\n  2026", "2026"), ("2 3", "2 3"), ("[]", []),
            ("[1, true]", ["1", "true"]),
        ] as [(String, AttributeValue)])
    func `without quotes a number, a date and truth are themselves, and all else is text`(
        text: String, expected: AttributeValue
    ) throws {
        try check("---\nkey: \(text)\n---", ["key": expected])
    }

    @Test func `a title that is a number is shown as it is written`() throws {
        let document = try DocumentParser.parse(Array("---\ntitle: 1.10\n---\nBody".utf8), as: .markdown)
        #expect(document.title == "1.10" && document.attributes == ["title": 1.1])
    }

    @Test func `lists are lists, whatever their form`() throws {
        try check(
            "---\na: [x, \"y z\"]\nb:\n- one\n- two\nc:\n  - three\n  - 'four'\n---",
            [
                "a": ["x", "y z"], "b": ["one", "two"], "c": ["three", "four"],
            ])
    }

    @Test func `folded text is joined and nested mappings are passed over`() throws {
        try check(
            "---\nabout: >\n  first line\n  second line\nauthor:\n  name: Ada\n  age: 36\nlast: yes\n---",
            [
                "about": "first line second line", "last": "yes",
            ])
    }

    @Test func `TOML between plus signs is read, its tables are not`() throws {
        try check(
            "+++\ntitle = \"Post\"\ntags = ['a', 'b']\n[extra]\nhidden = 1\n+++",
            [
                "title": "Post", "tags": ["a", "b"],
            ])
    }

    @Test(arguments: ["\r\n", "\r", "\n"])
    func `any line end ends its lines, and a byte order mark may come first`(lineEnd: String) throws {
        let text = "\u{FEFF}---\ntitle: T\n---\nBody".replacing("\n", with: lineEnd)
        let document = try DocumentParser.parse(Array(text.utf8), as: .markdown)
        #expect(document.title == "T")
        #expect(document.blocks.map(\.lineRange) == [4...4])
    }

    @Test(arguments: [
        "---\nnot a pair\n---\n", "---\ntitle: open\n", "---\n- item\n---\n",
        "--- \nsome prose: and more\nline\n---\n",
        "text\n---\ntitle: x\n---\n", "----\ntitle: x\n----\n", "---", "---\n---\n", "---\n\n---\ntext",
    ])
    func `malformed front matter is ordinary text`(text: String) throws {
        let bytes = Array(text.utf8)
        let document = try DocumentParser.parse(bytes, as: .markdown)
        #expect(document.attributes == [:])
        #expect(document.blocks.first?.byteRange.lowerBound == 0)
        #expect(try Laws.firstViolation(bytes) == nil)
    }

    @Test func `attributes are bounded in number and size`() throws {
        func attributes(_ pairs: [String]) throws -> [String: AttributeValue] {
            let text = "---\n" + pairs.joined(separator: "\n") + "\n---\nBody"
            return try DocumentParser.parse(Array(text.utf8), as: .markdown).attributes
        }
        #expect(try attributes((0..<200).map { "key\($0): v" }).count == 64)
        let long = try attributes(["key: \(String(repeating: "ü", count: 2_500))"])
        #expect(long["key"]?.byteCount == 4_096)
        let many = try attributes(["key: [\((0..<300).map(String.init).joined(separator: ","))]"])
        #expect(many["key"] == .strings((0..<256).map(String.init)))
        let large = try attributes((0..<9).map { "key\($0): \(String(repeating: "v", count: 4_000))" })
        #expect(large.attributeByteCount <= 16_384 && large.count == 4)
        #expect(try attributes([String(repeating: "k", count: 129) + ": v", "k: v"]) == ["k": "v"])
    }

    @Test func `front matter is no chunk's text`() throws {
        let bytes = Array("---\ntitle: Secret\n---\n\n# Head\n\nBody.".utf8)
        let document = try DocumentParser.parse(bytes, as: .markdown)
        let chunks = Chunker(options: .init(tokensMax: 254), counter: WordCounter()).chunks(
            of: document, in: bytes)
        #expect(chunks.map(\.text) == ["# Head\n\nBody."])
        #expect(document.title == "Secret")
    }

    @Test(
        arguments: [
            ("# One\n\n# Two", "One"), ("## Sub\n\nText\n\n# Late", "Late"), ("Text only", nil),
            ("One\n===", "One"),
            ("> # Quoted\n\n## Sub", nil), ("---\ntitle:\n---\n# One", "One"),
        ] as [(String, String?)])
    func `the title is the front matter's, else the first heading of level 1`(
        text: String, title: String?
    ) throws {
        #expect(try DocumentParser.parse(Array(text.utf8), as: .markdown).title == title)
    }
}
