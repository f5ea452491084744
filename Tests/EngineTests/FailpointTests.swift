import Engine
import Foundation
import Store
import Synchronization
import TestSupport
import Testing

/// What a process leaves behind that dies between two steps, at every such place that has a name.
struct FailpointTests {
    private static let documents = Texts.documents(count: 24, paragraphs: 12, seed: 71)
    private static let edited = Texts.documents(count: 12, paragraphs: 12, seed: 72)

    /// Images of a data directory, one for each failpoint, taken at its first pass.
    private final class Images: Sendable {
        private let taken = Mutex<[Failpoint: TemporaryFolder]>([:])
        private let folder: TemporaryFolder

        init(of folder: TemporaryFolder) {
            self.folder = folder
        }

        var all: [Failpoint: TemporaryFolder] { taken.withLock { $0 } }

        var environment: StoreEnvironment {
            .system.watched { point in
                self.taken.withLock { taken in
                    guard taken[point] == nil else { return }
                    taken[point] = try? TestEngine.image(of: self.folder)
                }
            }
        }
    }

    private static func small(_ folder: TemporaryFolder, _ environment: StoreEnvironment) throws -> TestEngine
    {
        try TestEngine(
            folder: folder, tailRowsMax: 16, tailRowsSealedAtClose: 1, trainingRowsMin: 24,
            environment: environment)
    }

    @Test func `the Store decides: a process killed at any failpoint leaves what is right`() async throws {
        let folder = try TemporaryFolder()
        let images = Images(of: folder)
        let test = try Self.small(folder, images.environment)
        // One after the other, so that nothing but the step itself is under way.
        for (path, text) in Self.documents.merging(Self.edited, uniquingKeysWith: { first, _ in first }) {
            try await test.ingest([path: text])
        }
        for (path, text) in Self.edited { try await test.ingest([path: text]) }
        try await test.engine.settle(in: test.scope)
        _ = try test.engine.library.collectGarbage(in: test.scope, olderThan: .zero)
        try await test.engine.close()
        let expected: [Failpoint] = [
            .blobWritten, .commitWritten, .commitDurable, .segmentSealed, .segmentRecorded, .quantizerSealed,
            .garbageSwept, .garbageBlobUnlinked,
        ]
        for point in expected { #expect(images.all[point] != nil, "\(point) was not passed") }
        for (point, image) in images.all.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            let killed = try Self.small(image, .system)
            #expect(try killed.findings() == [], "\(point)")
            _ = try await killed.exactAnswers()
            try await killed.ingest(Self.edited)
            try await killed.engine.settle(in: killed.scope)
            #expect(try killed.findings() == [], "\(point)")
            try await killed.engine.close()
        }
    }

    @Test func `what was replaced a day ago goes without anybody asking, what was replaced just now stays`()
        async throws
    {
        let folder = try TemporaryFolder()
        let late = Mutex<Int64>(0)
        let environment = StoreEnvironment(
            now: {
                Timestamp(milliseconds: StoreEnvironment.system.now().milliseconds + late.withLock { $0 })
            },
            randomBytes: StoreEnvironment.system.randomBytes)
        let collected = AsyncStream.makeStream(of: Void.self)
        let test = try TestEngine(folder: folder, environment: environment) { configuration in
            configuration.onMaintenance = { event in
                if event.work == .garbageCollection, case .ended = event.moment {
                    collected.continuation.yield()
                }
            }
        }
        func originalCount() throws -> Int {
            let files = FileManager.default.enumerator(at: folder.url, includingPropertiesForKeys: nil)
            return (files?.compactMap { $0 as? URL } ?? [])
                .count { $0.deletingLastPathComponent().lastPathComponent == "blobs" }
        }
        var ends = collected.stream.makeAsyncIterator()
        try await test.ingest(["a.md": "# A\n\nfirst\n"])
        try await test.ingest(["a.md": "# A\n\nsecond\n"])
        late.withLock { $0 = 2 * 3_600_000 }
        try await test.ingest(["b.md": "# B\n\nother\n"])
        await ends.next()
        #expect(try originalCount() == 3)
        late.withLock { $0 = 26 * 3_600_000 }
        try await test.ingest(["c.md": "# C\n\nmore\n"])
        await ends.next()
        #expect(try originalCount() == 3)
        #expect(try test.findings() == [])
    }
}
