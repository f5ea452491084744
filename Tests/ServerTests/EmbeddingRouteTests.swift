import Embedding
import Engine
import Foundation
import Kernels
import Server
import TestSupport
import Testing

/// `POST /v1/embeddings` and `GET /v1/models`, with the real model where its numbers count.
struct EmbeddingRouteTests {
    struct Answer: Decodable {
        struct Row: Decodable {
            var object: String
            var index: Int
            var embedding: [Float]
        }
        struct EncodedRow: Decodable {
            var index: Int
            var embedding: String
        }
        struct Usage: Decodable, Equatable {
            var prompt_tokens: Int
            var total_tokens: Int
        }
        var object: String
        var data: [Row]
        var model: String
        var usage: Usage
    }

    /// The reference's own ids for texts, special tokens included: `Tests/EmbeddingTests/Goldens/make_goldens.py`.
    struct Golden: Decodable {
        struct Item: Decodable {
            var text: String
            var ids: [Int]
            var vector: [Float]
        }
        var items: [Item]

        /// Those that have tokens of their own and fit the window, so that nothing of them is cut.
        static func load() throws -> [Item] {
            let file = Repository.root.appending(path: "Tests/EmbeddingTests/Goldens/embeddings.json")
            let items = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: file)).items
            return items.filter { $0.ids.count > 2 && $0.ids.count <= 256 }
        }
    }

    private static let loading = Result {
        try LocalEmbedder(modelDirectory: Repository.localModel, pool: ComputePool(threadCount: 2))
    }

    private static let model = "all-minilm-l6-v2"

    private func withLocalModel(_ body: (TestServer) async throws -> Void) async throws {
        try await TestServer.run(embedder: Self.loading.get(), body)
    }

    private func embed(
        _ input: any Encodable, _ more: String = "", model: String = model, in server: TestServer
    ) async throws -> WireClient.Reply {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        let text = String(decoding: try encoder.encode(input), as: UTF8.self)
        return try await server.send(
            "POST", "/v1/embeddings", key: server.mine.key(.write),
            body: #"{"model": "\#(model)", "input": \#(text)\#(more)}"#)
    }

    private func rows(_ reply: WireClient.Reply) throws -> [[Float]] {
        #expect(reply.status == 200, "\(reply.text.prefix(500))")
        let answer = try reply.json(Answer.self)
        #expect(answer.data.map(\.index) == Array(answer.data.indices))
        return answer.data.map(\.embedding)
    }

    private func greatestDifference(_ a: [Float], _ b: [Float]) -> Float {
        zip(a, b).reduce(a.count == b.count ? 0 : .infinity) { max($0, abs($1.0 - $1.1)) }
    }

    // MARK: Good answers

    @Test func `texts have the reference's vectors, in order, and cost the tokens that it counts`()
        async throws
    {
        let items = try Golden.load()
        #expect(items.count > 20)
        try await withLocalModel { server in
            let reply = try await embed(items.map(\.text), in: server)
            let answer = try reply.json(Answer.self)
            #expect(answer.object == "list" && answer.model == Self.model)
            #expect(answer.data.allSatisfy { $0.object == "embedding" && $0.embedding.count == 384 })
            let tokens = items.reduce(0) { $0 + $1.ids.count }
            #expect(answer.usage == Answer.Usage(prompt_tokens: tokens, total_tokens: tokens))
            for (row, item) in zip(try rows(reply), items) {
                #expect(greatestDifference(row, item.vector) < 1e-5, "\(item.text.debugDescription)")
            }
        }
    }

    @Test func `a text that stands alone is answered with one row, to the byte of this shape`() async throws {
        try await TestServer.run { server in
            let reply = try await embed(
                "alpha beta", #", "encoding_format": "base64""#, model: "word-hash", in: server)
            let shape =
                #/
                \{"object":"list","data":\[\{"object":"embedding","index":0,"embedding":"[A-Za-z0-9+\/]{342}=="\}\],
                "model":"word-hash","usage":\{"prompt_tokens":4,"total_tokens":4\}\}\n
                /#
            #expect(reply.text.wholeMatch(of: shape) != nil, "\(reply.text)")
            #expect(reply.headers["content-type"] == "application/json")
        }
    }

    @Test func `base64 holds the very bits that the numbers are read back to`() async throws {
        struct Encoded: Decodable { var data: [Answer.EncodedRow] }
        let texts = try Golden.load().map(\.text)
        try await withLocalModel { server in
            let numbers = try rows(try await embed(texts, #", "encoding_format": "float""#, in: server))
            let reply = try await embed(texts, #", "encoding_format": "base64""#, in: server)
            let encoded = try reply.json(Encoded.self).data
            #expect(encoded.map(\.index) == Array(texts.indices))
            for (row, expected) in zip(encoded, numbers) {
                let bytes = [UInt8](try #require(Data(base64Encoded: row.embedding)))
                #expect(bytes.count == 4 * 384)
                let values = stride(from: 0, to: bytes.count, by: 4).map { start in
                    Float(
                        bitPattern: bytes[start..<start + 4].reversed().reduce(UInt32(0)) {
                            $0 << 8 | UInt32($1)
                        })
                }
                #expect(values == expected)
            }
        }
    }

    @Test func `tokens stand for the text they were made of, their special ones given or not`() async throws {
        let items = try Golden.load()
        try await withLocalModel { server in
            let texts = try rows(try await embed(items.map(\.text), in: server))
            let framed = try await embed(items.map(\.ids), in: server)
            #expect(try framed.json(Answer.self).usage.prompt_tokens == items.reduce(0) { $0 + $1.ids.count })
            let bare = try await embed(items.map { Array($0.ids.dropFirst().dropLast()) }, in: server)
            #expect(try bare.json(Answer.self).usage == framed.json(Answer.self).usage)
            for found in [try rows(framed), try rows(bare)] {
                for (row, text) in zip(found, texts) { #expect(greatestDifference(row, text) < 1e-6) }
            }
            let alone = try rows(try await embed(items[0].ids, in: server))
            #expect(alone.count == 1 && greatestDifference(alone[0], texts[0]) < 1e-6)
        }
    }

    @Test func `as many inputs as are allowed, with as many tokens as fit the window, are all answered`()
        async throws
    {
        try await TestServer.run { server in
            let texts = (0..<2_048).map { "word\($0) common" }
            let found = try rows(try await embed(texts, model: "word-hash", in: server))
            let last = try rows(try await embed([texts[2_047]], model: "word-hash", in: server))
            #expect(found.count == 2_048 && found[2_047] == last[0] && Set(found).count == 2_048)
            let full = Array(repeating: "word", count: 254).joined(separator: " ")
            let reply = try await embed(
                full, #", "dimensions": 64, "user": "u""#, model: "word-hash", in: server)
            #expect(try reply.json(Answer.self).usage.prompt_tokens == 256)
        }
    }

    @Test func `optional fields may be null, and a list of one is a list`() async throws {
        try await TestServer.run { server in
            let nothing = #", "encoding_format": null, "dimensions": null, "user": null, "input_type": null"#
            let inputs: [any Encodable] = [["a"], [2, 3, 4], [[2, 3, 4]]]
            for input in inputs {
                let reply = try await embed(input, nothing, model: "word-hash", in: server)
                #expect(try rows(reply).count == 1)
            }
        }
    }

    @Test func `what the vectors are for reaches the model: documents unless it is said`() async throws {
        try await TestServer.run(embedder: MarkingEmbedder()) { server in
            for (more, marker) in [
                ("", Float(2)), (#", "input_type": "document""#, 2), (#", "input_type": "query""#, 1),
            ] {
                let inputs: [any Encodable] = ["x", [9]]
                for input in inputs {
                    let reply = try await embed(input, more, model: "marking", in: server)
                    #expect(try rows(reply) == [[marker, 0]])
                }
            }
        }
    }

    @Test func `the models are listed and shown as OpenAI's clients read them`() async throws {
        try await withLocalModel { server in
            let expected =
                #"{"created":0,"dimensions":384,"id":"all-minilm-l6-v2","max_input_tokens":256,"object":"model","#
                + #""owned_by":"carrel","precision":"float32"}"#
            let list = try await server.send("GET", "/v1/models", key: server.mine.key(.read))
            #expect(list.text == #"{"data":[\#(expected)],"object":"list"}"# + "\n")
            let one = try await server.send(
                "GET", "/v1/models/all-minilm-l6-v2", key: server.mine.key(.read))
            #expect(one.status == 200 && one.text == expected + "\n")
            for name in ["gpt-4", "openai/gpt-4", "all-minilm-l6-v2/x"] {
                let none = try await server.send("GET", "/v1/models/\(name)")
                #expect(none.status == 404)
                #expect(try TestServer.openAIError(none) == "model_not_found")
            }
        }
    }

    @Test func `where all is embedded elsewhere no model is served, and searches go on`() async throws {
        try await TestServer.run(embedder: RemoteLikeEmbedder()) { server in
            let list = try await server.send("GET", "/v1/models")
            #expect(list.text == #"{"data":[],"object":"list"}"# + "\n")
            let refused = try await embed("a", model: "word-hash", in: server)
            #expect(refused.status == 404)
            #expect(try TestServer.openAIError(refused) == "model_not_found")
            let found = try await server.send(
                "POST", "/v1/workspaces/mine/search", body: #"{"query": "alpha"}"#)
            #expect(found.status == 200)
        }
    }

    // MARK: Others

    @Test func `a search is answered while as many large requests as are served hang`() async throws {
        let embedder = HeldEmbedder()
        let limits = ServerLimits()
        let texts = (0..<64).map { "\($0) " + String(repeating: "word ", count: 100) }
        try await TestServer.run(limits: limits, embedder: embedder) { server in
            embedder.hold([.passage])
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<limits.embeddingsMax {
                    group.addTask {
                        try await embed(texts, model: "word-hash", in: server).status
                    }
                }
                // One workspace's share is half; the others wait for a place.
                await embedder.arrived(limits.embeddingsMax / 2)
                let found = try await server.send(
                    "POST", "/v1/workspaces/mine/search", body: #"{"query": "lighthouse keeper"}"#)
                #expect(found.status == 200)
                embedder.release()
                for try await status in group { #expect(status == 200) }
            }
        }
    }

    @Test func `beyond a workspace's share of requests a client is slowed down with 429`() async throws {
        let embedder = HeldEmbedder()
        var limits = ServerLimits()
        limits.requestsMax = 2
        try await TestServer.run(limits: limits, embedder: embedder) { server in
            embedder.hold()
            async let held = embed("alpha", model: "word-hash", in: server)
            await embedder.arrived(1)
            let refused = try await embed("beta", model: "word-hash", in: server)
            #expect(refused.status == 429 && refused.headers["retry-after"] == "1")
            #expect(try TestServer.openAIError(refused) == "rate_limit_exceeded")
            embedder.release()
            #expect(try await held.status == 200)
        }
    }

    @Test func `a text is neither logged nor kept`() async throws {
        try await TestServer.run { server in
            #expect(try await embed("XyzzyInput", model: "word-hash", in: server).status == 200)
            #expect(try await embed("XyzzyInput", model: "XyzzyModel", in: server).status == 404)
            let log = server.log.lines.joined()
            #expect(!log.contains("Xyzzy") && log.contains("POST /v1/embeddings"))
            let scope = try server.engine.library.operatorScope(forWorkspace: "mine")
            #expect(try server.engine.library.documents(in: scope, limit: 10).count == 2)
        }
    }
}

/// An embedder that marks each vector with what it was told the text is.
private struct MarkingEmbedder: TokenEmbedder {
    let space = EmbeddingSpace(model: "marking", revision: "1", precision: "float32", dimension: 2)
    let windowTokens = 1_000
    let specialTokenCount = 1
    let vocabularyCount = 10

    func tokenCount(of text: String) -> Int { text.utf8.count }

    func tokens(of text: String, as role: EmbeddingRole, tokensMax: Int) -> [Int32] {
        [role == .query ? 1 : 2] + text.utf8.map { _ in 3 }
    }

    func tokens(framing ids: [Int32], as role: EmbeddingRole) -> [Int32] {
        [role == .query ? 1 : 2] + ids
    }

    func embed(_ texts: [String], as role: EmbeddingRole) async throws -> EmbeddingMatrix {
        try await embed(texts.map { tokens(of: $0, as: role, tokensMax: .max) }, inBackground: true)
    }

    func embed(_ sequences: [[Int32]], inBackground: Bool) async throws -> EmbeddingMatrix {
        EmbeddingMatrix(
            rowCount: sequences.count, dimension: 2, values: sequences.flatMap { [Float($0[0]), 0] })
    }
}

/// An embedder of which nothing is known but that it embeds.
private struct RemoteLikeEmbedder: Embedder {
    private let inner = WordHashEmbedder()

    var space: EmbeddingSpace { inner.space }
    var windowTokens: Int { inner.windowTokens }
    var specialTokenCount: Int { inner.specialTokenCount }

    func tokenCount(of text: String) -> Int { inner.tokenCount(of: text) }

    func embed(_ texts: [String], as role: EmbeddingRole) async throws -> EmbeddingMatrix {
        try await inner.embed(texts, as: role)
    }
}
