import Engine
import Foundation
import Store
import TestSupport
import Testing

/// The invariants of ARCHITECTURE.md that are the product's as a whole. Those of the Store and of the index
/// alone are tested with them.
struct InvariantTests {
    @Test func `the Store decides: what was acknowledged is found after a restart, and nothing else`()
        async throws
    {
        let test = try TestEngine()
        let documents = Texts.documents(count: 8, paragraphs: 5, seed: 10)
        test.embedder.fail(onCalls: [5], passing: false)
        let progress = try await test.ingest(documents)
        let failed = Set(progress.failures.map(\.path))
        #expect(failed.count == 1)
        // The engine is not closed: as after a kill, only what was committed is there.
        let reopened = try TestEngine(folder: test.folder)
        let response = try await reopened.search("w1 w2 w3", limit: 1_000)
        #expect(Set(response.hits.map(\.citation.path)) == Set(documents.keys).subtracting(failed))
        #expect(response.hits.count == progress.chunkCount)
        #expect(response.searched.isComplete)
    }

    @Test func `all or nothing: a search beside replacements sees one whole version of a document`()
        async throws
    {
        let test = try TestEngine(tailRowsMax: 64)
        func text(_ version: Int) -> String {
            (0..<12).map {
                "## Part \($0)\n\n" + String(repeating: "generation\(version) stays whole. ", count: 30)
            }
            .joined(separator: "\n\n")
        }
        try await test.ingest(["doc.md": text(0)])
        let writer = Task {
            for version in 1...25 { try await test.ingest(["doc.md": text(version)]) }
        }
        var newest = 0
        repeat {
            let hits = try await test.search("stays whole", limit: 100).hits
            let versions = Set(hits.map(\.citation.version))
            #expect(versions.count == 1, "one search saw versions \(versions.sorted())")
            #expect(hits.allSatisfy { $0.text.contains("generation\($0.citation.version - 1) ") })
            newest = versions.max() ?? 26
        } while newest < 26
        try await writer.value
    }

    @Test func `every answer is complete: sealed and tail together are what was committed`() async throws {
        let test = try TestEngine(tailRowsMax: 16)
        for (path, text) in Texts.documents(count: 20, paragraphs: 8, seed: 11).sorted(by: { $0.key < $1.key }
        ) {
            try await test.ingest([path: text])
            let response = try await test.search("w5", limit: 1_000)
            #expect(response.searched.isComplete, "\(response.searched)")
            #expect(response.hits.count == response.searched.committed)
        }
        let searched = try await test.search("w5").searched
        #expect(searched.sealed > 0, "the tail of 16 rows was never sealed")
    }

    @Test func `a citation verifies: the source's bytes at its range have its sha256`() async throws {
        let test = try TestEngine()
        let folder = test.folder.url.appending(path: "source")
        for (path, text) in Texts.documents(count: 10, paragraphs: 9, seed: 12) {
            try test.folder.write("\u{feff}" + text.replacing("\n", with: "\r\n"), to: "source/\(path)")
        }
        let source = try FileSource(at: folder)
        let progress = try await test.engine.ingest(from: source.steps(), in: test.scope)
        var count = 0
        try test.engine.library.forEachCitation(in: test.scope) { citation in
            let origin = try #require(citation.origin)
            let bytes = [UInt8](try Data(contentsOf: URL(filePath: origin)))
            #expect(ContentDigest(of: bytes[citation.byteRange]).hex == citation.sha256)
            let before = bytes[..<citation.byteRange.lowerBound].count { $0 == UInt8(ascii: "\n") }
            #expect(citation.lineRange.lowerBound == before + 1)
            count += 1
        }
        #expect(count == progress.chunkCount)
    }

    @Test func `scope or nothing: a workspace's documents are not found through another's scope`()
        async throws
    {
        let test = try TestEngine()
        try await test.ingest(["secret.md": "the treasure is under the oak"])
        try test.engine.library.createWorkspace(named: "neighbour")
        let neighbour = try test.engine.library.operatorScope(forWorkspace: "neighbour")
        let response = try await test.engine.search(SearchRequest(query: "treasure oak"), in: neighbour)
        #expect(response.hits.isEmpty && response.searched.committed == 0)
    }

    @Test func `two engines on one directory find what the other commits, and seal beside each other`()
        async throws
    {
        let first = try TestEngine(tailRowsMax: 12)
        let second = try TestEngine(folder: first.folder, tailRowsMax: 12)
        let documents = Texts.documents(count: 16, paragraphs: 6, seed: 13).sorted { $0.key < $1.key }
        for (number, document) in documents.enumerated() {
            let (writer, reader) = number.isMultiple(of: 2) ? (first, second) : (second, first)
            try await writer.ingest([document.key: document.value])
            let response = try await reader.search("w7", limit: 1_000)
            #expect(response.searched.isComplete)
            #expect(response.hits.count == response.searched.committed)
            #expect(Set(response.hits.map(\.citation.chunkID)).count == response.hits.count)
        }
        #expect(try first.engine.library.verify(in: first.scope).findings.isEmpty)
    }
}
