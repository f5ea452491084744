import ArgumentParser
import Embedding
import Foundation
import Kernels
import Store

struct ModelsAddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract:
            "Writes the model.json of a folder that holds a BERT, E5, BGE, GTE or cross-encoder as published.",
        discussion: """
            The folder holds config.json, model.safetensors and tokenizer.json or vocab.txt; 1_Pooling/config.json, \
            sentence_bert_config.json and config_sentence_transformers.json are read if they are there. Without them \
            pooling is the mean, the window all positions, and nothing is put before a text: say it if the model wants \
            it otherwise, for its vectors are worse without. A folder without model.json works as well, but is read \
            through at every start, to know which weights they are.

            Example:
              carrel models add Models/e5-small-v2 --query-prefix 'query: ' --passage-prefix 'passage: ' --licence MIT
            """)

    @Argument(help: "The model's folder.", completion: .directory)
    var folder: String

    @Option(help: "The model's name, if it is not the folder's.")
    var id: String?

    @Option(help: "What it is for: embed, or rerank. (default: what its config.json says)")
    var task: ModelTask?

    @Option(help: "How the tokens' vectors become the text's: mean or cls.")
    var pooling: Pooling?

    @Option(help: "Tokens of a text that the model reads, special ones included.")
    var window: Int?

    @Option(help: "What to put before a question.")
    var queryPrefix: String?

    @Option(help: "What to put before a passage.")
    var passagePrefix: String?

    @Option(help: "The licence, as SPDX names it.")
    var licence: String?

    @Option(help: "The name under which its authors publish the model.")
    var upstream: String?

    @Flag(help: "Write model.json anew if there is one.")
    var replace = false

    @Flag(help: "Print the model.json, for machines.")
    var json = false

    func run() async throws {
        try await CommandError.reported {
            let directory = URL(
                filePath: NSString(string: folder).expandingTildeInPath, directoryHint: .isDirectory)
            let target = directory.appending(path: ModelManifest.name)
            guard replace || !FileManager.default.fileExists(atPath: target.path) else {
                throw ModelError.manifestExists(path: target.path)
            }
            guard ModelManifest.isDerivable(from: directory) else { throw ModelError.noModel(path: folder) }
            let manifest = try ModelManifest.derived(from: directory, choices: choices) { file in
                try ContentDigest(ofFile: file).hex
            }
            // Whatever does not fit together shows here.
            try Self.load(manifest, from: directory)
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            try (encoder.encode(manifest) + Data("\n".utf8)).write(to: target, options: .atomic)
            Terminal.print(json ? try Terminal.json(manifest) : Self.text(manifest, directory))
        }
    }

    private static func load(_ manifest: ModelManifest, from directory: URL) throws {
        let pool = ComputePool(threadCount: 1)
        switch manifest.task {
        case .embed: _ = try LocalEmbedder(modelDirectory: directory, manifest: manifest, pool: pool)
        case .rerank: _ = try LocalReranker(modelDirectory: directory, manifest: manifest, pool: pool)
        }
    }

    private var choices: ModelManifest.Choices {
        var choices = ModelManifest.Choices()
        choices.id = id
        choices.task = task
        choices.pooling = pooling
        choices.windowTokens = window
        choices.queryPrefix = queryPrefix
        choices.passagePrefix = passagePrefix
        choices.licence = licence
        choices.upstream = upstream
        return choices
    }

    private static func text(_ manifest: ModelManifest, _ directory: URL) -> String {
        func prefix(_ text: String) -> String { text.isEmpty ? "none" : "'\(text)'" }
        guard manifest.task == .embed else {
            return """
                \(manifest.id): for reranking, window \(manifest.windowTokens) tokens of question and passage
                  revision    \(manifest.revision)
                """
        }
        return """
            \(manifest.id): \(manifest.dimension) dimensions, window \(manifest.windowTokens) tokens
              pooling     \(manifest.pooling.rawValue)
              prefixes    \(prefix(manifest.prefixes.query)) before questions, \
            \(prefix(manifest.prefixes.passage)) before passages
              precisions  \(manifest.precisions.map(\.rawValue).joined(separator: ", "))
              revision    \(manifest.revision)
            """
    }
}

extension Pooling: ExpressibleByArgument {}

extension ModelTask: ExpressibleByArgument {}
