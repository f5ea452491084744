import Engine
import Foundation
import Server
import TestSupport
import Testing

/// Whatever is wrong with a request for vectors is said in OpenAI's envelope, with the field to blame.
struct EmbeddingRefusalTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var method = "POST"
        var target = "/v1/embeddings"
        var headers: [(String, String)] = []
        var body: String?
        var status = 400
        var type = "invalid_request_error"
        var param: String?
        var code: String

        var testDescription: String {
            "\(method) \(target.prefix(40)) \(body?.prefix(60) ?? "") → \(code) \(param ?? "")"
        }
    }

    private static func request(
        _ input: String, and more: String = "", _ param: String?, _ code: String
    ) -> Case {
        Case(body: #"{"model": "word-hash", "input": \#(input)\#(more)}"#, param: param, code: code)
    }

    private static let words300 = #"""# + String(repeating: "word ", count: 300) + #"""#

    private static let inputs: [Case] = [
        // Empty.
        request(#""""#, "input", "input_empty"),
        request(#"["a", "", "b"]"#, "input[1]", "input_empty"),
        request("[]", "input", "input_count_out_of_range"),
        request("[[]]", "input[0]", "input_empty"),
        request("[[5], []]", "input[1]", "input_empty"),
        // Of another kind.
        request("null", "input", "field_invalid"),
        request("7", "input", "field_invalid"),
        request("true", "input", "field_invalid"),
        request(#"{"text": "a"}"#, "input", "field_invalid"),
        request("[null]", "input[0]", "field_invalid"),
        request("[true]", "input[0]", "field_invalid"),
        request(#"[{"a": 1}]"#, "input[0]", "field_invalid"),
        request(#"["a", 1]"#, "input[1]", "field_invalid"),
        request(#"["a", null]"#, "input[1]", "field_invalid"),
        request(#"["a", ["b"]]"#, "input[1]", "field_invalid"),
        request(#"[1, "a"]"#, "input[1]", "field_invalid"),
        request("[1, null]", "input[1]", "field_invalid"),
        request("[1, [2]]", "input[1]", "field_invalid"),
        request(#"[["a"]]"#, "input[0][0]", "field_invalid"),
        request("[[1], 2]", "input[1]", "field_invalid"),
        request("[[1], null]", "input[1]", "field_invalid"),
        request("[[[1]]]", "input[0][0]", "field_invalid"),
        request(#"[[1], ["a"]]"#, "input[1][0]", "field_invalid"),
        // Numbers that are no tokens.
        request("[1.5]", "input[0]", "field_invalid"),
        request("[1, 2.5]", "input[1]", "field_invalid"),
        request("[[1, 2.5]]", "input[0][1]", "field_invalid"),
        request("[1e99]", "input[0]", "field_invalid"),
        request("[1, 99999999999999999999]", "input[1]", "field_invalid"),
        request("[-1]", "input[0]", "token_unknown"),
        request("[5, -9223372036854775808]", "input[1]", "token_unknown"),
        request("[5, 2147483647]", "input[1]", "token_unknown"),
        request("[[5], [5, 9223372036854775807]]", "input[1][1]", "token_unknown"),
        // Too much.
        request(words300, "input", "context_length_exceeded"),
        request(#"["a", \#(words300)]"#, "input[1]", "context_length_exceeded"),
        request(
            "[" + Array(repeating: "5", count: 257).joined(separator: ",") + "]", "input",
            "context_length_exceeded"),
        request(
            "[" + Array(repeating: #""a""#, count: 2_049).joined(separator: ",") + "]", "input",
            "input_count_out_of_range"),
    ]

    private static let fields: [Case] = [
        request(#""a""#, and: #", "dimensions": 32"#, "dimensions", "dimension_unsupported"),
        request(#""a""#, and: #", "dimensions": 0"#, "dimensions", "dimension_unsupported"),
        request(#""a""#, and: #", "dimensions": -64"#, "dimensions", "dimension_unsupported"),
        request(#""a""#, and: #", "dimensions": "64""#, "dimensions", "field_invalid"),
        request(#""a""#, and: #", "dimensions": 63.5"#, nil, "field_invalid"),
        request(#""a""#, and: #", "encoding_format": "int8""#, "encoding_format", "field_invalid"),
        request(#""a""#, and: #", "encoding_format": 1"#, "encoding_format", "field_invalid"),
        request(#""a""#, and: #", "encoding_format": "Base64""#, "encoding_format", "field_invalid"),
        request(#""a""#, and: #", "input_type": "title""#, "input_type", "field_invalid"),
        request(#""a""#, and: #", "user": 7"#, "user", "field_invalid"),
        request(#""a""#, and: #", "stream": true"#, "stream", "field_unknown"),
        Case(body: #"{"input": "a"}"#, param: "model", code: "field_invalid"),
        Case(body: #"{"model": "word-hash"}"#, param: "input", code: "field_invalid"),
        Case(body: #"{"model": null, "input": "a"}"#, param: "model", code: "field_invalid"),
        Case(
            body: #"{"model": "text-embedding-3-small", "input": "a"}"#, status: 404, param: "model",
            code: "model_not_found"),
        Case(body: #"{"model": "", "input": "a"}"#, status: 404, param: "model", code: "model_not_found"),
    ]

    private static let messages: [Case] = [
        Case(body: "", code: "json_invalid"),
        Case(body: "{", code: "json_invalid"),
        Case(body: "nonsense", code: "json_invalid"),
        Case(body: String(repeating: "[", count: 10_000), code: "json_invalid"),
        Case(body: "[]", code: "field_invalid"),
        Case(
            body: #"{"model": "word-hash", "input": "\#u{1}"}"#, param: "input", code: "field_invalid"),
        Case(
            headers: [("Content-Type", "text/plain")], body: "{}", status: 415, code: "media_type_unsupported"
        ),
        Case(headers: [("Content-Encoding", "gzip")], body: "{}", status: 415, code: "encoding_unsupported"),
        Case(
            headers: [("Content-Length", "99999999")], status: 413, code: "body_too_large"),
        Case(
            target: "/v1/embeddings?api-version=2", body: "{}", param: "api-version",
            code: "parameter_unknown"),
        Case(method: "GET", status: 405, code: "method_not_allowed"),
        Case(method: "DELETE", target: "/v1/models/word-hash", status: 405, code: "method_not_allowed"),
        Case(method: "PROPFIND", status: 501, type: "server_error", code: "method_unknown"),
        Case(
            target: "/v1/embeddings?" + String(repeating: "a", count: 9_000), status: 414,
            code: "target_too_long"),
    ]

    @Test func `each refusal names what is wrong and the field to blame, and the next request is served`()
        async throws
    {
        try await TestServer.run { server in
            for bad in Self.inputs + Self.fields + Self.messages {
                let reply = try await server.send(
                    bad.method, bad.target, headers: bad.headers, body: bad.body)
                #expect(reply.status == bad.status, "\(bad.testDescription): \(reply.text)")
                #expect(
                    try TestServer.openAIError(reply) == bad.code, "\(bad.testDescription): \(reply.text)")
                let error = try JSONObject(parsing: reply.body)["error"]
                #expect(error["type"].string == bad.type, "\(bad.testDescription): \(reply.text)")
                #expect(error["param"].string == bad.param, "\(bad.testDescription): \(reply.text)")
            }
            let good = try await server.send(
                "POST", "/v1/embeddings", body: #"{"model": "word-hash", "input": "a"}"#)
            #expect(good.status == 200)
        }
    }

    @Test func `more tokens than one request may have are refused as OpenAI refuses them`() async throws {
        try await TestServer.run { server in
            let text = String(repeating: "a ", count: 254)
            let texts = Array(repeating: text, count: 1_172)
            func reply(_ texts: ArraySlice<String>) async throws -> WireClient.Reply {
                let input = String(decoding: try JSONEncoder().encode(Array(texts)), as: UTF8.self)
                return try await server.send(
                    "POST", "/v1/embeddings", body: #"{"model": "word-hash", "input": \#(input)}"#)
            }
            // 1,172 × 256 = 300,032, and 1,171 × 256 = 299,776.
            let refused = try await reply(texts[...])
            #expect(refused.status == 400)
            #expect(try TestServer.openAIError(refused) == "max_tokens_per_request")
            let error = try JSONObject(parsing: refused.body)["error"]
            #expect(error["type"].string == "max_tokens_per_request" && error["param"].string == "input")
            #expect(error["message"].string?.contains("300032") == true)
            #expect(try await reply(texts.dropLast()).status == 200)
        }
    }

    @Test(arguments: [false, true])
    func `a body over the limit is refused, declared or streamed`(isStreamed: Bool) async throws {
        try await TestServer.run { server in
            let text = String(repeating: "a", count: 9 << 20)
            let reply = try await server.client.send(
                "POST", "/v1/embeddings", headers: [("Authorization", "Bearer \(server.mine.key(.write))")],
                body: Array(#"{"model": "word-hash", "input": "\#(text)"}"#.utf8), isStreamed: isStreamed)
            #expect(reply.status == 413)
            #expect(try TestServer.openAIError(reply) == "body_too_large")
        }
    }

    @Test func `a message says how long an input may be and how long it is`() async throws {
        try await TestServer.run { server in
            let reply = try await server.send(
                "POST", "/v1/embeddings", body: #"{"model": "word-hash", "input": \#(Self.words300)}"#)
            let message = try JSONObject(parsing: reply.body)["error"]["message"].string
            #expect(
                message?.contains("maximum context length is 256 tokens; input 0 has 302") == true,
                "\(reply.text)")
        }
    }

    @Test func `an embedder that fails is an error of the server's, which may be tried again`() async throws {
        let embedder = WordHashEmbedder()
        try await TestServer.run(embedder: embedder) { server in
            // The four documents of the two workspaces were calls 1 to 4.
            embedder.fail(onCalls: [5])
            let body = #"{"model": "word-hash", "input": "a"}"#
            let failed = try await server.send("POST", "/v1/embeddings", body: body)
            #expect(failed.status == 503 && failed.headers["retry-after"] == "1")
            #expect(try TestServer.openAIError(failed) == "embedder_unavailable")
            #expect(try await server.send("POST", "/v1/embeddings", body: body).status == 200)
        }
    }
}
