import Foundation
import TestSupport
import Testing

/// What the README tells a user to type is typed here.
struct ReadmeTests {
    @Test func `the README's lines over HTTP run as written, on whatever port`() async throws {
        let folder = try TemporaryFolder()
        let carrel = Command(dataDirectory: folder.url.appending(path: "data"))
        #expect(try carrel.run("admin", "create", "notes").exitCode == 0)
        let server = try carrel.start("serve", "--port", "0")
        defer { server.kill() }
        let readme = try String(contentsOf: Repository.root.appending(path: "README.md"), encoding: .utf8)
        let block = String(try #require(readme.firstMatch(of: /```bash\n(URL=[\s\S]*?)```/)).output.1)
        #expect(block.contains("URL=http://127.0.0.1:8080\n"))
        let port = try server.port()
        let outcome = try carrel.shell(
            block.replacing("URL=http://127.0.0.1:8080\n", with: "URL=http://127.0.0.1:\(port)\n"))
        #expect(outcome.exitCode == 0, "\(outcome.errors)")
        #expect(outcome.output.contains(#""outcome":"created""#), "\(outcome.output)")
        #expect(
            outcome.output.contains(#""path":"skerry/power.md""#)
                && outcome.output.contains(#""line_start":26"#))
        #expect(outcome.output.contains("revoked key "))
        #expect(outcome.output.contains("HTTP/1.1 401 Unauthorized"))
        #expect(outcome.output.contains(#""code":"key_revoked""#))
        #expect(try server.stop() == 0)
    }
}
