import Engine
import Foundation
import HTTPTypes
import Server
import TestSupport
import Testing

struct OpenAPITests {
    fileprivate static func document(_ server: TestServer) async throws -> JSONObject {
        let reply = try await server.client.send("GET", "/openapi.json")
        return try JSONObject(parsing: reply.body)
    }

    @Test func `the document lists every route and no other`() async throws {
        try await TestServer.run { server in
            let document = try await Self.document(server)
            #expect(document["openapi"].string == "3.1.0")
            let documented = document["paths"].members.flatMap { path, operations in
                operations.members.map { method, _ in "\(method.uppercased()) \(path)" }
            }
            let served = RouteTable.routes.map { "\($0.method.rawValue) \($0.path.openAPIPath)" }
            #expect(documented.sorted() == served.sorted())
            let operations = RouteTable.routes.map(\.operation)
            #expect(Set(operations).count == operations.count)
        }
    }

    @Test func `every operation documents its answers, its problems and its key`() async throws {
        try await TestServer.run { server in
            let document = try await Self.document(server)
            for route in RouteTable.routes {
                let operation = document["paths"][route.path.openAPIPath][route.method.rawValue.lowercased()]
                let statuses = Set(operation["responses"].members.keys)
                let expected = Set(
                    route.goodStatuses.map(String.init)
                        + route.documentedProblems.map { String($0.status(in: route.errorForm).code) })
                #expect(statuses == expected, "\(route.name)")
                #expect(operation["security"].elements.isEmpty == !route.needsKey, "\(route.name)")
                let named = operation["parameters"].elements.filter { $0["in"].string == "path" }
                    .compactMap { $0["name"].string }
                #expect(named == route.path.parameterNames)
            }
        }
    }

    @Test func `every reference in the document leads somewhere`() async throws {
        try await TestServer.run { server in
            let document = try await Self.document(server)
            let references = document.everyMember(named: "$ref").compactMap(\.string)
            #expect(!references.isEmpty)
            for reference in references {
                let name = reference.replacing("#/components/schemas/", with: "")
                #expect(document["components"]["schemas"][name].isObject, "\(reference)")
            }
        }
    }

    @Test func `every object documents the fields that it is made of`() {
        for object in OpenAPIDocument.objects {
            #expect(object.fields.sorted() == object.codingKeys.sorted(), "\(object.name)")
        }
        #expect(Set(OpenAPIDocument.objects.map(\.name)).count == OpenAPIDocument.objects.count)
    }

    /// Sends a request, and compares what comes back with what the document says of it.
    private struct Exchange {
        let server: TestServer
        let document: JSONObject

        static func run(_ body: @Sendable @escaping (Exchange) async throws -> Void) async throws {
            try await TestServer.run { server in
                try await body(Exchange(server: server, document: try await OpenAPITests.document(server)))
            }
        }

        func check(
            _ method: String, _ path: String, _ target: String, key: String? = nil, body: String? = nil
        ) async throws {
            let reply = try await server.send(method, target, key: key, body: body)
            let response = document["paths"][path][method.lowercased()]["responses"][String(reply.status)]
            #expect(response.isObject, "\(method) \(path): \(reply.status) is not documented")
            let type = reply.headers["content-type"] ?? ""
            let schema = response["content"][type]["schema"]
            #expect(schema.isObject || reply.body.isEmpty, "\(method) \(path): \(type) is not documented")
            guard type.hasSuffix("json") else { return }
            let faults = try JSONObject(parsing: reply.body).faults(against: schema, in: document)
            #expect(faults.isEmpty, "\(method) \(path): \(faults)")
        }
    }

    private static let workspaces = "/v1/workspaces"
    private static let workspace = workspaces + "/{workspace}"
    private static let mine = workspaces + "/mine"

    @Test func `what is sent of workspaces and documents is what is documented`() async throws {
        let (workspaces, workspace, mine) = (Self.workspaces, Self.workspace, Self.mine)
        try await Exchange.run { exchange in
            let key = exchange.server.operatorKey
            try await exchange.check("GET", workspaces, workspaces, key: key)
            try await exchange.check("GET", workspaces, workspaces + "?limit=1", key: key)
            try await exchange.check("POST", workspaces, workspaces, key: key, body: #"{"name": "w"}"#)
            try await exchange.check("POST", workspaces, workspaces, key: key, body: #"{"name": "W"}"#)
            try await exchange.check("GET", workspace, mine)
            try await exchange.check("GET", workspace, workspaces + "/none")
            try await exchange.check(
                "POST", workspace + "/keys", mine + "/keys",
                body: #"{"name": "k", "permission": "read", "expires_in_seconds": 60}"#)
            try await exchange.check("GET", workspace + "/keys", mine + "/keys")
            let (document, note) = (workspace + "/documents/{document}", mine + "/documents/n.md")
            try await exchange.check("PUT", document, note, body: "---\ntitle: T\n---\n\n# N\n\nnew\n")
            try await exchange.check("PUT", document, note, body: "# N\n\nnewer\n")
            try await exchange.check("GET", document, note)
            for attributes in [#"{"a": 1, "b": ["x"], "c": true, "d": "2026-01-31"}"#, #"{"a": {}}"#] {
                try await exchange.check("PATCH", document, note, body: #"{"attributes": \#(attributes)}"#)
            }
            try await exchange.check("GET", workspace + "/documents", mine + "/documents?limit=2")
            try await exchange.check("GET", workspace + "/originals/{document}", mine + "/originals/n.md")
            try await exchange.check("GET", workspace + "/renditions/{document}", mine + "/renditions/n.md")
            try await exchange.check("DELETE", document, note)
            try await exchange.check("DELETE", workspace, mine)
        }
    }

    @Test(arguments: [
        #"{"query": "alpha"}"#, #"{"q": "alpha"}"#, #"{"query": "alpha", "mode": "keyword"}"#,
        #"{"query": "alpha", "mode": "neither"}"#, #"{"query": "alpha", "as_of": 99}"#,
        #"{"query": "alpha", "filter": {"type": "exists", "key": "a"}}"#,
        #"{"query": "alpha", "filter": {"type": "exists"}}"#, #"{"query": "alpha", "min_score": 2}"#,
        #"{"query": "alpha", "limit": 1, "neighbors": 1, "collapse_duplicates": true, "diversity": 0.5}"#,
        #"{"query": "alpha", "rerank": true}"#, #"{"query": "alpha", "cursor": "none"}"#,
    ])
    func `what is sent of searches is what is documented`(body: String) async throws {
        let (workspace, mine) = (Self.workspace, Self.mine)
        try await Exchange.run { exchange in
            for verb in ["/search", "/context"] {
                try await exchange.check("POST", workspace + verb, mine + verb, body: body)
            }
            try await exchange.check(
                "POST", workspace + "/explain", mine + "/explain",
                body: body.replacing("{\"q", with: "{\"document_id\": \"n.md\", \"q"))
        }
    }

    @Test func `what is sent of imports, agents and models is what is documented`() async throws {
        let (workspace, mine) = (Self.workspace, Self.mine)
        try await Exchange.run { exchange in
            try await exchange.check("GET", workspace + "/recall", mine + "/recall")
            for body in [#"{"id": "imported", "text": "alpha"}"# + "\nnonsense\n", ""] {
                try await exchange.check(
                    "POST", workspace + "/imports/ndjson", mine + "/imports/ndjson", body: body)
            }
            try await exchange.check(
                "POST", workspace + "/imports/archive", mine + "/imports/archive", body: "none")
            try await exchange.check(
                "POST", workspace + "/imports/page", mine + "/imports/page",
                body: #"{"url": "http://localhost/"}"#)
            for body in [#"{"jsonrpc": "2.0", "id": 1, "method": "ping"}"#, "{", "[]"] {
                try await exchange.check("POST", "/mcp", "/mcp", body: body)
            }
            try await exchange.check("GET", "/v1/models", "/v1/models")
            for model in ["word-hash", "none"] {
                try await exchange.check("GET", "/v1/models/{model}", "/v1/models/\(model)")
            }
            for body in [
                #"{"model": "word-hash", "input": "alpha"}"#,
                #"{"model": "word-hash", "input": ["a", "b"], "encoding_format": "base64"}"#,
                #"{"model": "word-hash", "input": [""]}"#, #"{"model": "none", "input": "a"}"#,
            ] {
                try await exchange.check("POST", "/v1/embeddings", "/v1/embeddings", body: body)
            }
            for path in ["/livez", "/readyz"] { try await exchange.check("GET", path, path) }
        }
    }
}
