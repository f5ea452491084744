/// The kinds of document this module can read, by their registered names.
package enum MediaType: String, Sendable, CaseIterable, Codable {
    case markdown = "text/markdown"
    case plainText = "text/plain"
    case html = "text/html"
    case pdf = "application/pdf"
    case docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    case epub = "application/epub+zip"
    case csv = "text/csv"
    case tsv = "text/tab-separated-values"
    case json = "application/json"
    case jsonLines = "application/x-ndjson"
    case sourceCode = "text/x-source"

    /// The type a file name's extension announces, ignoring case; nil for a name that announces none of ours.
    package static func inferred(fromFileName name: String) -> MediaType? {
        let base = name.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        guard let dot = base.lastIndex(of: "."), dot != base.startIndex else { return nil }
        return byExtension[base[base.index(after: dot)...].lowercased()]
    }

    /// What a file's name may end in, in the order of the types, without the dot.
    package static let fileExtensions = names.flatMap { $0.extensions }

    /// What a person calls it.
    package var formatName: String {
        switch self {
        case .markdown: "Markdown"
        case .plainText: "plain text"
        case .html: "HTML"
        case .pdf: "PDF"
        case .docx: "Word (.docx)"
        case .epub: "EPUB"
        case .csv: "CSV"
        case .tsv: "TSV"
        case .json: "JSON"
        case .jsonLines: "JSON Lines"
        case .sourceCode: "source code"
        }
    }

    /// Whether the bytes themselves are what passages are cut from. The others are turned into a `Rendition` first.
    package var isText: Bool {
        switch self {
        case .markdown, .plainText, .csv, .tsv, .json, .jsonLines, .sourceCode: true
        case .html, .pdf, .docx, .epub: false
        }
    }

    private static let names: [(type: MediaType, extensions: [String])] = [
        (.markdown, ["md", "markdown"]), (.plainText, ["txt", "text"]), (.html, ["html", "htm", "xhtml"]),
        (.pdf, ["pdf"]), (.docx, ["docx"]), (.epub, ["epub"]), (.csv, ["csv"]), (.tsv, ["tsv", "tab"]),
        (.json, ["json"]), (.jsonLines, ["jsonl", "ndjson"]),
        (
            .sourceCode,
            [
                "swift", "c", "h", "cc", "cpp", "cxx", "hpp", "m", "mm", "cs", "java", "kt", "kts", "scala",
                "go", "rs", "zig", "py", "rb", "php", "pl", "lua", "r", "jl", "js", "mjs", "jsx", "ts", "tsx",
                "sh", "bash", "zsh", "fish", "sql", "css", "scss", "hs", "ml", "ex", "exs", "erl", "clj",
                "el", "lisp", "vim", "cmake", "proto", "tf", "yaml", "yml", "toml",
            ]
        ),
    ]

    private static let byExtension = Dictionary(
        uniqueKeysWithValues: names.flatMap { entry in entry.extensions.map { ($0, entry.type) } })
}
