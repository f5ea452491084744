import Documents
import Testing

@Suite struct HTMLRenditionTests {
    private func rendition(_ html: String) throws -> Rendition {
        try DocumentRenderer.render(Array(html.utf8), as: .html)
    }

    private func check(_ html: String, _ expected: String) throws {
        let found = try String(decoding: rendition(html).text, as: UTF8.self)
        #expect(found == expected, "\(found)")
    }

    @Test func `headings, paragraphs, lists, quotes and code keep their structure`() throws {
        try check(
            """
            <h1>A <em>title</em></h1><p>First
               paragraph<br>next line.</p><ul><li>one<li>two<ol start=3><li>deep<li>er</ol><li>last</ul>
            <blockquote><p>said</p></blockquote><pre><code class="language-swift">let a = 1

            b()</code></pre><hr><dl><dt>term<dd>meaning</dl>
            """,
            """
            # A title

            First paragraph
            next line.

            - one
            - two

              3. deep
              4. er
            - last

            > said

            ```swift
            let a = 1

            b()
            ```

            ***

            term

            - meaning

            """)
    }

    @Test func `a table of data becomes one of Markdown, with spans filled and bars escaped`() throws {
        try check(
            """
            <table><tr><th>Name</th><th colspan=2>Size</th></tr>
            <tr><td rowspan=2>a|b</td><td><p>1</p><p>2</p></td><td>3</td></tr><tr><td>4</td><td>5</td></tr></table>
            """,
            """
            | Name | Size |  |
            | --- | --- | --- |
            | a\\|b | 1 2 | 3 |
            |  | 4 | 5 |

            """)
    }

    @Test func `a table that only lays out is read as its cells`() throws {
        try check("<table><tr><td><p>One</p></td></tr><tr><td>Two</td></tr></table>", "One\n\nTwo\n")
    }

    @Test(arguments: [
        ("<a href=\"https://x.org/a b(c)\">see</a> it", "[see](https://x.org/a%20b%28c%29) it\n"),
        ("<a href=\"javascript:alert(1)\">see</a>", "see\n"), ("<a href=\"#top\">up</a>", "up\n"),
        ("<code>a`b</code>", "`` a`b ``\n"), ("an <img alt=\"oak\" src=o.png> tree", "an oak tree\n"),
        ("un\u{AD}seen\u{200B} marks", "unseen marks\n"),
    ])
    func `links, code and pictures are written inline`(html: String, expected: String) throws {
        try check("<p>" + html, expected)
    }

    @Test(arguments: [
        "# no heading", "- no item", "3. no item", "> no quote", "***", "===", "--- ---", "~~~ no fence",
        "``` no fence", "| a | b |<br>|---|---|<br>| 1 | 2 |", "[x]: http://x.org", "[^1]: note",
        "&lt;div&gt; no tag",
        "&lt;!-- no comment", "&amp;amp; no entity", "---<br>title: no front matter<br>---", "a<br>===",
        "+ x", "* x",
        "![x](y) [a](b) [a][b]", "\\# \\", "&lt;", "#", "1)",
    ])
    func `text that looks like structure stays text`(html: String) throws {
        let document = try rendition("<p>\(html)</p><p>end</p>")
        let parsed = try DocumentParser.parse(document.text, as: .markdown)
        #expect(parsed.blocks.map(\.kind) == [.paragraph, .paragraph])
        #expect(parsed.attributes.isEmpty)
    }

    @Test(arguments: [
        "<p hidden>12345</p>", "<p style=\"display: none\">12345",
        "<div style='visibility:hidden'>12345</div>",
        "<span aria-hidden=true>12345</span>", "<p style=\"font-size:0\">12345", "<template>12345</template>",
        "<p style='position:absolute; left:-9999px'>12345", "<p style='color:#fff'>12345",
        "<p style='color:red;background:red'>12345",
        "<p style='color:rgb(1,2,3); background-color:#010203'>12345",
        "<p style='opacity:0'>12345", "<p style='text-indent:-9999px'>12345",
    ])
    func `text that nobody sees is dropped and told`(html: String) throws {
        let found = try rendition("<p>seen</p>\(html)")
        #expect(String(decoding: found.text, as: UTF8.self) == "seen\n")
        #expect(found.notices == [.hiddenText(characterCount: 5)])
    }

    @Test func `scripts and style sheets are dropped and told, comments are not worth telling`() throws {
        let found = try rendition("<style>p{}</style><script>alert('x')</script><!-- secret --><p>seen")
        #expect(String(decoding: found.text, as: UTF8.self) == "seen\n")
        #expect(found.notices == [.scripts(count: 2)])
    }

    @Test func `the main text is read and what surrounds it told`() throws {
        let found = try rendition(
            "<nav>menu</nav><main><h1>Title</h1><p>Text</p></main><aside>more</aside><footer>legal</footer>")
        #expect(String(decoding: found.text, as: UTF8.self) == "# Title\n\nText\n")
        #expect(found.notices == [.boilerplate(characterCount: 13)])
    }

    @Test func `without a main text all but navigation is read, and navigation where there is nothing else`()
        throws
    {
        try check("<nav>menu</nav><p>Text</p><footer>legal</footer>", "Text\n\nlegal\n")
        try check("<nav><a href=\"a.html\">menu</a></nav>", "[menu](a.html)\n")
    }

    private static let utf16: [UInt8] =
        [0xFF, 0xFE] + "<p>café".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }

    private static func latin1(_ text: String) -> [UInt8] {
        text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
    }

    private static let encoded: [([UInt8], String)] = [
        (latin1("<meta charset=iso-8859-1><p>café"), "café\n"), (latin1("<p>café"), "café\n"),
        (Array("<p>café".utf8), "café\n"), (Array("\u{FEFF}<meta charset=latin1><p>café".utf8), "café\n"),
        (utf16, "café\n"), (Array("<meta charset=koi8-r><p>".utf8) + [0xC4, 0xC1], "да\n"),
        (Array("<p>a\0b".utf8), "a b\n"),
        (Array("<p>a".utf8) + [0x81, 0x93] + Array("b".utf8), "a\u{FFFD}\u{201C}b\n"),
        (Array("<meta charset=utf-8><p>a".utf8) + [0xC3] + Array(" b".utf8), "a\u{FFFD} b\n"),
    ]

    @Test(arguments: encoded)
    func `the encoding is found as browsers find it`(bytes: [UInt8], expected: String) throws {
        let text = try DocumentRenderer.render(bytes, as: .html).text
        #expect(String(decoding: text, as: UTF8.self) == expected)
    }

    @Test func `title and description are kept`() throws {
        let found = try rendition(
            "<html lang=en><head><title> A \n page</title><meta name=author content=Me></head><body>x</body></html>"
        )
        #expect(found.title == "A page")
        #expect(found.attributes == ["author": "Me", "language": "en"])
    }

    @Test func `elements nested beyond the bound are refused with the bound`() {
        let html = String(repeating: "<div>", count: 5_000) + "x"
        #expect(throws: DocumentError.overLimit(.html, .depth, found: nil, max: 256)) { try rendition(html) }
    }

    @Test func `lists in lists in lists lie flat at the bound, and the text stays linear`() throws {
        let html = String(repeating: "<ul><li>x", count: 100)
        #expect(try rendition(html).text.count < 100 * 24)
    }

    @Test func `an empty page is an empty rendition`() throws {
        try check("", "")
        try check("<html><body></body></html>", "")
    }
}
