/// Passages as one text for a language model, each with a number that its citation goes by.
package struct ContextBlock: Sendable, Hashable {
    package struct Source: Sendable, Hashable {
        /// As the text has it, from 1.
        package var number: Int

        /// Of the hits that stand under it, in the order in which they stand there.
        package var citations: [Citation]

        /// The best rank and relevance among them.
        package var rank: Int
        package var relevance: Double
    }

    package var text: String

    /// Of `text`, as `counting` says.
    package var tokenCount: Int
    package var tokenBudget: Int
    package var counting: TokenCounting
    package var sources: [Source]

    /// Hits for which there was no room, and hits that say what others say.
    package var omittedCount: Int
    package var duplicateCount: Int
    package var snapshotSequence: Int64
}

/// How tokens were counted.
package enum TokenCounting: Sendable, Hashable {
    /// By the tokenizer of the workspace's model. A language model's own count may be a tenth less or more.
    case model(String)

    /// As a quarter of the bytes, rounded up: no model was asked.
    case quarterOfBytes
}

/// What a context is to be.
package struct ContextRequest: Sendable, Hashable {
    /// `limit` hits at most are put in; duplicates are always collapsed.
    package var search: SearchRequest
    package var tokenBudget: Int

    package static let tokenBudgetDefault = 2_000

    /// Below it not even one passage fits; above it no model reads attentively.
    package static let tokenBudgetBounds = 64...100_000
    package static let limitDefault = 20

    package init(search: SearchRequest, tokenBudget: Int = tokenBudgetDefault) {
        self.search = search
        self.tokenBudget = tokenBudget
    }
}
