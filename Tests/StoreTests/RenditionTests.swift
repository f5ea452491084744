import Documents
import Foundation
import Store
import Testing

@Suite struct Renditions {
    private static let original = Array("%PDF- some bytes".utf8)

    /// A document whose chunks are lines of a rendition, the first on page 1, the second on page 2, and so on.
    private func stage(
        _ workspace: TestWorkspace, _ externalID: String, _ text: String
    ) throws -> StagedVersion {
        let bytes = Array(text.utf8)
        var chunks = TestWorkspace.chunks(of: text)
        for index in chunks.indices { chunks[index].page = index + 1 }
        _ = try workspace.store.putBlob(Self.original)
        _ = try workspace.store.putBlob(bytes)
        try workspace.embed(chunks)
        var draft = workspace.draft(externalID, text)
        draft.content = ContentDigest(of: Self.original)
        draft.byteCount = Self.original.count
        draft.rendition = StoredRendition(content: ContentDigest(of: bytes), byteCount: bytes.count)
        return try workspace.store.begin(draft, staging: chunks, source: bytes)
    }

    private func put(_ workspace: TestWorkspace, _ externalID: String, _ text: String) throws {
        let staged = try stage(workspace, externalID, text)
        _ = try workspace.store.commit(staged.version, expectedRevision: staged.revision)
    }

    @Test func `a passage of a rendition knows it, its page, and that it is no range of the original`() throws
    {
        let workspace = try TestWorkspace()
        try put(workspace, "a.pdf", "one\nmuch longer than the original is")
        let record = try #require(try workspace.store.document(externalID: "a.pdf"))
        let passages = try workspace.store.passages(of: record.version)
        #expect(passages.map(\.page) == [1, 2])
        #expect(passages.allSatisfy { $0.rendition == record.version.rendition && $0.rendition != nil })
        #expect(record.version.content == ContentDigest(of: Self.original))
        #expect(try workspace.store.statistics().byteCount == Self.original.count)
        #expect(try workspace.store.verify() == [])
    }

    @Test func `a rendition that is gone or changed is found by verification`() throws {
        let workspace = try TestWorkspace()
        try put(workspace, "a.pdf", "one\ntwo")
        let path = workspace.path + "/blobs/" + ContentDigest(of: "one\ntwo").hex
        try Data("one\ntoo".utf8).write(to: URL(filePath: path))
        #expect(try workspace.store.verify().map(\.rule) == [.blobHashesToItsName])
        try FileManager.default.removeItem(atPath: path)
        #expect(try workspace.store.verify().map(\.rule) == [.blobIsThere])
    }

    @Test func `a version cannot begin before its rendition was put`() throws {
        let workspace = try TestWorkspace()
        _ = try workspace.store.putBlob(Self.original)
        var draft = workspace.draft("a.pdf", "one")
        draft.content = ContentDigest(of: Self.original)
        draft.byteCount = Self.original.count
        draft.rendition = StoredRendition(content: ContentDigest(of: "one"), byteCount: 3)
        #expect(throws: StoreError.blobNotFound(ContentDigest(of: "one"))) {
            try workspace.store.begin(draft)
        }
    }

    @Test func `renditions are collected with their versions and kept with them`() throws {
        let workspace = try TestWorkspace()
        try put(workspace, "a.pdf", "old")
        try put(workspace, "a.pdf", "new")
        workspace.clock.advance(milliseconds: 10)
        while try !workspace.store.collectGarbage(before: workspace.clock.now).isComplete {}
        #expect(throws: StoreError.blobNotFound(ContentDigest(of: "old"))) {
            try workspace.store.readBlob(ContentDigest(of: "old"))
        }
        #expect(try workspace.store.readBlob(ContentDigest(of: "new")) == Array("new".utf8))
        #expect(try workspace.store.verify() == [])
    }
}
