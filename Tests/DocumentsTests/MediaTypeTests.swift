import Documents
import Testing

@Suite struct MediaTypeTests {
    @Test(
        arguments: [
            ("a.md", MediaType.markdown), ("A.MD", .markdown), ("dir.x/b.markdown", .markdown),
            ("c.txt", .plainText),
            ("c.text", .plainText), ("archive.md.gz", nil), ("md", nil), (".md", nil), ("", nil),
            ("notes.md/", nil), ("a.HTM", .html), ("a.pdf", .pdf), ("a.docx", .docx), ("a.epub", .epub),
            ("a.tsv", .tsv),
            ("a.jsonl", .jsonLines), ("a.json", .json), ("Main.swift", .sourceCode), ("a.doc", nil),
            ("a.png", nil),
        ] as [(String, MediaType?)])
    func `a file name's extension announces the media type`(name: String, expected: MediaType?) {
        #expect(MediaType.inferred(fromFileName: name) == expected)
    }
}
