import Engine
import Foundation
import HTTPTypes
import Server
import TestSupport
import Testing

/// Who may come in, over the whole route table: a route that is added tomorrow is walked too.
struct DoorTests {
    @Test func `every route in a workspace has a door that asks for that workspace`() {
        for route in RouteTable.routes {
            switch route.access {
            case .workspace: #expect(route.isInWorkspace, "\(route.name) has no workspace to ask for")
            case .open, .key, .operatorKey:
                #expect(!route.isInWorkspace, "\(route.name) lets in whoever does not own the workspace")
            }
        }
    }

    @Test func `a key of one workspace gets 404 on every route of the other, and changes nothing there`()
        async throws
    {
        try await TestServer.run { server in
            let before = try await contents(of: server.theirs, in: server)
            for route in RouteTable.routes where route.isInWorkspace {
                for permission in Permission.allCases {
                    for workspace in [server.theirs.name, server.theirs.id, "nowhere"] {
                        let reply = try await server.send(
                            route.method.rawValue, route.target(in: server.theirs, workspace: workspace),
                            key: server.mine.key(permission), headers: [("Content-Type", "text/markdown")],
                            body: "{}")
                        #expect(reply.status == 404, "\(route.name) as \(permission): \(reply.status)")
                        #expect(try TestServer.problem(reply) == "workspace_not_found")
                    }
                }
            }
            #expect(try await contents(of: server.theirs, in: server) == before)
        }
    }

    /// What a tenant's owner sees of it.
    private func contents(of tenant: TestServer.Tenant, in server: TestServer) async throws -> [String] {
        var texts: [String] = []
        for route in RouteTable.routes where route.isInWorkspace && route.method == .get {
            let reply = try await server.send(
                "GET", route.target(in: tenant), key: tenant.key(.owner), staysOpen: true)
            #expect(reply.status == 200, "\(route.name)")
            texts.append(reply.text)
        }
        return texts
    }

    @Test func `a list of workspaces holds those that the key opens, and no others`() async throws {
        struct Listed: Decodable {
            struct Workspace: Decodable { var name: String }
            var data: [Workspace]
        }
        try await TestServer.run { server in
            for permission in Permission.allCases {
                let own = try await server.send("GET", "/v1/workspaces", key: server.mine.key(permission))
                #expect(try own.json(Listed.self).data.map(\.name) == ["mine"])
            }
            let all = try await server.send("GET", "/v1/workspaces", key: server.operatorKey)
            #expect(try all.json(Listed.self).data.map(\.name) == ["mine", "theirs"])
        }
    }

    @Test func `without a key, or with one that opens nothing, every route but the open ones says why`()
        async throws
    {
        try await TestServer.run { server in
            let library = server.engine.library
            let scope = try library.operatorScope(forWorkspace: "mine")
            let brief = try library.createKey(
                KeyRequest(name: "brief", permission: .owner, lifetime: .seconds(60)), in: scope)
            let revoked = try library.createKey(KeyRequest(name: "gone", permission: .owner), in: scope)
            try library.revokeKey(revoked.summary.id, in: scope)
            #expect(try await server.send("GET", "/v1/workspaces/mine", key: brief.text).status == 200)
            server.clock.advance(seconds: 60)
            let right = server.mine.key(.owner)
            let wrongSecret = right.dropLast() + (right.last == "a" ? "b" : "a")
            let cases: [(header: String?, code: String)] = [
                (nil, "key_missing"), ("", "key_missing"), ("Bearer", "key_missing"),
                ("Basic \(right)", "key_missing"), (right, "key_missing"), ("Bearer x", "key_unknown"),
                ("Bearer \(right) ", "workspace"), ("bearer \(right)", "workspace"),
                ("Bearer \(wrongSecret)", "key_unknown"), ("Bearer \(right)a", "key_unknown"),
                ("Bearer crl_" + String(repeating: "a", count: 69), "key_unknown"),
                ("Bearer crl_aaaaaaaaaaaaaaaa_" + String(repeating: "a", count: 52), "key_unknown"),
                ("Bearer \(brief.text)", "key_expired"), ("Bearer \(revoked.text)", "key_revoked"),
            ]
            for route in RouteTable.routes where route.needsKey && route.method != .delete {
                for (header, code) in cases where code != "workspace" {
                    let reply = try await server.client.send(
                        route.method.rawValue, route.target(in: server.mine),
                        headers: header.map { [("Authorization", $0)] } ?? [], body: Array("{}".utf8))
                    #expect(reply.status == 401, "\(route.name) with \(header ?? "nothing")")
                    #expect(
                        try route.code(of: reply) == route.told(code),
                        "\(route.name) with \(header ?? "nothing")")
                    #expect(reply.headers["www-authenticate"] == "Bearer realm=\"carrel\"")
                }
            }
            for (header, code) in cases where code == "workspace" {
                let reply = try await server.client.send(
                    "GET", "/v1/workspaces/mine", headers: [("Authorization", header ?? "")])
                #expect(reply.status == 200, "with \(header ?? "")")
            }
        }
    }

    @Test func `a key that allows too little gets 403 on every route that needs more, and nothing is done`()
        async throws
    {
        try await TestServer.run { server in
            let before = try await contents(of: server.mine, in: server)
            for route in RouteTable.routes {
                let needed: Permission
                switch route.access {
                case .workspace(let permission), .key(let permission): needed = permission
                case .open, .operatorKey: continue
                }
                for found in Permission.allCases where found < needed {
                    let reply = try await server.send(
                        route.method.rawValue, route.target(in: server.mine), key: server.mine.key(found),
                        headers: [("Content-Type", "text/markdown")], body: "{}")
                    #expect(reply.status == 403, "\(route.name) as \(found): \(reply.status)")
                    #expect(try route.code(of: reply) == "permission_too_low")
                }
            }
            #expect(try await contents(of: server.mine, in: server) == before)
        }
    }

    @Test func `only the operator makes workspaces, and is at home in all of them`() async throws {
        try await TestServer.run { server in
            let body = #"{"name": "new"}"#
            for permission in Permission.allCases {
                let reply = try await server.send(
                    "POST", "/v1/workspaces", key: server.mine.key(permission), body: body)
                #expect(reply.status == 403)
                #expect(try TestServer.problem(reply) == "operator_only")
            }
            let made = try await server.send("POST", "/v1/workspaces", key: server.operatorKey, body: body)
            #expect(made.status == 201 && made.headers["location"] == "/v1/workspaces/new")
            let twice = try await server.send("POST", "/v1/workspaces", key: server.operatorKey, body: body)
            #expect(twice.status == 409)
            #expect(try TestServer.problem(twice) == "workspace_exists")
            for name in ["mine", "theirs", "new"] {
                let put = try await server.send(
                    "PUT", "/v1/workspaces/\(name)/documents/by-operator.md", key: server.operatorKey,
                    body: "text")
                #expect(put.status == 201)
            }
        }
    }

    @Test func `a key is made, opens, is revoked, and opens nothing from the next request on`() async throws {
        struct Issued: Decodable {
            struct Info: Decodable { var id: String }
            var key: String
            var info: Info
        }
        try await TestServer.run { server in
            let made = try await server.send(
                "POST", "/v1/workspaces/mine/keys",
                body: #"{"name": "agent", "permission": "read", "expires_in_seconds": 3600}"#)
            #expect(made.status == 201)
            let issued = try made.json(Issued.self)
            let listed = try await server.send("GET", "/v1/workspaces/mine/keys")
            #expect(listed.text.contains(issued.info.id) && !listed.text.contains(issued.key))
            #expect(try await server.send("GET", "/v1/workspaces/mine", key: issued.key).status == 200)
            // Not by the neighbour's owner, though the id is known.
            let foreign = try await server.send(
                "DELETE", "/v1/workspaces/theirs/keys/\(issued.info.id)", key: server.theirs.key(.owner))
            #expect(try TestServer.problem(foreign) == "key_not_found")
            for _ in 0..<2 {
                let revoked = try await server.send("DELETE", "/v1/workspaces/mine/keys/\(issued.info.id)")
                #expect(revoked.status == 204)
            }
            let after = try await server.send("GET", "/v1/workspaces/mine", key: issued.key)
            #expect(after.status == 401)
            #expect(try TestServer.problem(after) == "key_revoked")
        }
    }

    @Test func `a deleted workspace is gone for its keys, and its name is free`() async throws {
        try await TestServer.run { server in
            #expect(try await server.send("DELETE", "/v1/workspaces/mine").status == 204)
            let after = try await server.send("GET", "/v1/workspaces/mine")
            #expect(after.status == 401)
            #expect(try TestServer.problem(after) == "key_unknown")
            let again = try await server.send(
                "POST", "/v1/workspaces", key: server.operatorKey, body: #"{"name": "mine"}"#)
            #expect(again.status == 201)
            let listed = try await server.send(
                "GET", "/v1/workspaces/mine/documents", key: server.operatorKey)
            #expect(listed.text.contains(#""data":[]"#))
        }
    }
}
