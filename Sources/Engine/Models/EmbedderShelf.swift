package import Embedding
import Synchronization

/// Where the engine gets its embedders: the standard one, for workspaces that have no vectors yet, and for every other
/// workspace the one that made its vectors.
///
/// What was loaded is kept, a few at a time. All verbs block while a model is being loaded, those who want the same
/// one together; run them on the pool.
package final class EmbedderShelf: Sendable {
    /// Models kept beside the standard one. Each has about as much memory as its weights have bytes, from 23 MB to
    /// some hundreds; more than this many at once in one process is rare, and loading one again takes a moment.
    private static let keptMax = 4

    /// Spaces remembered as prepared. There are never so many; past it some are prepared once more.
    private static let preparedMax = 64

    private let makeStandard: @Sendable () throws -> any Embedder
    private let find: @Sendable (EmbeddingSpace) throws -> (any Embedder)?

    /// Whether the standard one was asked for, so that a workspace is refused for not having it.
    private let isAskedFor: Bool
    private let standardPlace = Place()
    private let places = Mutex(Places(countMax: keptMax))
    private let prepared = Mutex<Set<EmbeddingSpace>>([])

    /// One embedder for everything: a workspace of another one is refused.
    ///
    /// - Parameter find: one that is as good for a space: what was asked for names both.
    package init(
        only makeStandard: @escaping @Sendable () throws -> any Embedder,
        or find: @escaping @Sendable (EmbeddingSpace) throws -> (any Embedder)? = { _ in nil }
    ) {
        (self.makeStandard, self.find, isAskedFor) = (makeStandard, find, true)
    }

    /// An embedder for every workspace.
    ///
    /// - Parameters:
    ///   - makeStandard: called when it is first wanted.
    ///   - find: the embedder of a space; nil if there is none. One of another space (the same model, in another
    ///     revision) counts as none. Asked again each time one that was not found is wanted.
    package init(
        standard makeStandard: @escaping @Sendable () throws -> any Embedder,
        finding find: @escaping @Sendable (EmbeddingSpace) throws -> (any Embedder)?
    ) {
        (self.makeStandard, self.find, isAskedFor) = (makeStandard, find, false)
    }

    /// The embedder of workspaces that have no vectors yet.
    package func standard() throws -> any Embedder {
        try standardPlace.embedder {
            let made = try makeStandard()
            // It may be here already, for a workspace that has vectors.
            return places.withLock { $0.held(made.space) } ?? made
        }
    }

    /// What has been used of an embedder that is paid for; of such there is one at most in a process.
    package var spend: EmbeddingSpend? {
        let held = [standardPlace.held].compactMap(\.self) + places.withLock { $0.allHeld }
        return held.lazy.compactMap(\.spend).first
    }

    /// The embedder that makes a space's vectors.
    ///
    /// - Parameter workspace: whose space it is, for the message.
    /// - Throws: `EngineError.spaceMismatch` if there is none; what loading it throws.
    package func embedder(of space: EmbeddingSpace, for workspace: String) throws -> any Embedder {
        if let standard = standardPlace.held, standard.space == space { return standard }
        if isAskedFor, try standard().space == space { return try standard() }
        let place = places.withLock { $0.place(of: space) }
        let found = try place.found {
            let found = try find(space)
            return found?.space == space ? found : nil
        }
        if let found { return found }
        if isAskedFor {
            throw EngineError.spaceMismatch(
                workspace: workspace, expected: space, found: try standard().space)
        }
        // That the standard one cannot be loaded is no news here: it was not asked for.
        if let standard = try? standard(), standard.space == space { return standard }
        throw EngineError.spaceMismatch(workspace: workspace, expected: space, found: nil)
    }

    /// Whether an embedder is to be loaded before it is wanted: true once for each space. Blocks nobody.
    func beginsPreparing(_ space: EmbeddingSpace) -> Bool {
        prepared.withLock { prepared in
            if prepared.count >= Self.preparedMax { prepared = [] }
            return prepared.insert(space).inserted
        }
    }
}

/// Where one embedder is, or will be.
private final class Place: Sendable {
    private let embedder = Mutex<(any Embedder)?>(nil)

    /// Nil while there is none.
    var held: (any Embedder)? { embedder.withLock { $0 } }

    /// - Parameter make: called if there is none yet; if it throws, the next one tries again.
    func embedder(_ make: () throws -> any Embedder) throws -> any Embedder {
        try embedder.withLock { held in
            if let held { return held }
            let made = try make()
            held = made
            return made
        }
    }

    func found(_ find: () throws -> (any Embedder)?) throws -> (any Embedder)? {
        try embedder.withLock { held in
            if held == nil { held = try find() }
            return held
        }
    }
}

/// Embedders by their spaces, least recently used first out. Whoever still uses the one that has to go keeps it.
private struct Places: Sendable {
    private let countMax: Int
    private var bySpace: [EmbeddingSpace: (place: Place, lastUse: Int)] = [:]
    private var useCount = 0

    init(countMax: Int) {
        self.countMax = countMax
    }

    func held(_ space: EmbeddingSpace) -> (any Embedder)? {
        bySpace[space]?.place.held
    }

    var allHeld: [any Embedder] { bySpace.values.compactMap(\.place.held) }

    mutating func place(of space: EmbeddingSpace) -> Place {
        useCount += 1
        if bySpace[space] == nil, bySpace.count >= countMax,
            let oldest = bySpace.min(by: { $0.value.lastUse < $1.value.lastUse })
        {
            bySpace[oldest.key] = nil
        }
        let place = bySpace[space]?.place ?? Place()
        bySpace[space] = (place, useCount)
        return place
    }
}
