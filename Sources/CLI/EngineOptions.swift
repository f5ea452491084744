import ArgumentParser
import Cloud
import Embedding
import Engine
import Foundation
import Kernels

/// Where the knowledge bases are.
struct DataOptions: ParsableArguments {
    @Option(help: "Where the knowledge bases are kept. (environment: CARREL_DATA; default: ~/.carrel)")
    var data: String?

    func makeLibrary() throws -> Library {
        try Library(configuration: EngineConfiguration(dataDirectory: directory))
    }

    var directory: URL {
        let named =
            data ?? ProcessInfo.processInfo.environment["CARREL_DATA"].flatMap { $0.isEmpty ? nil : $0 }
        let path = NSString(string: named ?? "~/.carrel").expandingTildeInPath
        return URL(filePath: path, directoryHint: .isDirectory)
    }
}

/// One workspace, for commands that need no embedder.
struct WorkspaceOptions: ParsableArguments {
    @Option(name: [.short, .long], help: "The workspace's name.")
    var workspace: String

    @OptionGroup var data: DataOptions

    func open() throws -> (library: Library, scope: WorkspaceScope) {
        let library = try data.makeLibrary()
        return (library, try library.operatorScope(forWorkspace: workspace))
    }
}

/// Flags of every command that embeds, and the engine they make.
struct EngineOptions: ParsableArguments {
    @OptionGroup var data: DataOptions

    @Option(help: "The folder of the local model. (environment: CARREL_MODEL; default: found beside carrel)")
    var model: String?

    @Option(
        help:
            "Use the OpenAI-compatible embeddings API at this URL. Its key is read from CARREL_EMBEDDER_KEY.")
    var embedderURL: String?

    @Option(help: "The model's name at the embeddings API.")
    var embedderModel: String?

    @Option(help: "The dimension of the vectors the embeddings API returns.")
    var embedderDimension: Int?

    func validate() throws {
        guard embedderURL != nil || (embedderModel == nil && embedderDimension == nil) else {
            throw ValidationError("--embedder-model and --embedder-dimension go with --embedder-url.")
        }
        guard embedderURL == nil || (embedderModel != nil && embedderDimension != nil) else {
            throw ValidationError("--embedder-url needs --embedder-model and --embedder-dimension.")
        }
    }

    /// - Parameter dataDirectory: instead of the one the flags name.
    func makeEngine(
        dataDirectory: URL? = nil, chunking: ChunkingPolicy = .standard
    ) throws -> Engine {
        let pool = ComputePool(threadCount: min(max(ProcessInfo.processInfo.activeProcessorCount, 1), 256))
        return try Engine(
            configuration: EngineConfiguration(
                dataDirectory: dataDirectory ?? data.directory, chunking: chunking),
            embedder: makeEmbedder(pool: pool), pool: pool)
    }

    private var environment: [String: String] { ProcessInfo.processInfo.environment }

    private func makeEmbedder(pool: ComputePool) throws -> any Embedder {
        guard let embedderURL, let embedderModel, let embedderDimension else {
            return try LocalEmbedder(modelDirectory: modelDirectory(), pool: pool)
        }
        return try RemoteEmbedder(
            configuration: .init(
                endpoint: embedderURL, model: embedderModel, dimension: embedderDimension,
                apiKey: environment["CARREL_EMBEDDER_KEY"]),
            transport: HTTPTransport())
    }

    /// The folder named, or `Models/all-minilm-l6-v2` in the working directory or beside or above the
    /// executable.
    private func modelDirectory() throws -> URL {
        if let path = model ?? environment["CARREL_MODEL"] {
            return URL(filePath: NSString(string: path).expandingTildeInPath, directoryHint: .isDirectory)
        }
        let executable = URL(filePath: CommandLine.arguments.first ?? "").resolvingSymlinksInPath()
        let running = Bundle.main.executableURL?.resolvingSymlinksInPath() ?? executable
        var folders = [URL(filePath: FileManager.default.currentDirectoryPath)]
        var folder = running.deletingLastPathComponent()
        while folder.path != "/", folders.count < 16 {
            folders.append(folder)
            folder.deleteLastPathComponent()
        }
        let candidates = folders.map { $0.appending(path: "Models/all-minilm-l6-v2") }
        guard
            let found = candidates.first(where: {
                FileManager.default.fileExists(atPath: $0.appending(path: "model.safetensors").path)
            })
        else { throw CommandError.modelNotFound(searched: candidates.map(\.path)) }
        return found
    }
}
