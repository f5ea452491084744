import ArgumentParser
import Cloud

/// Flags of commands that search and may have a reranker decide.
struct RerankerOptions: ParsableArguments {
    @Option(
        help: """
            Use the reranking API at this URL: Cohere's, Jina's, a TEI's. Its key is read from CARREL_RERANKER_KEY, or \
            from the file that CARREL_RERANKER_KEY_FILE names. (environment: CARREL_RERANKER_URL)
            """)
    var rerankerURL: String?

    @Option(
        help: """
            The model's name at the reranking API; without a URL, a local model for reranking: a name of \
            'carrel models list', or a folder. (environment: CARREL_RERANKER_MODEL)
            """,
        completion: .directory)
    var rerankerModel: String?

    @Option(
        help: "What the reranking API is like: cohere, jina, tei. (default: told by its address)",
        completion: .list(RerankShape.allCases.map(\.rawValue)))
    var rerankerShape: String?

    var flags: [Setting: (flag: String, value: String)] {
        var flags: [Setting: (flag: String, value: String)] = [:]
        flags[.rerankerURL] = rerankerURL.map { ("--reranker-url", $0) }
        flags[.rerankerModel] = rerankerModel.map { ("--reranker-model", $0) }
        flags[.rerankerShape] = rerankerShape.map { ("--reranker-shape", $0) }
        return flags
    }
}
