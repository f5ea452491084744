import Documents
import TestSupport
import Testing

@Suite struct TextFormatTests {
    /// Each block's kind in a letter, its heading path and its text.
    private func outline(_ text: String, _ type: MediaType) throws -> [String] {
        let bytes = Array(text.utf8)
        return try DocumentParser.parse(bytes, as: type).blocks.map { block in
            let kind =
                switch block.kind {
                case .tableHeader: "h"
                case .tableRow: "r"
                case .code: "c"
                default: "?"
                }
            let text = String(decoding: bytes[block.byteRange], as: UTF8.self)
            return ([kind] + block.headingPath.map { "(\($0))" } + [text]).joined(separator: " ")
        }
    }

    @Test func `a record of CSV is a row under the header, line ends in quotes included`() throws {
        #expect(
            try outline("name;note\r\n\"a\"\"b\";\"two\nlines; here\"\r\n\r\nc;d", .csv)
                == ["h name;note", "r \"a\"\"b\";\"two\nlines; here\"", "r c;d"])
    }

    @Test func `each row of CSV knows where its header stands`() throws {
        let document = try DocumentParser.parse(Array("a,b\n1,2\n3,4\n".utf8), as: .csv)
        #expect(document.blocks.dropFirst().allSatisfy { $0.kind == .tableRow(header: 0..<3) })
    }

    @Test func `a quotation mark that nothing closes is a character, and that is told`() throws {
        let text = "a,b\n\"open,1\n2,3\n"
        #expect(try outline(text, .csv) == ["h a,b", "r \"open,1", "r 2,3"])
        #expect(try DocumentParser.parse(Array(text.utf8), as: .csv).notices == [.malformed(offset: 4)])
    }

    @Test func `a record of JSON Lines is a block`() throws {
        #expect(try outline("{\"a\":1}\n\n{\"b\":\n", .jsonLines) == ["c {\"a\":1}", "c {\"b\":"])
    }

    @Test func `a long JSON document falls into its elements, with keys for headings`() throws {
        let long = String(repeating: "x", count: 3_000)
        let found = try outline(
            "{\"first\": \"\(long)\", \"second\": [\"\(long)\", \"\(long)\"], \"n\": 1}", .json)
        #expect(
            found.map { $0.prefix(32) }
                == [
                    "c (first) {\"first\": \"xxxxxxxxxxxx", "c (second) \"second\": [\"xxxxxxxxxx",
                    "c (second) \"xxxxxxxxxxxxxxxxxxxx",
                    "c \"n\": 1}",
                ].map { $0.prefix(32) })
    }

    @Test func `a short JSON document is one block`() throws {
        #expect(
            try outline(" [1, {\"a\": [true, null]}, \"\\\"\"] ", .json) == [
                "c [1, {\"a\": [true, null]}, \"\\\"\"]"
            ])
    }

    @Test(arguments: ["{\"a\": }", "[1, 2", "{\"a\" 1}", "[1] 2", "\"open", "{1: 2}", "]"])
    func `what is no JSON is read by its lines, and that is told`(text: String) throws {
        let document = try DocumentParser.parse(Array(text.utf8), as: .json)
        #expect(document.blocks.count == 1)
        #expect(document.notices.count == 1)
    }

    @Test func `JSON nested beyond the bound is refused with the bound`() {
        let text = String(repeating: "[", count: 100_000)
        #expect(throws: DocumentError.overLimit(.json, .depth, found: nil, max: 256)) {
            try DocumentParser.parse(Array(text.utf8), as: .json)
        }
    }

    @Test func `source code falls into its outermost declarations`() throws {
        let text = "import A\n\nfunc a() {\n    x()\n\n    y()\n}\n\n// b\nfunc b() {\n\n}\n"
        #expect(
            try outline(text, .sourceCode)
                == ["c import A", "c func a() {\n    x()\n\n    y()\n}", "c // b\nfunc b() {\n\n}"])
    }

    @Test func `a long declaration falls into its own, under its first line`() throws {
        let method = "    def m():\n" + String(repeating: "        x\n", count: 50)
        let found = try outline(
            "# note\nclass C:\n    \"\"\"Text.\"\"\"\n\n\(method)\n\(method)", .sourceCode)
        #expect(
            found.map { $0.prefix(22) } == [
                "c # note\nclass C:\n    ", "c (class C:) def m():\n", "c (class C:) def m():\n",
            ])
    }

    @Test(arguments: MediaType.allCases.filter(\.isText), 1...40)
    func `what holds for every document holds for any bytes in any format`(type: MediaType, seed: Int) throws
    {
        let pieces = [
            "\"", ",", "\n", "\n\n", "{", "}", "[", "]", ":", "a", "é", " ", "\t", "\r\n", "\\", "1", "    ",
            ";", "\u{301}",
        ]
        var generator = SplitMix64(seed: UInt64(seed))
        let text = (0..<200).map { _ in pieces[Int.random(in: 0..<pieces.count, using: &generator)] }.joined()
        #expect(try Laws.firstViolation(Array(text.utf8), as: type) == nil)
    }
}
