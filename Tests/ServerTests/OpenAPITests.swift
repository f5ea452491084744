import Engine
import Foundation
import HTTPTypes
import Server
import TestSupport
import Testing

struct OpenAPITests {
    private static func document(_ server: TestServer) async throws -> JSONObject {
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

    @Test func `what is sent is what is documented`() async throws {
        try await TestServer.run { server in
            let document = try await Self.document(server)
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
            let workspaces = "/v1/workspaces"
            let workspace = workspaces + "/{workspace}"
            try await check("GET", workspaces, workspaces, key: server.operatorKey)
            try await check("GET", workspaces, workspaces + "?limit=1", key: server.operatorKey)
            try await check("POST", workspaces, workspaces, key: server.operatorKey, body: #"{"name": "w"}"#)
            try await check("POST", workspaces, workspaces, key: server.operatorKey, body: #"{"name": "W"}"#)
            try await check("GET", workspace, workspaces + "/mine")
            try await check("GET", workspace, workspaces + "/none")
            try await check(
                "POST", workspace + "/keys", workspaces + "/mine/keys",
                body: #"{"name": "k", "permission": "read", "expires_in_seconds": 60}"#)
            try await check("GET", workspace + "/keys", workspaces + "/mine/keys")
            let document_ = workspace + "/documents/{document}"
            try await check(
                "PUT", document_, workspaces + "/mine/documents/n.md",
                body: "---\ntitle: T\n---\n\n# N\n\nnew\n")
            try await check("PUT", document_, workspaces + "/mine/documents/n.md", body: "# N\n\nnewer\n")
            try await check("GET", document_, workspaces + "/mine/documents/n.md")
            try await check(
                "PATCH", document_, workspaces + "/mine/documents/n.md",
                body: #"{"attributes": {"a": 1, "b": ["x"], "c": true, "d": "2026-01-31"}}"#)
            try await check(
                "PATCH", document_, workspaces + "/mine/documents/n.md", body: #"{"attributes": {"a": {}}}"#)
            for filter in [#"{"type": "exists", "key": "a"}"#, #"{"type": "exists"}"#] {
                try await check(
                    "POST", workspace + "/search", workspaces + "/mine/search",
                    body: #"{"query": "alpha", "filter": \#(filter)}"#)
            }
            try await check("GET", workspace + "/documents", workspaces + "/mine/documents?limit=2")
            try await check("GET", workspace + "/originals/{document}", workspaces + "/mine/originals/n.md")
            try await check("GET", workspace + "/renditions/{document}", workspaces + "/mine/renditions/n.md")
            try await check(
                "POST", workspace + "/search", workspaces + "/mine/search", body: #"{"query": "alpha"}"#)
            try await check(
                "POST", workspace + "/search", workspaces + "/mine/search", body: #"{"q": "alpha"}"#)
            try await check("GET", workspace + "/recall", workspaces + "/mine/recall")
            for body in [#"{"id": "imported", "text": "alpha"}"# + "\nnonsense\n", ""] {
                try await check(
                    "POST", workspace + "/imports/ndjson", workspaces + "/mine/imports/ndjson", body: body)
            }
            try await check(
                "POST", workspace + "/imports/archive", workspaces + "/mine/imports/archive", body: "none")
            try await check(
                "POST", workspace + "/imports/page", workspaces + "/mine/imports/page",
                body: #"{"url": "http://localhost/"}"#)
            for body in [#"{"jsonrpc": "2.0", "id": 1, "method": "ping"}"#, "{", "[]"] {
                try await check("POST", "/mcp", "/mcp", body: body)
            }
            try await check("GET", "/v1/models", "/v1/models")
            try await check("GET", "/v1/models/{model}", "/v1/models/word-hash")
            try await check("GET", "/v1/models/{model}", "/v1/models/none")
            for body in [
                #"{"model": "word-hash", "input": "alpha"}"#,
                #"{"model": "word-hash", "input": ["a", "b"], "encoding_format": "base64"}"#,
                #"{"model": "word-hash", "input": [""]}"#, #"{"model": "none", "input": "a"}"#,
            ] {
                try await check("POST", "/v1/embeddings", "/v1/embeddings", body: body)
            }
            try await check("DELETE", document_, workspaces + "/mine/documents/n.md")
            try await check("GET", "/livez", "/livez")
            try await check("GET", "/readyz", "/readyz")
            try await check("DELETE", workspace, workspaces + "/mine")
        }
    }
}
