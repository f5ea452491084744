/// An embedder whose tokens are known here: a model that runs in this process.
///
/// Whoever counts, bounds or bills by the token needs the tokens themselves, once, and then the vectors of just
/// these. A text goes through `tokens(of:as:tokensMax:)`, somebody else's token ids through
/// `tokens(framing:as:)`, and both through `embed(_:inBackground:)`.
package protocol TokenEmbedder: Embedder {
    /// Token ids are 0 to this, less one.
    var vocabularyCount: Int { get }

    /// What the model reads of `text` in this role: its prefix and special tokens included. A literal `[SEP]` in
    /// the text stays the characters it is made of.
    ///
    /// - Parameter tokensMax: at most so many, 2 or more; what is beyond is cut off.
    func tokens(of text: String, as role: EmbeddingRole, tokensMax: Int) -> [Int32]

    /// What the model reads of token ids that somebody else made with its vocabulary: as they are where the special
    /// tokens stand around them already, else with prefix and special tokens put around them.
    func tokens(framing ids: [Int32], as role: EmbeddingRole) -> [Int32]

    /// Embeds what the two others gave: one unit-length row for each sequence, in order.
    ///
    /// - Parameters:
    ///   - sequences: each of 1 to `windowTokens` ids below `vocabularyCount`.
    ///   - inBackground: whether questions go before it.
    /// - Throws: `CancellationError` when the calling task was cancelled.
    func embed(_ sequences: [[Int32]], inBackground: Bool) async throws -> EmbeddingMatrix
}
