import Documents
import Testing

@Suite struct MarkdownBlockTests {
    /// One line for each block: kind, lines, heading path, depth and shared depth when it is nested.
    private func outline(_ text: String) throws -> [String] {
        try DocumentParser.parse(Array(text.utf8), as: .markdown).blocks.map { block in
            let kind =
                switch block.kind {
                case .heading(let level): "h\(level)"
                case .paragraph: "p"
                case .code(let info, let isFenced): isFenced ? "fence(\(info ?? ""))" : "code"
                case .html: "html"
                case .tableHeader: "th"
                case .tableRow: "tr"
                case .thematicBreak: "hr"
                case .marker: "marker"
                }
            let lines = "\(block.lineRange.lowerBound)-\(block.lineRange.upperBound)"
            let nesting = block.depth > 0 ? " depth \(block.sharedDepth)/\(block.depth)" : ""
            return ([kind, lines] + block.headingPath).joined(separator: " ") + nesting
        }
    }

    private func check(_ text: String, _ expected: [String]) throws {
        #expect(try outline(text) == expected)
    }

    @Test func `headings of both kinds give their paths, and skipped levels leave no gap`() throws {
        try check(
            "# A\n\np\n\n### C\np\n\nB\n---\np\n\nTwo\nlines\n===\n",
            [
                "h1 1-1 A", "p 3-3 A", "h3 5-5 A C", "p 6-6 A C", "h2 8-9 A B", "p 10-10 A B",
                "h1 12-14 Two lines",
            ])
    }

    @Test(arguments: [
        ("## A *b* __c__ ~~d~~", "A b c d"), ("# `code` & [link](http://x.org \"t\") ##", "code & link"),
        ("# ![image](i.png) and <b>bold</b>", "image and bold"), ("# &amp; \\* 1\\_2", "& * 1_2"),
        ("#\tTab", "Tab"),
        ("# [1.0.0] - 2020\n\n[1.0.0]: http://x", "1.0.0 - 2020"), ("# [1.0.0] - 2020", "[1.0.0] - 2020"),
        ("# snake_case C#", "snake_case C#"),
    ])
    func `a heading's path is its text without the markup`(text: String, expected: String) throws {
        #expect(
            try DocumentParser.parse(Array(text.utf8), as: .markdown).blocks.first?.headingPath == [expected])
    }

    @Test func `a heading in a quote or a list opens no section`() throws {
        try check(
            "# A\n\n> ## Q\n> p\n\n- ## L\n\np",
            [
                "h1 1-1 A", "h2 3-3 A depth 0/1", "p 4-4 A depth 1/1", "h2 6-6 A depth 0/1", "p 8-8 A",
            ])
    }

    @Test func `a long heading is cut in paths`() throws {
        let text = "# " + String(repeating: "word ", count: 1000)
        let path = try DocumentParser.parse(Array(text.utf8), as: .markdown).blocks.first?.headingPath
        #expect(path?.first?.count == DocumentLimits.headingCharactersMax)
    }

    @Test func `list items and what is in them are blocks that share depth`() throws {
        try check(
            "- a\n  b\n\n  c\n  - d\n- [ ] e\n\n1. f\n\n   ```sh\n   x\n   ```\n",
            [
                "p 1-2 depth 0/1", "p 4-4 depth 1/1", "p 5-5 depth 1/2", "p 6-6 depth 0/1", "p 8-8 depth 0/1",
                "fence(sh) 10-12 depth 1/1",
            ])
    }

    @Test func `a table is a header and rows that know it, whatever stands before`() throws {
        try check(
            "lead\n| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n\n"
                + "> | q |\n> |---|\n> | r |\n\n|only|\n|---|\n",
            [
                "p 1-1", "th 2-3", "tr 4-4", "tr 5-5", "th 7-8 depth 0/1", "tr 9-9 depth 1/1", "th 11-12",
            ])
        let bytes = Array("|a|\n|-|\n|1|\n".utf8)
        let rows = try DocumentParser.parse(bytes, as: .markdown).blocks.map(\.kind)
        #expect(rows == [.tableHeader, .tableRow(header: 0..<7)])
    }

    @Test func `code and HTML keep what looks like markup`() throws {
        try check(
            "```swift x\n# no\n\n| a |\n|---|\n```\n\n    # no\n\n    - no\n\n"
                + "<div>\n# no\n</div>\n\n***\n~~~\nopen",
            [
                "fence(swift x) 1-6", "code 8-10", "html 12-14", "hr 16-16", "fence() 17-18",
            ])
    }

    @Test func `definitions and empty items are blocks like any other`() throws {
        try check("[a]: http://x\n'title'\n\np\n\n-\n\nq", ["p 1-2", "p 4-4", "marker 6-6", "p 8-8"])
    }

    @Test func `a footnote is a block where it was written, referred to or not`() throws {
        try check(
            "p[^1]\n\n[^a_1]: note\n\n    ```\n    x\n    ```\n\nq\n\n[^1]: *last*",
            [
                "p 1-1", "p 3-3 depth 0/1", "fence() 5-7 depth 1/1", "p 9-9", "p 11-11 depth 0/1",
            ])
    }

    @Test func `bare quote markers stay inside their quote`() throws {
        try check("> a\n>\n> b\n", ["p 1-1 depth 0/1", "marker 2-2 depth 1/1", "p 3-3 depth 1/1"])
    }

    @Test func `HTML that ends at a mark has the mark's line`() throws {
        try check(
            "<!--\n\nx\n-->\np\n\n<script>\n\n</script>\n\n<pre>\n\nopen",
            [
                "html 1-4", "p 5-5", "html 7-9", "html 11-13",
            ])
    }

    @Test func `markup deeper than any prose is read as text`() throws {
        let quotes = String(repeating: ">", count: 10_000) + " text\n\nafter"
        try check(quotes, ["p 1-1 depth 0/40", "p 3-3"])
        #expect(try Laws.firstViolation(Array(quotes.utf8)) == nil)
        for mark in ["[", "- ", "> - ", "*a ", "![", "<", "`", "1. "] {
            let bytes = Array((String(repeating: mark, count: 10_000) + "x\n").utf8)
            #expect(try Laws.firstViolation(bytes) == nil, "\(mark)")
        }
    }

    @Test func `a reference used a hundred thousand times costs nothing`() throws {
        let text =
            "[a]: \(String(repeating: "u", count: 5000))\n\n" + String(repeating: "[a] ", count: 100_000)
        #expect(try DocumentParser.parse(Array(text.utf8), as: .markdown).blocks.count == 2)
    }
}
