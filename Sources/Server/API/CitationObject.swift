import Engine

/// Where a passage stands, exactly enough to check it.
struct CitationObject: Encodable, Sendable, APIObject {
    var document: String
    var path: String
    var title: String?
    var version: Int
    var chunk: String
    var byteStart: Int
    var byteEnd: Int
    var lineStart: Int
    var lineEnd: Int
    var headings: [String]
    var sha256: String
    var page: Int?
    var rendition: String?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case document, path, title, version, chunk, headings, sha256, page, rendition
        case byteStart = "byte_start"
        case byteEnd = "byte_end"
        case lineStart = "line_start"
        case lineEnd = "line_end"
    }

    /// Where the operator's own files are (`Citation.origin`) is left out: it is not the key holder's to know.
    init(_ citation: Citation) {
        document = citation.documentID
        path = citation.path
        title = citation.title
        version = citation.version
        chunk = citation.chunkID
        byteStart = citation.byteRange.lowerBound
        byteEnd = citation.byteRange.upperBound
        lineStart = citation.lineRange.lowerBound
        lineEnd = citation.lineRange.upperBound
        headings = citation.headingPath
        sha256 = citation.sha256
        page = citation.page
        rendition = citation.rendition
    }

    static let schemaName = "Citation"
    static let fields = [
        Field("document", .string("The document's id.")),
        Field("path", .string("The document's path."), example: "handbook/power.md"),
        Field("title", .string("The document's title."), isRequired: false),
        Field("version", .integer("The document's version.", 1...Int.max)),
        Field("chunk", .string("The passage's id.")),
        Field("byte_start", .integer("First byte, from 0, in the original or its rendition.", 0...Int.max)),
        Field("byte_end", .integer("One past the last byte.", 0...Int.max)),
        Field("line_start", .integer("First line, from 1.", 1...Int.max)),
        Field("line_end", .integer("Last line.", 1...Int.max)),
        Field("headings", .array("The headings above it, outermost first.", .string(""))),
        Field("sha256", .string("Of the bytes in this range.", characters: 64...64)),
        Field(
            "page", .integer("Where there are pages: the one on which it begins.", 1...Int.max),
            isRequired: false),
        Field(
            "rendition",
            .string(
                "sha256 of the rendition that the ranges are of; absent where they are of the original.",
                characters: 64...64),
            isRequired: false),
    ]
}
