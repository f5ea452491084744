import Store
import Synchronization
import Testing

struct FailpointTests {
    @Test(arguments: Failpoint.allCases)
    func `every failpoint is armed by its name, for its first pass or a later one`(point: Failpoint) {
        #expect(FailpointTrap(point.rawValue)?.point == point)
        #expect(FailpointTrap(point.rawValue)?.pass == 1)
        #expect(FailpointTrap(point.rawValue + ":12")?.pass == 12)
    }

    @Test(arguments: ["", "commit", "commit-durable:", "commit-durable:0", "commit-durable:1:1", ":1"])
    func `nothing else is a failpoint`(text: String) {
        #expect(FailpointTrap(text) == nil, "\(text)")
    }

    @Test func `a put passes its failpoints in the order in which it becomes durable`() throws {
        let passed = Mutex<[Failpoint]>([])
        let directory = try TemporaryDirectory()
        let store = try WorkspaceStore.create(
            at: directory.path + "/workspace",
            environment: StoreEnvironment.system.watched { point in passed.withLock { $0.append(point) } })
        let space = try store.ensureLiveSpace(TestWorkspace.key)
        passed.withLock { $0 = [] }
        let digest = try store.putBlob(Array("text".utf8))
        let staged = try store.begin(
            VersionDraft(
                externalID: "a", mediaType: "text/plain", folder: "", title: nil, attributes: [:],
                content: digest, byteCount: 4, fingerprint: "f", space: space.id, chunkCount: 0),
            staging: [], source: Array("text".utf8))
        _ = try store.commit(staged.version, expectedRevision: staged.revision)
        _ = try store.deleteDocument(staged.document)
        #expect(
            passed.withLock { $0 } == [
                .blobWritten, .blobNamed, .blobDurable, .versionWritten, .versionDurable, .commitWritten,
                .commitDurable, .deletionWritten, .deletionDurable,
            ])
    }
}
