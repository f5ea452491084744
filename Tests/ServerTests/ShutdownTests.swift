import Engine
import Foundation
import Server
import ServiceLifecycle
import TestSupport
import Testing

struct ShutdownTests {
    @Test func `a stop takes no more connections, finishes what is in flight, and loses nothing`()
        async throws
    {
        let embedder = HeldEmbedder()
        try await TestServer.run(embedder: embedder) { server in
            embedder.hold()
            async let put = server.send("PUT", "/v1/workspaces/mine/documents/late.md", body: "late but safe")
            async let search = server.send(
                "POST", "/v1/workspaces/mine/search", body: #"{"query": "alpha"}"#)
            await embedder.arrived(2)
            await server.group.triggerGracefulShutdown()
            // The listener closes in its own time; from then on nobody gets in.
            var isRefused = false
            while !isRefused {
                isRefused = ((try? await server.client.send("GET", "/livez")) == nil)
            }
            embedder.release()
            #expect(try await put.status == 201)
            #expect(try await search.status == 200)
            let scope = try server.engine.library.operatorScope(forWorkspace: "mine")
            #expect(try server.engine.library.documents(in: scope, limit: 10).map(\.path).contains("late.md"))
        }
    }
}
