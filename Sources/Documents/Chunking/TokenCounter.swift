/// Counts tokens as the embedder will, so that a chunk's size is known before it is embedded.
package protocol TokenCounter: Sendable {
    /// The tokens of `text`, without the special tokens that begin and end a sequence.
    func tokenCount(of text: String) -> Int
}
