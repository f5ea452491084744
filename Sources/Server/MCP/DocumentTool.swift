import Engine

/// Which part of which document a language model wants to read.
struct DocumentToolObject: RequestObject {
    static let byteCountDefault = 32_768

    /// From what holds any character to what fills a model's window.
    static let byteCounts = 256...262_144

    var document: String
    var lineStart: Int?
    var lineEnd: Int?
    var byteStart: Int?
    var byteEnd: Int?
    var byteCountMax: Int?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case document
        case lineStart = "line_start"
        case lineEnd = "line_end"
        case byteStart = "byte_start"
        case byteEnd = "byte_end"
        case byteCountMax = "max_bytes"
    }

    /// - Throws: `ServerError.fieldInvalid`.
    func range() throws(ServerError) -> ExcerptRange {
        let (hasLines, hasBytes) = (lineStart != nil || lineEnd != nil, byteStart != nil || byteEnd != nil)
        guard !hasLines || !hasBytes else {
            throw .fieldInvalid(pointer: "/byte_start", expected: "lines or bytes, not both")
        }
        if hasLines {
            let start = try Self.checked(lineStart ?? 1, "/line_start", atLeast: 1)
            return .lines(start...(try Self.checked(lineEnd ?? .max, "/line_end", atLeast: start)))
        }
        let start = try Self.checked(byteStart ?? 0, "/byte_start", atLeast: 0)
        return .bytes(start..<(try Self.checked(byteEnd ?? .max, "/byte_end", atLeast: start)))
    }

    /// - Throws: `ServerError.fieldInvalid`.
    func bound() throws(ServerError) -> Int {
        let found = byteCountMax ?? Self.byteCountDefault
        guard Self.byteCounts.contains(found) else {
            throw .fieldInvalid(
                pointer: "/max_bytes",
                expected: "\(Self.byteCounts.lowerBound) to \(Self.byteCounts.upperBound), found \(found)")
        }
        return found
    }

    private static func checked(
        _ found: Int, _ pointer: String, atLeast least: Int
    ) throws(ServerError) -> Int {
        guard found >= least else {
            throw .fieldInvalid(pointer: pointer, expected: "\(least) or more, found \(found)")
        }
        return found
    }

    static let schemaName = "DocumentTool"
    static let fields = [
        Field(
            "document", .string("The document's path or id, as a citation has it."),
            example: "handbook/power.md"),
        Field("line_start", .integer("First line wanted, from 1.", 1...Int.max), isRequired: false),
        Field(
            "line_end", .integer("Last line wanted; the last there is if absent.", 1...Int.max),
            isRequired: false),
        Field(
            "byte_start", .integer("In place of lines: first byte wanted, from 0.", 0...Int.max),
            isRequired: false),
        Field("byte_end", .integer("One past the last byte wanted.", 0...Int.max), isRequired: false),
        Field(
            "max_bytes", .integer("At which the text is cut; \(byteCountDefault) if absent.", byteCounts),
            isRequired: false),
    ]
}

/// A part of a document, for a language model.
struct ExcerptObject: Encodable, Sendable, APIObject {
    var document: String
    var path: String
    var title: String?
    var mediaType: String
    var version: Int
    var sha256: String
    var rendition: String?
    var text: String
    var lineStart: Int?
    var lineEnd: Int?
    var lineCount: Int
    var byteStart: Int
    var byteEnd: Int
    var byteCount: Int
    var truncated: Bool
    var nextByteStart: Int?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case document, path, title, version, sha256, rendition, text, truncated
        case mediaType = "media_type"
        case lineStart = "line_start"
        case lineEnd = "line_end"
        case lineCount = "line_count"
        case byteStart = "byte_start"
        case byteEnd = "byte_end"
        case byteCount = "byte_count"
        case nextByteStart = "next_byte_start"
    }

    init(_ excerpt: DocumentExcerpt) {
        let summary = excerpt.document
        (document, path, title) = (summary.id, summary.path, summary.title)
        (mediaType, version) = (summary.mediaType, summary.version)
        (sha256, rendition) = (summary.sha256, summary.renditionSHA256)
        text = excerpt.text
        (lineStart, lineEnd) = (excerpt.lineRange?.lowerBound, excerpt.lineRange?.upperBound)
        lineCount = excerpt.lineCount
        (byteStart, byteEnd) = (excerpt.byteRange.lowerBound, excerpt.byteRange.upperBound)
        byteCount = excerpt.byteCount
        truncated = excerpt.isCut
        nextByteStart = excerpt.isCut ? excerpt.byteRange.upperBound : nil
    }

    static let schemaName = "Excerpt"
    static let fields = [
        Field("document", .string("The document's id.")),
        Field("path", .string("The document's path.")),
        Field("title", .string("The document's title."), isRequired: false),
        Field("media_type", .string("Of the original.")),
        Field("version", .integer("The document's version.", 1...Int.max)),
        Field("sha256", .string("Of the original's bytes.", characters: 64...64)),
        Field(
            "rendition",
            .string(
                """
                sha256 of the text that the original was turned into, of which all ranges are; absent where the \
                original is text.
                """,
                characters: 64...64),
            isRequired: false),
        Field("text", .string("What stands there.")),
        Field(
            "line_start", .integer("First line of the text; absent where there is none.", 1...Int.max),
            isRequired: false),
        Field("line_end", .integer("Last line of the text.", 1...Int.max), isRequired: false),
        Field("line_count", .integer("Lines of the whole document.", 0...Int.max)),
        Field("byte_start", .integer("First byte of the text.", 0...Int.max)),
        Field("byte_end", .integer("One past its last byte.", 0...Int.max)),
        Field("byte_count", .integer("Bytes of the whole document.", 0...Int.max)),
        Field("truncated", .boolean("Whether the text was cut before the end of what was wanted.")),
        Field("next_byte_start", .integer("Where to go on, if it was cut.", 1...Int.max), isRequired: false),
    ]
}

/// Reads documents.
enum DocumentTool {
    static let tool = MCPTool(
        name: "get_document", title: "Read a document",
        description: """
            Reads a document, or part of it: the text that passages are cut from (of a PDF, Word file or web page, \
            what it was turned into). Use it to read on around a passage that search found: give its path and some \
            lines before and after. Without a range it begins at the beginning. The text is cut at max_bytes \
            (\(DocumentToolObject.byteCountDefault) unless told, up to \(DocumentToolObject.byteCounts.upperBound)); \
            truncated says so, and byte_start = next_byte_start goes on. Cite by path and lines. It finds nothing by \
            content: that is what search is for.
            """,
        input: DocumentToolObject.fields, output: ExcerptObject.schema,
        aliases: [
            "document_id": "document", "path": "document", "id": "document", "doc": "document",
            "file": "document",
            "filename": "document", "file_path": "document", "start_line": "line_start",
            "from_line": "line_start",
            "end_line": "line_end", "to_line": "line_end", "offset": "byte_start", "start_byte": "byte_start",
            "next_byte_start": "byte_start", "end_byte": "byte_end", "limit": "max_bytes",
            "max_length": "max_bytes",
        ],
        run: run)

    @Sendable private static func run(
        _ arguments: PlainValue, _ engine: Engine, _ scope: WorkspaceScope
    ) async throws -> MCPTool.Outcome {
        let object = try DocumentToolObject(arguments: arguments)
        let reference = try DocumentReference(object.document)
        let (range, bound) = (try object.range(), try object.bound())
        let excerpt = try await engine.withLibrary {
            try $0.excerpt(range, of: reference, upTo: bound, in: scope)
        }
        let found = ExcerptObject(excerpt)
        return MCPTool.Outcome(text: text(of: found), structured: found)
    }

    private static func text(of found: ExcerptObject) -> String {
        let title = found.title.map { " – \($0)" } ?? ""
        guard let first = found.lineStart, let last = found.lineEnd else {
            let size = "\(found.lineCount) lines, \(found.byteCount) bytes"
            return "\(found.path)\(title): nothing stands there; it has \(size)."
        }
        let head =
            "\(found.path)\(title), lines \(first)–\(last) of \(found.lineCount), version \(found.version)"
        let rest =
            found.nextByteStart.map { "\n\nCut here. Go on with byte_start \($0) of \(found.byteCount)." }
            ?? ""
        return head + "\n\n" + found.text + rest
    }
}
