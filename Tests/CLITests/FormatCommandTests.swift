import Foundation
import TestSupport
import Testing

/// Documents of every format through the real command, whose parsers run in a process of their own.
@Suite struct FormatCommandTests {
    /// - Parameter folder: of the files, and of the data.
    private func ingest(
        _ files: [String: [UInt8]], in folder: TemporaryFolder
    ) throws -> (Command, Command.Result) {
        for (name, bytes) in files {
            try Data(bytes).write(to: folder.url.appending(path: name))
        }
        let command = Command(dataDirectory: folder.url.appending(path: "data"))
        let result = try command.run(
            "ingest", folder.url.path, "--workspace", "w", "--create", "--model", "test")
        return (command, result)
    }

    @Test func `all formats are read, and a passage of each is found`() throws {
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let (command, result) = try ingest(
            [
                "a.pdf": PDFBuilder([[.init("Oaks are tall.", height: 700)]]).bytes,
                "b.docx": OfficeBuilder.docx(OfficeBuilder.paragraph("Beeches are grey.")),
                "c.epub": OfficeBuilder.epub(title: "T", chapters: ["<p>Larches are golden.</p>"]),
                "d.html": Array("<p>Birches are white.</p>".utf8),
                "e.csv": Array("tree,leaf\nMaple,palmate\n".utf8),
                "f.json": Array("{\"tree\": \"Willow\"}".utf8),
                "g.py": Array("def poplar():\n    pass\n".utf8),
            ], in: folder)
        #expect(result.exitCode == 0, "\(result.output)\(result.errors)")
        for word in ["oaks", "beeches", "larches", "birches", "maple", "willow", "poplar"] {
            let found = try command.run(
                "search", word, "--workspace", "w", "--model", "test", "--limit", "1", "--json")
            #expect(found.output.lowercased().contains(word), "\(word): \(found.output)")
        }
        #expect(try command.run("admin", "verify", "--workspace", "w").exitCode == 0)
    }

    @Test func `each hostile document fails alone, with a reason for people`() throws {
        var bomb = ZipBuilder([("[Content_Types].xml", "<Types/>")])
        bomb.addSpaces("word/document.xml", count: 20_000)
        let folder = try TemporaryFolder()
        let (_, result) = try ingest(
            [
                "good.html": Array("<p>Fine.</p>".utf8), "bomb.docx": bomb.bytes,
                "locked.pdf": PDFBuilder([[]], isLocked: true).bytes, "image.pdf": [0x89, 0x50, 0x4E, 0x47],
                "scan.pdf": PDFBuilder([[]]).bytes,
                "deep.html": Array(String(repeating: "<b>", count: 9_999).utf8),
            ], in: folder)
        #expect(result.exitCode == 1)
        for reason in [
            "expanded bytes for each compressed one", "wants a password", "named as PDF, and holds PNG",
            "scanned pages?",
            "levels of nesting",
        ] {
            #expect(
                (result.output + result.errors).contains(reason),
                "\(reason): \(result.output)\(result.errors)")
        }
        #expect(result.output.contains("1 ingested") && result.output.contains("5 failed"))
    }
}
