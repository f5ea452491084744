package import Foundation

/// The tokenizer of a model whose files lie here, without its weights in memory.
package struct LocalTokenizer: Sendable {
    /// Tokens the model sees of one text, special tokens included.
    package let windowTokens: Int
    package let specialTokenCount: Int
    private let tokenizer: any Tokenizer

    /// - Throws: `EmbeddingError`, any case but the two about texts.
    package init(modelDirectory: URL) throws(EmbeddingError) {
        let manifest = try ModelManifest.load(from: modelDirectory)
        windowTokens = manifest.windowTokens
        tokenizer = try Checkpoint(manifest, in: modelDirectory).tokenizer
        specialTokenCount = LocalEmbedder.specialTokenCount(manifest, tokenizer)
    }

    /// Tokens of `text` without special tokens and without any cut.
    package func tokenCount(of text: String) -> Int {
        tokenizer.tokenCount(of: text)
    }
}

/// An embedder on another machine that serves a model whose tokenizer lies here: passages are cut by the model's own
/// tokens, not by an estimate of them, so that none is larger than its window.
package struct LocallyCountedEmbedder: Embedder {
    private let remote: any Embedder
    private let tokenizer: LocalTokenizer

    package init(_ remote: any Embedder, by tokenizer: LocalTokenizer) {
        self.remote = remote
        self.tokenizer = tokenizer
    }

    package var space: EmbeddingSpace { remote.space }
    package var windowTokens: Int { tokenizer.windowTokens }
    package var specialTokenCount: Int { tokenizer.specialTokenCount }

    package func tokenCount(of text: String) -> Int {
        tokenizer.tokenCount(of: text)
    }

    package func embed(_ texts: [String], as role: EmbeddingRole) async throws -> EmbeddingMatrix {
        try await remote.embed(texts, as: role)
    }

    package func embed(
        _ texts: [String], as role: EmbeddingRole,
        deliver: @escaping @Sendable (EmbeddedPart) async throws -> Void
    ) async throws -> [TextRefusal] {
        try await remote.embed(texts, as: role, deliver: deliver)
    }

    package var languages: Set<String>? { remote.languages }
    package var cosineScale: CosineScale? { remote.cosineScale }
    package var callsAtOnce: Int { remote.callsAtOnce }
    package var textsAtOnce: Int { remote.textsAtOnce }
    package var spend: EmbeddingSpend? { remote.spend }
}
