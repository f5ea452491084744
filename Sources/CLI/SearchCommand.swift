import ArgumentParser
import Engine
import Foundation

struct SearchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: "Finds the passages of a workspace that answer a question.",
        discussion: """
            Each passage comes with its file and lines, its score, and how likely it is of use at all (0 to 1). "Words \
            in quotes" must stand together, -word must not be there, and word* finds every word that begins so.

            Example:
              carrel search 'how do I reset the heat pump?' --workspace handbook --limit 3
              carrel search '"error 4711" -pump' --workspace handbook --mode keyword
              carrel search 'who signs invoices?' -w handbook --where 'year>=2024' --where 'team=office'
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

    @Option(help: "What is compared: vectors, words (keyword), or both (hybrid).")
    var mode = SearchMode.hybrid

    @Option(help: ArgumentHelp("Relevance below which a passage is not shown, 0 to 1.", valueName: "share"))
    var minScore: Double?

    @Option(
        help: ArgumentHelp(
            "How much a passage that repeats a better one is put back, 0 to 1.", valueName: "share"))
    var diversity = 0.0

    @OptionGroup var filter: SearchFilterOptions

    @Flag(help: "Show passages in nearly the same words once.")
    var collapseDuplicates = false

    @Flag(help: "Have the reranker decide the order of the best.")
    var rerank = false

    @Flag(help: "Print how each passage came to its score.")
    var receipts = false

    @Flag(help: "Print JSON, for machines.")
    var json = false

    @OptionGroup var reranker: RerankerOptions

    @OptionGroup var options: EngineOptions

    func run() async throws {
        try await CommandError.reported {
            let engine = try await options.makeEngine(adding: reranker.flags, reranks: rerank)
            let scope = try engine.library.operatorScope(forWorkspace: workspace)
            var request = SearchRequest(
                query: query, limit: limit, recallTarget: recallTarget, nprobe: nprobe, mode: mode)
            request.filter = try filter.documentFilter()
            request.minScore = minScore
            request.diversity = diversity
            request.collapsesDuplicates = collapseDuplicates
            if rerank { request.rerankDepth = SearchRequest.rerankDepthDefault }
            let response = try await engine.search(request, in: scope)
            try await engine.close()
            if json {
                Terminal.print(try Terminal.json(SearchOutput(response)))
            } else {
                printPassages(response)
                if case .failed(let reason) = response.reranking {
                    Terminal.printError(
                        "the order is the search's own, for the reranker failed: \(Terminal.harmless(reason))"
                    )
                }
            }
        }
    }

    private func printPassages(_ response: SearchResponse) {
        if response.hits.isEmpty, let minScore, response.matched?.documentCount != 0 {
            let searched = Figure.count(response.searched.committed, "passage")
            Terminal.print(
                "Nothing found: of \(searched) none is as relevant as --min-score \(minScore) wants.")
            return
        }
        if response.hits.isEmpty, let matched = response.matched {
            Terminal.print(
                "Nothing found: \(Figure.count(matched.documentCount, "document")) of the workspace match.")
            return
        }
        guard !response.hits.isEmpty else {
            Terminal.print(
                "Nothing found: the workspace holds \(Figure.count(response.searched.committed, "passage")).")
            return
        }
        for hit in response.hits {
            let score = String(format: "%.3f (%.2f)", hit.score, hit.relevance)
            let place = Terminal.harmless(Self.place(of: hit.citation))
            Terminal.print("\(Terminal.bold("\(hit.rank). \(place)"))  \(Terminal.dim(score))")
            if !hit.citation.headingPath.isEmpty {
                Terminal.print(
                    "   " + Terminal.dim(Terminal.harmless(hit.citation.headingPath.joined(separator: " › ")))
                )
            }
            if receipts {
                for line in Self.account(of: hit) {
                    Terminal.print("   " + Terminal.dim(Terminal.harmless(line)))
                }
            }
            for line in hit.text.split(separator: "\n", omittingEmptySubsequences: false) {
                Terminal.print("   │ \(Terminal.harmless(String(line)))")
            }
            Terminal.print("")
        }
        let searched = response.searched
        if let matched = response.matched {
            let passages = matched.rowCount.map { " with \(Figure.count($0, "passage"))" } ?? ""
            Terminal.print(
                Terminal.dim("\(Figure.count(matched.documentCount, "document"))\(passages) match"))
        }
        Terminal.print(
            Terminal.dim(
                """
                \(Figure.count(searched.sealed + searched.tail, "passage")) of \(searched.committed) searched; \
                recall \(String(format: "%.2f", response.expectedRecall)) expected; \
                embedding \(Figure.milliseconds(response.timings.embedding)) ms, \
                index \(Figure.milliseconds(response.timings.index)) ms
                """))
    }

    /// How a hit came to its score, a side and a word a line.
    static func account(of hit: SearchHit) -> [String] {
        let parts = hit.receipt.parts.map { part in
            let rank = part.rank.map { "rank \($0)" } ?? "no candidate"
            return String(
                format: "%@ %.4f, %@: %.3f × %.4f = %.4f", part.side.rawValue, part.value, rank, part.weight,
                part.share, part.contribution)
        }
        return parts
            + hit.receipt.words.map { word in
                String(
                    format: "  %@ × %g in %d passages: %.4f", word.word, word.frequency,
                    word.documentFrequency, word.score)
            }
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

extension SearchMode: ExpressibleByArgument {}
