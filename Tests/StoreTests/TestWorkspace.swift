import Documents
import Foundation
import Store
import Synchronization
import TestSupport

/// A clock that stands still until it is told to go on.
final class TestClock: Sendable {
    private let milliseconds = Mutex<Int64>(1_000_000)

    var now: Timestamp {
        Timestamp(milliseconds: milliseconds.withLock { $0 })
    }

    func advance(milliseconds count: Int64) {
        milliseconds.withLock { $0 += count }
    }
}

/// A directory of its own, removed with it.
final class TemporaryDirectory {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "/store-tests-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }
}

/// A workspace with one space of four dimensions, and the steps of an ingest in short.
final class TestWorkspace {
    static let key = SpaceKey(model: "test", revision: "1", precision: "float32", dimension: 4)

    let clock: TestClock
    let environment: StoreEnvironment
    let space: SpaceRecord
    private(set) var store: WorkspaceStore
    private let directory: TemporaryDirectory

    var path: String {
        directory.path + "/workspace"
    }

    init() throws {
        let clock = TestClock()
        self.clock = clock
        environment = StoreEnvironment(now: { clock.now }, randomBytes: StoreEnvironment.system.randomBytes)
        directory = try TemporaryDirectory()
        store = try WorkspaceStore.create(at: directory.path + "/workspace", environment: environment)
        space = try store.ensureLiveSpace(Self.key)
    }

    func reopen() throws {
        try store.close()
        store = try WorkspaceStore(opening: path, environment: environment)
    }

    /// What a process killed now leaves behind, opened.
    func crashCopy() throws -> (store: WorkspaceStore, directory: TemporaryDirectory) {
        let copy = try TemporaryDirectory()
        for name in ["workspace.sqlite", "workspace.sqlite-wal", "blobs"] {
            try FileManager.default.copyItem(atPath: path + "/" + name, toPath: copy.path + "/" + name)
        }
        return (try WorkspaceStore(opening: copy.path, environment: environment), copy)
    }

    /// Blob, vectors and staged chunks of `text`, each line a chunk; not committed.
    func stage(
        _ externalID: String, _ text: String, on other: WorkspaceStore? = nil, folder: String = "",
        attributes: [String: AttributeValue]? = nil, job: JobID? = nil, expiresAt: Timestamp? = nil
    ) throws -> StagedVersion {
        let store = other ?? store
        let chunks = Self.chunks(of: text)
        _ = try store.putBlob(Array(text.utf8))
        try embed(chunks, on: store)
        var draft = draft(externalID, text, folder: folder, job: job, expiresAt: expiresAt)
        if let attributes { draft.attributes = attributes }
        return try store.begin(draft, staging: chunks, source: Array(text.utf8))
    }

    @discardableResult
    func put(
        _ externalID: String, _ text: String, folder: String = "",
        attributes: [String: AttributeValue]? = nil, expiresAt: Timestamp? = nil
    ) throws -> CommitRecord {
        let staged = try stage(
            externalID, text, folder: folder, attributes: attributes, expiresAt: expiresAt)
        return try store.commit(staged.version, expectedRevision: staged.revision)
    }

    func embed(_ chunks: [Chunk], on other: WorkspaceStore? = nil) throws {
        let embeddings = chunks.map {
            NewEmbedding(text: ContentDigest(of: $0.text), vector: Self.vector(of: $0.text))
        }
        try (other ?? store).storeEmbeddings(embeddings, in: space.id, role: .passage)
    }

    func draft(
        _ externalID: String, _ text: String, folder: String = "", job: JobID? = nil,
        expiresAt: Timestamp? = nil
    ) -> VersionDraft {
        VersionDraft(
            externalID: externalID, mediaType: "text/plain", folder: folder, title: "Title of \(externalID)",
            attributes: ["lines": "\(text.split(separator: "\n").count)"], content: ContentDigest(of: text),
            byteCount: text.utf8.count, fingerprint: "lines/1", space: space.id,
            chunkCount: Self.chunks(of: text).count, expiresAt: expiresAt, job: job)
    }

    /// Each document's text as its live chunks tell it, by external id.
    func visible(in other: WorkspaceStore? = nil) throws -> [String: String] {
        let store = other ?? store
        let documents = try store.documents(limit: 1_000)
        let texts = try documents.map { document in
            try store.passages(of: document.version).map(\.text).joined(separator: "\n")
        }
        return Dictionary(uniqueKeysWithValues: zip(documents.map(\.externalID), texts))
    }

    static func chunks(of text: String) -> [Chunk] {
        var start = 0
        return text.split(separator: "\n").enumerated().map { ordinal, line in
            defer { start += line.utf8.count + 1 }
            return Chunk(
                ordinal: ordinal, byteRange: start..<start + line.utf8.count,
                lineRange: ordinal + 1...ordinal + 1,
                headingPath: ["Top", "Line \(ordinal)"], text: String(line),
                tokenCount: line.split(separator: " ").count)
        }
    }

    /// Some vector, the same for the same text.
    static func vector(of text: String) -> [Float] {
        ContentDigest(of: text).bytes.prefix(4).map { Float($0) / 255 }
    }
}
