import Engine

/// A question of a language model whose answer is to be one text.
struct ContextToolObject: RequestObject {
    let context: ContextObject

    enum CodingKeys: String, CodingKey, CaseIterable {
        case query, filter, limit, mode, language
        case tokenBudget = "token_budget"
        case minScore = "min_score"
        case asOf = "as_of"
    }

    init(from decoder: any Decoder) throws {
        context = try ContextObject(from: decoder)
    }

    static let schemaName = "ContextTool"
    static let fields =
        SearchToolObject.fields.named(["query"])
        + ContextObject.fields.named(["token_budget"])
        + [
            Field(
                "limit",
                .integer(
                    "Passages to choose from; \(ContextRequest.limitDefault) if absent.",
                    1...SearchRequest.limitMax),
                isRequired: false),
            SearchToolObject.filterField,
        ] + SearchObject.fields.named(["mode", "min_score", "language", "as_of"])
}

/// Puts passages into one text.
enum ContextTool {
    static let tool = MCPTool(
        name: "context", title: "Gather what the documents say",
        description: """
            Puts the passages that answer a question into one text of at most token_budget tokens \
            (\(ContextRequest.tokenBudgetDefault) unless told, \(ContextRequest.tokenBudgetBounds.lowerBound) to \
            \(ContextRequest.tokenBudgetBounds.upperBound)): best first, repetitions left out, neighbouring passages \
            joined, each numbered under a line that says its path, lines, page and headings. Use it to answer one \
            question in one step; use search to look through what there is. Cite by the numbers [1], [2] and say path \
            and lines of those that you use; sources has the exact citations.
            """,
        input: ContextToolObject.fields, output: ContextResultObject.schema,
        aliases: MCPTools.questionAliases.merging(MCPTools.limitAliases) { own, _ in own }
            .merging([
                "budget": "token_budget", "max_tokens": "token_budget", "tokens": "token_budget",
                "token_limit": "token_budget", "threshold": "min_score", "score_threshold": "min_score",
                "lang": "language", "search_mode": "mode",
            ]) { own, _ in own },
        run: run)

    @Sendable private static func run(
        _ arguments: PlainValue, _ engine: Engine, _ scope: WorkspaceScope
    ) async throws -> MCPTool.Outcome {
        let request = try ContextToolObject(arguments: arguments).context.request()
        let block = try await engine.context(request, in: scope)
        return MCPTool.Outcome(text: text(of: block), structured: ContextResultObject(block))
    }

    private static func text(of block: ContextBlock) -> String {
        guard block.omittedCount > 0 else {
            return block.sources.isEmpty ? SearchTool.nothingFound : block.text
        }
        let rest = "\(block.omittedCount) more passages found no room: raise token_budget to see them."
        return block.sources.isEmpty ? rest : block.text + "\n\n" + rest
    }
}
