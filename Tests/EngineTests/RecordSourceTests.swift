import Documents
import Engine
import TestSupport
import Testing

struct RecordSourceTests {
    private func contents(
        _ text: String, lineBytesMax: Int = 1_000, partBytes: Int = 7
    ) async throws -> SourceContents {
        try await SourceContents(
            of: RecordSource(
                TextParts(text, partBytes: partBytes), named: "stream", prefix: "tickets/",
                lineBytesMax: lineBytesMax))
    }

    private func fault(of line: String) -> RecordFault? {
        do {
            _ = try DocumentRecordLine(Array(line.utf8))
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [1, 2, 7, 4_096])
    func `each line is a document, wherever the parts are cut and however lines end`(
        partBytes: Int
    ) async throws {
        let text = """
            {"id": "1.txt", "text": "ünö"}\r
            \n{"id": "2", "markdown": "# Two", "folder": "old"}
            {"id": "3", "text": ""}
            """
        let found = try await contents(text, partBytes: partBytes)
        #expect(found.texts == ["tickets/1.txt": "ünö", "tickets/old/2": "# Two", "tickets/3": ""])
        #expect(found.items.map(\.mediaType.rawValue) == ["text/plain", "text/markdown", "text/plain"])
    }

    @Test func `a bad line fails alone and by its number, and the rest is read`() async throws {
        let long = #"{"id": "x", "text": ""# + String(repeating: "x", count: 2_000) + #""}"#
        let text = #"{"id": "a", "text": "a"}"# + "\n\nnot json\n\(long)\n" + #"{"id": "b", "text": "b"}"#
        let found = try await contents(text)
        #expect(found.paths == ["tickets/a", "tickets/b"])
        #expect(found.failures.map(\.path) == ["stream, line 3", "stream, line 4"])
        #expect(
            found.failures.map { $0.error as? EngineError } == [
                .source(.record(line: 3, .notJSON)),
                .source(.record(line: 4, .lineTooLong(byteCountMax: 1_000))),
            ])
    }

    @Test(arguments: [
        ("[]", RecordFault.notAnObject), ("7", .notAnObject), ("{", .notJSON),
        (#"{"text": "x"}"#, .fieldMissing("id")),
        (#"{"id": 7, "text": "x"}"#, .fieldInvalid("id", expected: "a string")),
        (#"{"id": "a"}"#, .textCount(found: 0, fields: ["html", "markdown", "text"])),
        (
            #"{"id": "a", "text": "x", "markdown": "y"}"#,
            .textCount(found: 2, fields: ["html", "markdown", "text"])
        ),
        (
            #"{"id": "a", "text": null, "markdown": "y", "x": 1}"#,
            .fieldUnknown("x", allowed: DocumentRecordLine.fields)
        ),
        (#"{"id": "../a", "text": "x"}"#, .pathInvalid(.dotName)),
        (#"{"id": "a", "folder": "/etc", "text": "x"}"#, .pathInvalid(.emptyName)),
        (#"{"id": "a", "text": "x", "attributes": []}"#, .fieldInvalid("attributes", expected: "an object")),
    ])
    func `a line that is no document says what was found and what is expected`(
        line: String, expected: RecordFault
    ) {
        #expect(fault(of: line) == expected)
    }

    @Test func `attributes are strings, numbers, truth, dates and lists of strings, with bounds`() throws {
        let line =
            #"{"id": "a", "text": "x", "title": "T", "attributes": "#
            + #"{"s": "ü", "n": 2026, "d": 1.5, "b": true, "f": false, "l": ["x", "y"], "t": "2026-01-31", "#
            + #""i": 9007199254740993}}"#
        let record = try DocumentRecordLine(Array(line.utf8))
        #expect(
            record.given.attributes == [
                "s": "ü", "n": 2026, "d": 1.5, "b": true, "f": false, "l": ["x", "y"],
                "t": .date(milliseconds: 1_769_817_600_000), "i": "9007199254740993",
            ])
        #expect(record.given.title == "T")
        let long = String(repeating: "x", count: 4_097)
        let large = (0..<5).map { #""k\#($0)": "\#(String(repeating: "x", count: 4_000))""# }
        for (bad, expected) in [
            (#""a": null"#, .valueUnsupported(name: "a", found: "null")),
            (#""a": [1]"#, .valueUnsupported(name: "a", found: "a list of 1")),
            (#""a": {}"#, .valueUnsupported(name: "a", found: "an object")),
            (#""": "x""#, .nameLength(byteCount: 0, byteCountMax: 128)),
            (#""carrel:origin": "x""#, .nameReserved("carrel:origin")),
            (#""@path": "x""#, .nameReserved("@path")), (#""a": "\u0000""#, .holdsNUL(name: "a")),
            (#""a": "\#(long)""#, .stringTooLong(name: "a", byteCount: 4_097, byteCountMax: 4_096)),
            (#""a": ["\#(long)"]"#, .stringTooLong(name: "a", byteCount: 4_097, byteCountMax: 4_096)),
            (
                #""a": [\#((0..<257).map { "\"\($0)\"" }.joined(separator: ","))]"#,
                .tooManyStrings(name: "a", found: 257, max: 256)
            ),
            (large.joined(separator: ","), .tooLarge(byteCount: 20_010, byteCountMax: 16_384)),
        ] as [(String, AttributeFault)] {
            #expect(
                fault(of: #"{"id": "a", "text": "x", "attributes": {"# + bad + "}}")
                    == .attributesInvalid(expected))
        }
        let many = (0..<65).map { #""k\#($0)": 1"# }.joined(separator: ",")
        #expect(
            fault(of: #"{"id": "a", "text": "x", "attributes": {"# + many + "}}")
                == .attributesInvalid(.tooMany(found: 65, max: 64)))
    }

    @Test func `given attributes go over the document's own, and a change of them alone is a change`()
        async throws
    {
        let test = try TestEngine()
        func put(_ attributes: String) async throws -> IngestProgress {
            let line =
                #"{"id": "a.md", "markdown": "---\nteam: front\nyear: 1\n---\n\n# A\n\ntext\n", "attributes": "#
                + attributes + "}"
            return try await test.engine.ingest(
                from: RecordSource(TextParts(line), named: "s"), in: test.scope)
        }
        func attributes() throws -> [String: AttributeValue] {
            try test.engine.library.document(.path(DocumentPath("a.md")), in: test.scope).attributes
        }
        #expect(try await put(#"{"team": "back"}"#).ingestedCount == 1)
        #expect(try attributes() == ["team": "back", "year": 1])
        #expect(try await put(#"{"team": "back"}"#).unchangedCount == 1)
        let changed = try await put(#"{"year": 2}"#)
        #expect(changed.replacedCount == 1 && changed.embeddedCount == 0)
        #expect(try attributes() == ["team": "front", "year": 2])
    }

    @Test func `of two lines of one document the later one stays`() async throws {
        let test = try TestEngine()
        let lines = (0..<40).map { #"{"id": "a", "text": "version \#($0)"}"# }.joined(separator: "\n")
        let progress = try await test.engine.ingest(
            from: RecordSource(TextParts(lines, partBytes: 4_096), named: "s"), in: test.scope)
        #expect(progress.ingestedCount == 40 && progress.failureCount == 0)
        let (_, bytes) = try test.engine.library.original(of: .path(DocumentPath("a")), in: test.scope)
        #expect(String(decoding: bytes, as: UTF8.self) == "version 39")
    }
}
