import Embedding
import Synchronization
import TestSupport

/// An embedder during whose calls something else happens.
final class HookedEmbedder: Embedder {
    let base: WordHashEmbedder
    private let role: EmbeddingRole
    private let hook: Mutex<(@Sendable (Int) async throws -> Void)?> = Mutex(nil)
    private let calls = Mutex(0)

    /// - Parameter role: of the calls that count.
    init(_ base: WordHashEmbedder, role: EmbeddingRole) {
        self.base = base
        self.role = role
    }

    /// Called in every call that counts, before it is answered, with its number from 1.
    func during(_ hook: @escaping @Sendable (Int) async throws -> Void) {
        self.hook.withLock { $0 = hook }
    }

    var space: EmbeddingSpace { base.space }
    var windowTokens: Int { base.windowTokens }
    var specialTokenCount: Int { base.specialTokenCount }

    func tokenCount(of text: String) -> Int {
        base.tokenCount(of: text)
    }

    func embed(_ texts: [String], as role: EmbeddingRole) async throws -> EmbeddingMatrix {
        let matrix = try await base.embed(texts, as: role)
        if role == self.role, let hook = hook.withLock({ $0 }) {
            let number = calls.withLock { calls in
                calls += 1
                return calls
            }
            try await hook(number)
        }
        return matrix
    }
}
