import Documents
import Engine
import Foundation
import Store
import TestSupport
import Testing

@Suite struct FormatTests {
    private func put(_ test: TestEngine, _ path: String, _ bytes: [UInt8]) async throws -> PutOutcome {
        try await test.engine.put(TestEngine.item(path, bytes: bytes), in: test.scope)
    }

    private static let pdf = PDFBuilder([
        [.init("The first page tells of oaks.", height: 700)],
        [.init("The second page tells of beeches.", height: 700)],
    ]).bytes

    @Test func `a citation of a PDF names its page and verifies against the rendition`() async throws {
        let test = try TestEngine()
        _ = try await put(test, "trees.pdf", Self.pdf)
        let hit = try #require(try await test.search("beeches", limit: 1).hits.first)
        let (document, text, mediaType) = try test.engine.library.rendition(
            of: .path(DocumentPath("trees.pdf")), in: test.scope)
        #expect(mediaType == "text/markdown")
        #expect(hit.citation.rendition == document.renditionSHA256)
        #expect(ContentDigest(of: text[hit.citation.byteRange]).hex == hit.citation.sha256)
        #expect(
            try test.engine.library.original(of: .path(DocumentPath("trees.pdf")), in: test.scope).bytes
                == Self.pdf)
        #expect(try test.findings() == [])
    }

    @Test func `what is text has no rendition, and its citations are of the original`() async throws {
        let test = try TestEngine()
        _ = try await put(test, "a.csv", Array("name,size\noak,tall\n".utf8))
        let hit = try #require(try await test.search("oak").hits.first)
        #expect(hit.citation.rendition == nil && hit.citation.page == nil)
        let found = try test.engine.library.rendition(of: .path(DocumentPath("a.csv")), in: test.scope)
        #expect(found.bytes == Array("name,size\noak,tall\n".utf8) && found.mediaType == "text/csv")
    }

    @Test func `a wrong extension does not matter, and the second time nothing is done`() async throws {
        let test = try TestEngine()
        let version = try #require(try await put(test, "trees.md", Self.pdf).version)
        #expect(version.notices.contains(.readAs(.pdf, named: .markdown)))
        let document = try test.engine.library.document(.path(DocumentPath("trees.md")), in: test.scope)
        #expect(document.mediaType == "application/pdf")
        #expect(try await put(test, "trees.md", Self.pdf).word == .unchanged)
    }

    @Test func `a document that cannot be read fails alone`() async throws {
        let test = try TestEngine()
        let bad = PDFBuilder([[]], isLocked: true).bytes
        let items = [TestEngine.item("bad.pdf", bytes: bad), TestEngine.item("good.pdf", bytes: Self.pdf)]
        let progress = try await test.engine.ingest(items, in: test.scope)
        #expect(progress.ingestedCount == 1)
        #expect(progress.failures.map { $0.error as? DocumentError } == [.encrypted(.pdf)])
    }
}
