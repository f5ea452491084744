import Engine
import Foundation
import TestSupport
import Testing

struct ManyWorkspacesTests {
    @Test func `three hundred workspaces are searched with two dozen open, and none knows another's`()
        async throws
    {
        let test = try TestEngine { $0.openWorkspacesMax = 24 }
        let library = test.engine.library
        var scopes: [WorkspaceScope] = []
        for number in 0..<300 {
            try library.createWorkspace(named: "many\(number)")
            let scope = try library.operatorScope(forWorkspace: "many\(number)")
            scopes.append(scope)
            let bytes = Array("the word of this workspace is secret\(number)".utf8)
            _ = try await test.engine.put(TestEngine.item("word.md", bytes: bytes), in: scope)
            #expect(library.openWorkspaceCount <= 24)
        }
        for (number, scope) in scopes.enumerated() {
            let response = try await test.engine.search(SearchRequest(query: "secret\(number)"), in: scope)
            #expect(response.searched.isComplete && response.hits.count == 1)
            #expect(response.hits.first?.text.hasSuffix("secret\(number)") == true)
            #expect(library.openWorkspaceCount <= 24)
        }
        try await test.engine.close()
    }

    @Test func `as long as nobody says otherwise 256 workspaces are open at the most`() {
        let folder = EngineConfiguration(dataDirectory: .temporaryDirectory)
        #expect(folder.openWorkspacesMax == 256)
    }
}
