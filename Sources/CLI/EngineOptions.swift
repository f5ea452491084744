import ArgumentParser
import Cloud
import Engine
import Foundation

/// Where the knowledge bases are. Flags of every command.
struct DataOptions: ParsableArguments {
    @Option(
        help: "Where the knowledge bases are kept. (environment: CARREL_DATA; default: ~/.carrel)",
        completion: .directory)
    var data: String?

    @Option(
        help: "A file of settings; see 'carrel config check'. (environment: CARREL_CONFIG)",
        completion: .file(extensions: ["yaml", "yml"]))
    var config: String?

    var flags: [Setting: (flag: String, value: String)] {
        data.map { [.data: ("--data", $0)] } ?? [:]
    }

    func settings() async throws -> Settings {
        try Settings(reading: await SettingsReader(flags: flags, file: config))
    }

    func makeLibrary() async throws -> Library {
        try await settings().makeLibrary()
    }
}

/// One workspace, for commands that need no embedder.
struct WorkspaceOptions: ParsableArguments {
    @Option(name: [.short, .long], help: "The workspace's name.", completion: .workspaces)
    var workspace: String

    @OptionGroup var data: DataOptions

    func open() async throws -> (library: Library, scope: WorkspaceScope) {
        let library = try await data.makeLibrary()
        return (library, try library.operatorScope(forWorkspace: workspace))
    }
}

/// Flags of every command that embeds.
struct EngineOptions: ParsableArguments {
    @OptionGroup var data: DataOptions

    @Option(
        help: """
            The local model: a name of 'carrel models list', or a folder. (environment: CARREL_MODEL; default: \
            all-minilm-l6-v2)
            """,
        completion: .directory)
    var model: String?

    @Option(
        help: """
            How the local model is computed for new workspaces: float32, int8, or auto, which is int8 where the \
            processor has AVX-512 VNNI and is more than three times as fast so. A workspace keeps to the one it has; \
            see 'carrel admin migrate'. (environment: CARREL_PRECISION; default: auto)
            """)
    var precision: String?

    @Option(
        name: [.customLong("embedder-url"), .customLong("embedder")],
        help: """
            Use the embeddings API at this URL. Its key is read from CARREL_EMBEDDER_KEY, or from the file that \
            CARREL_EMBEDDER_KEY_FILE names.
            """)
    var embedderURL: String?

    @Option(help: "The model's name at the embeddings API.")
    var embedderModel: String?

    @Option(help: "The dimension of the vectors the embeddings API returns.")
    var embedderDimension: Int?

    @Option(
        help: "What the embeddings API is like: openai, azure, cohere, voyage. (default: told by its host)",
        completion: .list(WireShape.allCases.map(\.rawValue)))
    var embedderShape: String?

    /// Whether a flag says which embedder is wanted. Then a workspace of another one is refused; else each is used with
    /// its own, whatever environment and file say of new ones.
    var namesEmbedder: Bool {
        [model, precision.flatMap { $0 == Setting.automatic ? nil : $0 }, embedderURL, embedderModel]
            .contains { $0 != nil } || embedderDimension != nil
    }

    /// - Parameter more: flags of the command's own.
    func reader(
        adding more: [Setting: (flag: String, value: String)] = [:]
    ) async throws -> SettingsReader {
        var flags = data.flags.merging(more) { $1 }
        flags[.model] = model.map { ("--model", $0) }
        flags[.precision] = precision.map { ("--precision", $0) }
        flags[.embedderURL] = embedderURL.map { ("--embedder-url", $0) }
        flags[.embedderModel] = embedderModel.map { ("--embedder-model", $0) }
        flags[.embedderDimension] = embedderDimension.map { ("--embedder-dimension", String($0)) }
        flags[.embedderShape] = embedderShape.map { ("--embedder-shape", $0) }
        return try await SettingsReader(flags: flags, file: data.config)
    }

    /// - Parameters:
    ///   - dataDirectory: instead of the one that is configured.
    ///   - more: flags of the command's own.
    ///   - reranks: whether the reranker is wanted, if one is set up.
    func makeEngine(
        dataDirectory: URL? = nil, chunking: ChunkingPolicy = .standard,
        adding more: [Setting: (flag: String, value: String)] = [:], reranks: Bool = false
    ) async throws -> Engine {
        try Settings(reading: await reader(adding: more)).makeEngine(
            dataDirectory: dataDirectory, chunking: chunking, follows: !namesEmbedder, reranks: reranks)
    }
}

extension CompletionKind {
    /// The names of the workspaces there are, in the data directory of the environment.
    static var workspaces: CompletionKind {
        .custom { _, _, prefix in
            let settings = try? Settings(reading: await SettingsReader(flags: [:], file: nil))
            let names = try? settings?.makeLibrary().workspaces().map(\.name)
            return (names ?? []).filter { $0.hasPrefix(prefix) }
        }
    }
}
