import Embedding
import Engine
import Foundation
import Kernels

extension Settings {
    /// - Parameter follows: each workspace with its own embedder, which is looked for when it is wanted, and new ones
    ///   with the one configured; else that one for all, in whichever precision a workspace has where none is named.
    func makeShelf(pool: ComputePool, follows: Bool) -> EmbedderShelf {
        guard follows else {
            return EmbedderShelf(
                only: { try makeEmbedder(pool: pool) },
                or: { try isOfModelNamed($0) ? embedder(of: $0, pool: pool) : nil })
        }
        return EmbedderShelf(
            standard: { try makeEmbedder(pool: pool) }, finding: { try embedder(of: $0, pool: pool) })
    }

    /// What the setting says; nil where it leaves that to processor and model.
    var namedPrecision: Precision? { text(.precision).flatMap { Precision(rawValue: $0) } }

    /// Whether the space is one of the model configured, and no precision is.
    private func isOfModelNamed(_ space: EmbeddingSpace) throws -> Bool {
        guard text(.embedderURL) == nil, namedPrecision == nil,
            let model = InstalledModel(directory: try modelDirectory())
        else { return false }
        return try model.description(hashing: false).id == space.model
    }

    /// The embedder that a workspace is to be moved to.
    ///
    /// - Parameter name: a model's name or folder, and perhaps a precision behind a colon; nil for the embedder
    ///   configured.
    /// - Throws: `CommandError.modelUnknown`; what loading it throws.
    func makeTarget(_ name: String?, pool: ComputePool) throws -> any Embedder {
        guard let name else { return try makeEmbedder(pool: pool) }
        let (model, named) = ModelName.parts(of: name)
        if let test = TestEmbedder(id: model) { return test }
        guard let found = model.contains("/") ? InstalledModel(directory: path(model)) : installedModel(model)
        else {
            throw CommandError.modelUnknown(name: model, searched: ModelLibrary.here().folders.map(\.path))
        }
        let precision = try named ?? namedPrecision ?? found.automaticPrecision()
        return try found.makeEmbedder(pool: pool, precision: precision)
    }

    /// Nil if it is neither the embeddings API configured nor a model that is here.
    private func embedder(of space: EmbeddingSpace, pool: ComputePool) throws -> (any Embedder)? {
        if text(.embedderURL) != nil {
            let remote = try makeEmbedder(pool: pool)
            if remote.space == space { return remote }
        }
        if let test = TestEmbedder(id: space.model) { return test }
        // A precision is followed by what its rounding is fitted to.
        let precision = Precision.allCases.first {
            space.precision == $0.rawValue || space.precision.hasPrefix($0.rawValue + "-")
        }
        guard let precision, let model = installedModel(space.model),
            try model.description(hashing: true).revision == space.revision
        else { return nil }
        return try model.makeEmbedder(pool: pool, precision: precision)
    }

    /// The model with this id: the one configured, if it is that, or one among the models that are here.
    private func installedModel(_ id: String) -> InstalledModel? {
        // An id comes from a workspace, and may be anybody's.
        guard !id.isEmpty, !id.hasPrefix("."), !id.contains("/") else { return nil }
        let configured = text(.model).flatMap { _ in try? modelDirectory() }.flatMap(InstalledModel.init)
        let named = try? ModelLibrary.here().model(named: id)
        return [configured, named].compactMap(\.self).first {
            $0.isInstalled && (try? $0.description(hashing: false))?.id == id
        }
    }
}

extension InstalledModel {
    /// For vectors that are not there yet.
    func automaticPrecision() throws -> Precision {
        .automatic(for: try description(hashing: false), in: directory)
    }

    /// A folder without model.json is described by its files, read through to know which weights they are.
    func makeEmbedder(pool: ComputePool, precision: Precision) throws -> LocalEmbedder {
        let derived = manifest == nil ? try description(hashing: true) : nil
        return try LocalEmbedder(
            modelDirectory: directory, manifest: derived, pool: pool, precision: precision,
            keepsPacked: true)
    }
}

/// A model and a precision as one word: `all-minilm-l6-v2:int8`.
enum ModelName {
    /// The whole is the model where what stands behind the last colon is no precision.
    static func parts(of text: String) -> (model: String, precision: Precision?) {
        guard let colon = text.lastIndex(of: ":"),
            let precision = Precision(rawValue: String(text[text.index(after: colon)...]))
        else { return (text, nil) }
        return (String(text[..<colon]), precision)
    }
}
