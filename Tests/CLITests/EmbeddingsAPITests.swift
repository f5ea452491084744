import Foundation
import TestSupport
import Testing

/// The real `carrel` with an embeddings API in the model's place.
struct EmbeddingsAPITests {
    private static let key = "sk-cli-0123456789abcdef"
    private let folder: TemporaryFolder
    private let carrel: Command

    init() throws {
        folder = try TemporaryFolder()
        carrel = Command(dataDirectory: folder.url.appending(path: "data"))
    }

    private struct Summary: Decodable {
        struct Spend: Decodable {
            var calls: Int
            var tokens: Int
            var uncertain_tokens: Int
            var cost: Double?
        }

        struct Failure: Decodable {
            var path: String
            var error: String
        }

        var ingested: Int
        var unchanged: Int
        var failed: [Failure]
        var spend: Spend?
    }

    private func run(
        _ command: [String], at provider: EmbeddingProvider, _ settings: [String: String] = [:]
    ) throws -> Command.Result {
        let file = try folder.write(Self.key + "\n", to: "key")
        let environment = ["CARREL_EMBEDDER_KEY_FILE": file.path].merging(settings) { $1 }
        return try carrel.run(
            command + ["--embedder", provider.url, "--embedder-model", "m", "--embedder-dimension", "8"],
            environment: environment)
    }

    private func ingest(
        at provider: EmbeddingProvider, _ settings: [String: String] = [:]
    ) throws -> (result: Command.Result, summary: Summary) {
        let notes = folder.url.appending(path: "notes").path
        let result = try run(
            ["ingest", notes, "--workspace", "notes", "--create", "--json"], at: provider, settings)
        return (result, try JSONDecoder().decode(Summary.self, from: Data(result.output.utf8)))
    }

    @Test
    func `an ingest tells what it spent, the bad passage fails its document alone, and no key is shown`()
        async throws
    {
        let provider = try await EmbeddingProvider.start(
            dimension: 8,
            judge: { entry in
                entry.texts.contains { $0.contains("poison") }
                    ? .status(400, message: "bad, \(Self.key)") : nil
            })
        for number in 0..<5 {
            try folder.write("# Note \(number)\n\nText \(number).", to: "notes/\(number).md")
        }
        try folder.write("# Bad\n\nThis is poison.", to: "notes/bad.md")

        let (result, summary) = try ingest(at: provider, ["CARREL_EMBEDDER_PRICE": "2"])
        #expect(result.exitCode == 1 && summary.ingested == 5, "\(result.errors)")
        let failure = try #require(summary.failed.first)
        #expect(failure.path == "notes/bad.md" && summary.failed.count == 1)
        #expect(failure.error.contains("the first at lines 1-3: status 400: bad, [key]"), "\(failure.error)")
        let spend = try #require(summary.spend)
        #expect(spend.calls == provider.log.count && spend.tokens == provider.billedTokens)
        #expect(spend.uncertain_tokens == 0 && spend.cost == Double(spend.tokens) * 2 / 1_000_000)
        #expect(provider.log.allSatisfy { $0.headers["authorization"] == "Bearer \(Self.key)" })
        #expect(!(result.output + result.errors).contains("0123456789"))

        let before = provider.log.count
        let again = try ingest(at: provider)
        #expect(again.summary.unchanged == 5 && again.summary.failed.count == 1)
        // The bad one, and a word that tells whether it is the text or the settings.
        #expect(provider.log.dropFirst(before).allSatisfy { $0.texts.count == 1 })
        let found = try run(["search", "Text 3", "--workspace", "notes", "--limit", "1"], at: provider)
        #expect(found.exitCode == 0 && found.output.contains("1. "), "\(found.errors)")
        try await provider.stop()
    }

    @Test func `no more is embedded than the cap allows, and what is missing is said`() async throws {
        let provider = try await EmbeddingProvider.start(dimension: 8)
        for number in 0..<8 {
            let text = String(repeating: "Sentence of note \(number). ", count: 20)
            try folder.write("# Note \(number)\n\n\(text)", to: "notes/\(number).md")
        }
        let (result, summary) = try ingest(
            at: provider, ["CARREL_EMBEDDER_TOKENS_MAX": "600", "CARREL_EMBEDDER_CONCURRENCY": "1"])
        #expect(result.exitCode == 1 && summary.ingested > 0 && summary.failed.count > 0)
        #expect(summary.ingested + summary.failed.count == 8)
        #expect(summary.spend?.tokens == provider.billedTokens && provider.billedTokens <= 600)
        #expect(result.errors.contains("embedder.tokens-max is 600"), "\(result.errors)")
        let rest = try ingest(at: provider)
        #expect(rest.result.exitCode == 0 && rest.summary.unchanged == summary.ingested)
        try await provider.stop()
    }

    @Test func `a summary for people ends with what was spent`() async throws {
        let provider = try await EmbeddingProvider.start(dimension: 8)
        try folder.write("# Note\n\nText.", to: "notes/a.md")
        let notes = folder.url.appending(path: "notes").path
        let result = try run(["ingest", notes, "--workspace", "notes", "--create"], at: provider)
        let tokens = provider.billedTokens
        #expect(result.output.hasSuffix("embeddings API: 1 call, \(tokens) tokens\n"), "\(result.output)")
        try await provider.stop()
    }
}
