import Foundation
import Store
import Testing

@Suite struct Blobs {
    private func blobPath(_ workspace: TestWorkspace, _ digest: ContentDigest) -> String {
        workspace.path + "/blobs/" + digest.hex
    }

    @Test(arguments: [0, 1, 4096, 1_000_003])
    func `bytes come back as they were put`(byteCount: Int) throws {
        let workspace = try TestWorkspace()
        let bytes = (0..<byteCount).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let digest = try workspace.store.putBlob(bytes)
        #expect(digest == ContentDigest(of: bytes))
        try workspace.reopen()
        #expect(try workspace.store.readBlob(digest) == bytes)
    }

    @Test func `a blob that is there is not written again`() throws {
        let workspace = try TestWorkspace()
        let digest = try workspace.store.putBlob([1, 2, 3])
        let path = blobPath(workspace, digest)
        let before = try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? Int
        _ = try workspace.store.putBlob([1, 2, 3])
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? Int == before)
        #expect(try FileManager.default.contentsOfDirectory(atPath: workspace.path + "/blobs").count == 1)
    }

    @Test func `a partial file left by a dead writer is never taken for the blob, and collected`() throws {
        let workspace = try TestWorkspace()
        let digest = ContentDigest(of: [1, 2, 3])
        let partial = blobPath(workspace, digest) + ".aaaa.partial"
        #expect(FileManager.default.createFile(atPath: partial, contents: Data([1])))
        #expect(throws: StoreError.blobNotFound(digest)) { try workspace.store.readBlob(digest) }
        _ = try workspace.store.putBlob([1, 2, 3])
        #expect(try workspace.store.readBlob(digest) == [1, 2, 3])
        let future = Timestamp(milliseconds: .max)
        #expect(try workspace.store.collectGarbage(before: future).blobCount == 2)
        #expect(!FileManager.default.fileExists(atPath: partial))
    }

    @Test func `a damaged blob is an error that putting the bytes again repairs`() throws {
        let workspace = try TestWorkspace()
        let digest = try workspace.store.putBlob([1, 2, 3])
        try Data([1, 2, 4]).write(to: URL(filePath: blobPath(workspace, digest)))
        let damaged = StoreError.blobDamaged(expected: digest, found: ContentDigest(of: [1, 2, 4]))
        #expect(throws: damaged) { try workspace.store.readBlob(digest) }
        _ = try workspace.store.putBlob([1, 2, 3])
        #expect(try workspace.store.readBlob(digest) == [1, 2, 3])
    }

    @Test func `a failing file says what, where and why`() throws {
        let workspace = try TestWorkspace()
        let digest = ContentDigest(of: [1])
        try FileManager.default.createDirectory(
            atPath: blobPath(workspace, digest), withIntermediateDirectories: false)
        let error = #expect(throws: StoreError.self) { try workspace.store.readBlob(digest) }
        let failure = FileFailure(operation: .read, path: blobPath(workspace, digest), code: EISDIR)
        #expect(error == .storageFailed(.file(failure)))
    }
}

@Suite struct Embeddings {
    private let text = ContentDigest(of: "text")

    @Test func `a vector comes back bit by bit`() throws {
        let workspace = try TestWorkspace()
        let vector: [Float] = [0, -0.0, .leastNonzeroMagnitude, -.greatestFiniteMagnitude]
        try workspace.store.storeEmbeddings(
            [NewEmbedding(text: text, vector: vector)], in: workspace.space.id, role: .passage)
        try workspace.reopen()
        let found = try #require(
            try workspace.store.vector(in: workspace.space.id, role: .passage, of: text))
        #expect(found.map(\.bitPattern) == vector.map(\.bitPattern))
    }

    @Test func `a text has one vector for each space and role, the first`() throws {
        let workspace = try TestWorkspace()
        let (store, space) = (workspace.store, workspace.space.id)
        let other = try store.beginBuilding(
            SpaceKey(model: "b", revision: "", precision: "", dimension: 1)
        ).id
        try store.storeEmbeddings(
            [NewEmbedding(text: text, vector: [1, 0, 0, 0])], in: space, role: .passage)
        try store.storeEmbeddings(
            [NewEmbedding(text: text, vector: [0, 1, 0, 0])], in: space, role: .passage)
        try store.storeEmbeddings([NewEmbedding(text: text, vector: [0, 0, 1, 0])], in: space, role: .query)
        try store.storeEmbeddings([NewEmbedding(text: text, vector: [5])], in: other, role: .passage)
        #expect(try store.vector(in: space, role: .passage, of: text) == [1, 0, 0, 0])
        #expect(try store.vector(in: space, role: .query, of: text) == [0, 0, 1, 0])
        #expect(try store.vector(in: other, role: .passage, of: text) == [5])
        #expect(try store.vector(in: other, role: .query, of: text) == nil)
    }

    @Test func `only what is missing is asked for`() throws {
        let workspace = try TestWorkspace()
        let (store, space) = (workspace.store, workspace.space.id)
        try store.storeEmbeddings(
            [NewEmbedding(text: text, vector: [1, 0, 0, 0])], in: space, role: .passage)
        let unknown = ContentDigest(of: "unknown")
        #expect(
            try store.missingEmbeddings(in: space, role: .passage, of: [text, unknown, text]) == [unknown])
        #expect(try store.missingEmbeddings(in: space, role: .query, of: [text]) == [text])
    }

    @Test func `a vector of the wrong dimension or not finite is refused before anything is written`() throws
    {
        let workspace = try TestWorkspace()
        let (store, space) = (workspace.store, workspace.space.id)
        let good = NewEmbedding(text: text, vector: [1, 0, 0, 0])
        let short = NewEmbedding(text: ContentDigest(of: "short"), vector: [1])
        let infinite = NewEmbedding(text: ContentDigest(of: "inf"), vector: [1, 0, .infinity, 0])
        #expect(throws: StoreError.dimensionMismatch(expected: 4, found: 1)) {
            try store.storeEmbeddings([good, short], in: space, role: .passage)
        }
        #expect(throws: StoreError.vectorNotFinite(text: infinite.text)) {
            try store.storeEmbeddings([good, infinite], in: space, role: .passage)
        }
        #expect(throws: StoreError.spaceNotFound(SpaceID(rawValue: 9))) {
            try store.storeEmbeddings([good], in: SpaceID(rawValue: 9), role: .passage)
        }
        #expect(try store.vector(in: space, role: .passage, of: text) == nil)
    }
}
