import ArgumentParser
import Engine
import Foundation

struct SearchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: "Finds the passages of a workspace that answer a question.",
        discussion: """
            Each passage comes with its file and lines, and how near it is to the question (1 is the same meaning, 0 \
            is unrelated).

            Example:
              carrel search 'how do I reset the heat pump?' --workspace handbook --limit 3
            """)

    @Argument(help: "The question, in words.")
    var query: String

    @Option(name: [.short, .long], help: "The workspace's name.", completion: .workspaces)
    var workspace: String

    @Option(name: [.short, .long], help: "How many passages at the most, from 1 to 1000.")
    var limit = SearchRequest.limitDefault

    @Option(
        help: ArgumentHelp(
            "The share of the truly nearest passages to find on average, up to 1, which compares all.",
            valueName: "share"))
    var recallTarget = SearchRequest.recallTargetDefault

    @Option(
        help: ArgumentHelp(
            "How many inverted lists to look through, in place of what the recall target asks for.",
            valueName: "lists"))
    var nprobe: Int?

    @Flag(help: "Print JSON, for machines.")
    var json = false

    @OptionGroup var options: EngineOptions

    func run() async throws {
        try await CommandError.reported {
            let engine = try await options.makeEngine()
            let scope = try engine.library.operatorScope(forWorkspace: workspace)
            let request = SearchRequest(
                query: query, limit: limit, recallTarget: recallTarget, nprobe: nprobe)
            let response = try await engine.search(request, in: scope)
            try await engine.close()
            if json {
                Terminal.print(try Terminal.json(SearchOutput(response)))
            } else {
                printPassages(response)
            }
        }
    }

    private func printPassages(_ response: SearchResponse) {
        guard !response.hits.isEmpty else {
            Terminal.print(
                "Nothing found: the workspace holds \(Figure.count(response.searched.committed, "passage")).")
            return
        }
        for hit in response.hits {
            let score = String(format: "%.3f", hit.similarity)
            let place = Terminal.harmless(Self.place(of: hit.citation))
            Terminal.print("\(Terminal.bold("\(hit.rank). \(place)"))  \(Terminal.dim(score))")
            if !hit.citation.headingPath.isEmpty {
                Terminal.print(
                    "   " + Terminal.dim(Terminal.harmless(hit.citation.headingPath.joined(separator: " › ")))
                )
            }
            for line in hit.text.split(separator: "\n", omittingEmptySubsequences: false) {
                Terminal.print("   │ \(Terminal.harmless(String(line)))")
            }
            Terminal.print("")
        }
        let searched = response.searched
        Terminal.print(
            Terminal.dim(
                """
                \(Figure.count(searched.sealed + searched.tail, "passage")) of \(searched.committed) searched; \
                recall \(String(format: "%.2f", response.expectedRecall)) expected; \
                embedding \(Figure.milliseconds(response.timings.embedding)) ms, \
                index \(Figure.milliseconds(response.timings.index)) ms
                """))
    }

    /// The original as an editor opens it: `path:line`, seen from here where it lies under here.
    static func place(of citation: Citation) -> String {
        var path = citation.path
        if let origin = citation.origin, FileManager.default.fileExists(atPath: origin) {
            let here = FileManager.default.currentDirectoryPath + "/"
            path = origin.hasPrefix(here) ? String(origin.dropFirst(here.count)) : origin
        }
        let lines = citation.lineRange
        return lines.count == 1
            ? "\(path):\(lines.lowerBound)" : "\(path):\(lines.lowerBound)-\(lines.upperBound)"
    }
}

/// A response as JSON. The names are the command's promise to scripts.
struct SearchOutput: Encodable {
    struct Hit: Encodable {
        var rank: Int
        var score: Float
        var text: String
        var citation: CitationOutput
    }

    struct Searched: Encodable {
        var committed: Int
        var sealed: Int
        var tail: Int
        var complete: Bool
    }

    struct Probed: Encodable {
        var lists: Int
        var rows: Int
        var reranked: Int
    }

    var hits: [Hit]
    var model: ModelOutput?
    var searched: Searched
    var expectedRecall: Double
    var probed: Probed
    var snapshot: Int64
    var timings: [String: Double]

    enum CodingKeys: String, CodingKey {
        case hits, model, searched, probed, snapshot, timings
        case expectedRecall = "expected_recall"
    }

    init(_ response: SearchResponse) {
        hits = response.hits.map {
            Hit(rank: $0.rank, score: $0.similarity, text: $0.text, citation: CitationOutput($0.citation))
        }
        model = response.model.map { ModelOutput($0) }
        let searched = response.searched
        self.searched = Searched(
            committed: searched.committed, sealed: searched.sealed, tail: searched.tail,
            complete: searched.isComplete)
        expectedRecall = response.expectedRecall
        probed = Probed(
            lists: response.probed.listCount, rows: response.probed.rowCount,
            reranked: response.probed.rerankedRowCount)
        snapshot = response.snapshotSequence
        timings = [
            "embedding_ms": Figure.milliseconds(response.timings.embedding),
            "index_ms": Figure.milliseconds(response.timings.index),
            "passages_ms": Figure.milliseconds(response.timings.passages),
        ]
    }
}

/// What made vectors, as JSON.
struct ModelOutput: Encodable {
    var id: String
    var revision: String
    var precision: String
    var dimension: Int

    init(_ model: ModelDescription) {
        id = model.id
        revision = model.revision
        precision = model.precision
        dimension = model.dimension
    }
}

/// A citation as JSON.
struct CitationOutput: Encodable {
    var document: String
    var path: String
    var origin: String?
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

    enum CodingKeys: String, CodingKey {
        case document, path, origin, title, version, chunk, headings, sha256, page, rendition
        case byteStart = "byte_start"
        case byteEnd = "byte_end"
        case lineStart = "line_start"
        case lineEnd = "line_end"
    }

    init(_ citation: Citation) {
        document = citation.documentID
        path = citation.path
        origin = citation.origin
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
}
