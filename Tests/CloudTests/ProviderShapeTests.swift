import Cloud
import Embedding
import Foundation
import Testing

/// How each kind of provider is asked, and how its answers are read.
struct ProviderShapeTests {
    private func embedder(
        _ endpoint: String, model: String = "m", _ adjust: (inout RemoteConfiguration) -> Void = { _ in },
        respond: @escaping @Sendable (ScriptedProvider.Call) async throws -> TransportAnswer
    ) throws -> ScriptedEmbedder {
        try ScriptedEmbedder(
            { configuration in
                configuration.endpoint = endpoint
                configuration.model = model
                adjust(&configuration)
            }, respond: respond)
    }

    @Test(arguments: [
        ("https://api.openai.com", "https://api.openai.com/v1/embeddings"),
        ("https://api.openai.com/v1/", "https://api.openai.com/v1/embeddings"),
        ("https://openrouter.ai/api/v1", "https://openrouter.ai/api/v1/embeddings"),
        ("http://localhost:11434/v1/embeddings", "http://localhost:11434/v1/embeddings"),
        ("http://tei.test/embeddings?x=1", "http://tei.test/embeddings?x=1"),
        ("https://api.voyageai.com/v1", "https://api.voyageai.com/v1/embeddings"),
        ("https://api.cohere.com", "https://api.cohere.com/v2/embed"),
        ("https://api.cohere.com/v2", "https://api.cohere.com/v2/embed"),
        (
            "https://me.openai.azure.com",
            "https://me.openai.azure.com/openai/deployments/m/embeddings?api-version=2024-10-21"
        ),
        (
            "https://me.openai.azure.com/openai/deployments/d/embeddings?api-version=2023-05-15",
            "https://me.openai.azure.com/openai/deployments/d/embeddings?api-version=2023-05-15"
        ),
        ("https://me.openai.azure.com/openai/v1", "https://me.openai.azure.com/openai/v1/embeddings"),
    ])
    func `a base URL is completed to the route, and a route is left as it is`(
        endpoint: String, expected: String
    ) async throws {
        let test = try embedder(endpoint) { call in
            if call.fields["embedding_types"] != nil {
                return .json(#"{"embeddings":{"float":[[3,4]]}}"#)
            }
            return .vectors(of: call.texts)
        }
        _ = try await test.embedder.embed(["a"], as: .passage)
        #expect(test.provider.log.map(\.url) == [expected])
    }

    @Test(arguments: [
        ("https://api.openai.com", WireShape.openai), ("http://localhost:11434", .openai),
        ("https://me.openai.azure.com/openai", .azure), ("https://api.cohere.com", .cohere),
        ("https://api.voyageai.com/v1", .voyage), ("https://notcohere.com", .openai), ("", .openai),
    ])
    func `the kind is told by the host`(endpoint: String, expected: WireShape) {
        #expect(WireShape(guessedFrom: endpoint) == expected)
    }

    @Test func `OpenAI's kind gets texts, the format and, where it is wanted, the dimension`() async throws {
        let test = try embedder("https://api.openai.com", model: "text-embedding-3-small") {
            $0.asksForDimension = true
        } respond: {
            .vectors(of: $0.texts)
        }
        _ = try await test.embedder.embed(["a", "bb"], as: .passage)
        let call = try #require(test.provider.log.first)
        #expect(call.texts == ["a", "bb"])
        #expect(
            call.fields
                == ["model": "text-embedding-3-small", "encoding_format": "base64", "dimensions": "2"])
        #expect(call.headers["authorization"] == "Bearer \(ScriptedEmbedder.key)")
    }

    @Test func `nobody is asked for a dimension who was not to be`() async throws {
        for host in ["https://api.openai.com", "https://api.voyageai.com", "https://me.openai.azure.com"] {
            let test = try embedder(host) { .vectors(of: $0.texts) }
            _ = try await test.embedder.embed(["a"], as: .passage)
            let fields = try #require(test.provider.log.first).fields
            #expect(fields["dimensions"] == nil && fields["output_dimension"] == nil)
        }
    }

    @Test func `Azure's key has a header of its own`() async throws {
        let test = try embedder("https://me.openai.azure.com", model: "small") { .vectors(of: $0.texts) }
        _ = try await test.embedder.embed(["a"], as: .passage)
        let call = try #require(test.provider.log.first)
        #expect(call.headers["api-key"] == ScriptedEmbedder.key && call.headers["authorization"] == nil)
    }

    @Test(arguments: [(EmbeddingRole.query, "search_query"), (.passage, "search_document")])
    func `Cohere is told what a text is, and cuts none in silence`(
        role: EmbeddingRole, type: String
    ) async throws {
        let test = try embedder("https://api.cohere.com", model: "embed-v4.0") {
            $0.asksForDimension = true
        } respond: { _ in
            .json(
                #"""
                {"id":"x","embeddings":{"float":[[3,4],[0,2]]},"texts":["a","b"],
                 "meta":{"billed_units":{"input_tokens":7}}}
                """#)
        }
        let matrix = try await test.embedder.embed(["a", "b"], as: role)
        #expect(matrix.row(0) == [0.6, 0.8] && matrix.row(1) == [0, 1])
        let fields = try #require(test.provider.log.first).fields
        #expect(fields["input_type"] == type && fields["truncate"] == "NONE")
        #expect(fields["model"] == "embed-v4.0" && fields["output_dimension"] == "2")
        #expect(fields["embedding_types"]?.contains("float") == true)
        #expect(test.embedder.spend?.tokenCount == 7)
    }

    @Test(arguments: [(EmbeddingRole.query, "query"), (.passage, "document")])
    func `Voyage is told what a text is, and asked for base64 or nothing`(
        role: EmbeddingRole, type: String
    ) async throws {
        let test = try embedder("https://api.voyageai.com") {
            $0.asksForDimension = true
        } respond: { call in
            call.fields["encoding_format"] == "base64"
                ? .json(#"{"detail":"not valid"}"#, status: 400) : .vectors(of: call.texts, tokens: 5)
        }
        _ = try await test.embedder.embed(["a"], as: role)
        let log = test.provider.log
        #expect(log.allSatisfy { $0.fields["input_type"] == type && $0.fields["output_dimension"] == "2" })
        #expect(log.allSatisfy { ["0", "false"].contains($0.fields["truncation"]) })
        #expect(log.map { $0.fields["encoding_format"] } == ["base64", "base64", nil, nil])
    }

    @Test(arguments: [
        ("https://api.cohere.com", 96), ("https://api.voyageai.com", 1_000), ("https://x.test", 2_048),
    ])
    func `a call carries as many texts as its kind takes`(endpoint: String, most: Int) async throws {
        let test = try embedder(endpoint) { call in
            guard call.fields["embedding_types"] != nil else { return .vectors(of: call.texts) }
            let rows = call.texts.map { "[\($0.utf8.count),1]" }.joined(separator: ",")
            return .json(#"{"embeddings":{"float":[\#(rows)]}}"#)
        }
        let texts = (0..<most + 1).map { String(repeating: "x", count: $0 % 30 + 1) }
        #expect(try await test.outcome(of: texts).delivered.count == most + 1)
        #expect(test.provider.log.map(\.texts.count).sorted() == [1, most])
    }

    @Test(arguments: [
        (#"{"error":{"message":"m1","type":"t"}}"#, "m1"), (#"{"error":"m2"}"#, "m2"),
        (#"{"message":"m3"}"#, "m3"), (#"{"detail":"m4"}"#, "m4"),
        (#"{"detail":[{"loc":["body"],"msg":"m5"},{"msg":"m6"}]}"#, "m5; m6"),
        (#"{"object":"error","message":"m7","code":40301}"#, "m7"), ("plain m8", "plain m8"),
    ])
    func `what a provider says of an error is found in each of the usual shapes`(
        body: String, message: String
    ) async throws {
        let test = try embedder("https://x.test") { _ in .json(body, status: 403) }
        await #expect(throws: CloudError.refused(status: 403, message: message)) {
            try await test.embedder.embed(["a"], as: .passage)
        }
    }
}
