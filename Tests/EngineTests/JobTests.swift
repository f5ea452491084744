import Embedding
import Engine
import Foundation
import Kernels
import Store
import TestSupport
import Testing

struct JobTests {
    /// What an upload of these documents is told to be.
    private static func submit(
        _ documents: [String: String], to test: TestEngine, key: IdempotencyKey? = nil
    ) async throws -> JobSummary {
        let items = documents.sorted { $0.key < $1.key }.map {
            TestEngine.item($0.key, bytes: Array($0.value.utf8))
        }
        return try await test.engine.submit(items, source: "test", key: key, in: test.scope)
    }

    /// Waits until a job has ended, by following it.
    private static func ended(_ id: String, of test: TestEngine) async throws -> JobSummary {
        while true {
            let job = try test.engine.library.job(id, in: test.scope)
            if job.state.isEnded { return job }
            await Task.yield()
        }
    }

    private static func paths(
        _ state: JobItemSummary.State, of job: JobSummary, in test: TestEngine
    ) throws -> [String] {
        try test.engine.library.jobItems(of: job.id, in: state, limit: 100, scope: test.scope).map(\.path)
    }

    @Test func `an ingest is a job with figures of its own, and unchanged documents leave a count only`()
        async throws
    {
        let test = try TestEngine()
        let documents = Texts.documents(count: 5, paragraphs: 4, seed: 1)
        let first = try await test.ingest(documents)
        var job = try #require(try test.engine.library.jobs(in: test.scope, limit: 1).first)
        #expect(job.kind == "local" && job.state == .succeeded && job.documentCount == 5)
        #expect(
            job.readyCount == 5 && job.chunkCount == first.chunkCount && job.tokenCount == first.tokenCount)
        #expect(job.embeddedCount == first.embeddedCount)
        #expect(try Self.paths(.ready, of: job, in: test).sorted() == documents.keys.sorted())
        try await test.ingest(documents)
        job = try #require(try test.engine.library.jobs(in: test.scope, limit: 1).first)
        #expect(job.unchangedCount == 5 && job.readyCount == 0 && job.embeddedCount == 0)
        #expect(try Self.paths(.unchanged, of: job, in: test).isEmpty)
    }

    @Test func `an upload is found once its job has succeeded`() async throws {
        let test = try TestEngine()
        let job = try await Self.submit(["a.md": "alpha beta", "b.md": "gamma delta"], to: test)
        #expect(job.kind == "upload" && job.documentCount == 2)
        let ended = try await Self.ended(job.id, of: test)
        #expect(ended.state == .succeeded && ended.readyCount == 2 && ended.embeddedCount == 2)
        #expect(try await test.search("gamma").hits.first?.citation.path == "b.md")
        try await test.engine.close()
    }

    @Test func `an upload that was acknowledged is done by the next process`() async throws {
        let folder = try TemporaryFolder()
        let embedder = HookedEmbedder(WordHashEmbedder(), role: .passage)
        var configuration = EngineConfiguration(dataDirectory: folder.url.appending(path: "data"))
        configuration.wait = { _ in }
        let engine = try Engine(
            configuration: configuration, embedder: embedder, pool: ComputePool(threadCount: 2))
        try engine.library.createWorkspace(named: "notes")
        let scope = try engine.library.operatorScope(forWorkspace: "notes")
        let (reached, reach) = AsyncStream.makeStream(of: Void.self)
        let never = AsyncStream.makeStream(of: Void.self)
        // The first process never gets past its first call.
        embedder.during { _ in
            reach.yield()
            for await _ in never.stream {}
            try Task.checkCancellation()
        }
        let items = ["a.md": "alpha beta", "b.md": "gamma delta"].map {
            TestEngine.item($0.key, bytes: Array($0.value.utf8))
        }
        let job = try await engine.submit(items, source: "test", in: scope)
        var reaching = reached.makeAsyncIterator()
        _ = await reaching.next()
        let next = try TestEngine(folder: TestEngine.image(of: folder))
        await next.engine.startJobs()
        let ended = try await Self.ended(job.id, of: next)
        #expect(ended.state == .succeeded && ended.readyCount == 2)
        #expect(try await next.search("gamma").hits.first?.citation.path == "b.md")
        #expect(try next.findings() == [])
        try await next.engine.close()
        try await engine.close()
    }

    @Test func `a later write takes the place of an upload that was not done yet`() async throws {
        let test = try TestEngine()
        let held = try HeldJobs(test)
        let job = try await held.submit(["a.md": "first alpha", "b.md": "first beta", "c.md": "first gamma"])
        _ = try await test.engine.put(
            TestEngine.item("a.md", bytes: Array("second alpha".utf8)), in: test.scope)
        try await test.ingest(["c.md": "old gamma"])
        try test.engine.library.deleteDocument(.path(DocumentPath("c.md")), in: test.scope)
        try await held.release()
        let ended = try await Self.ended(job.id, of: test)
        #expect(ended.state == .succeeded && ended.readyCount == 1 && ended.unchangedCount == 2)
        let texts = try await test.search("first second alpha beta gamma", limit: 9).hits.map(\.text).sorted()
        #expect(texts == ["first beta", "second alpha"])
        try await test.engine.close()
    }

    @Test func `a job that is called off fails what it had not done, and can be tried again`() async throws {
        let test = try TestEngine()
        let held = try HeldJobs(test)
        let job = try await held.submit(["a.md": "alpha", "b.md": "beta"])
        let cancelled = try test.engine.library.cancelJob(job.id, in: test.scope)
        #expect(cancelled.state == .cancelled && cancelled.failedCount == 2)
        let items = try test.engine.library.jobItems(of: job.id, in: .failed, limit: 9, scope: test.scope)
        #expect(items.map(\.failure?.code) == ["cancelled", "cancelled"])
        try await held.release()
        #expect(try await test.search("alpha").hits.isEmpty)
        _ = try await test.engine.retryJob(job.id, in: test.scope)
        let ended = try await Self.ended(job.id, of: test)
        #expect(ended.state == .succeeded && ended.readyCount == 2 && ended.failedCount == 0)
        try await test.engine.close()
    }

    @Test func `a document that cannot be read fails alone, with a code and words`() async throws {
        let test = try TestEngine()
        let job = try await Self.submit(["good.md": "alpha", "bad.md": "%PDF-1.4 x\u{0}y"], to: test)
        let ended = try await Self.ended(job.id, of: test)
        #expect(ended.state == .failed && ended.readyCount == 1 && ended.failedCount == 1)
        let failed = try test.engine.library.jobItems(of: job.id, in: .failed, limit: 9, scope: test.scope)
        #expect(failed.map(\.path) == ["bad.md"])
        #expect(failed[0].failure?.isRetriable == false && failed[0].failure?.reason.isEmpty == false)
        try await test.engine.close()
    }

    @Test func `what an embedder refuses for a moment is tried again until it goes through`() async throws {
        let test = try TestEngine()
        test.embedder.fail(onCalls: [1, 2])
        let progress = try await test.ingest(["a.md": "alpha beta"])
        #expect(progress.ingestedCount == 1 && progress.failures.isEmpty)
        let job = try #require(try test.engine.library.jobs(in: test.scope, limit: 1).first)
        let item = try test.engine.library.jobItems(of: job.id, in: .ready, limit: 1, scope: test.scope).first
        #expect(item?.attempts == 3)
    }

    @Test func `the same upload with its key is the same job, and another one is refused`() async throws {
        let test = try TestEngine()
        let key = try IdempotencyKey("k-1", of: ["upload", "a.md"])
        let first = try await Self.submit(["a.md": "alpha"], to: test, key: key)
        let second = try await Self.submit(["a.md": "alpha"], to: test, key: key)
        #expect(first.id == second.id)
        let other = try IdempotencyKey("k-1", of: ["upload", "b.md"])
        await #expect(throws: StoreError.requestKeyReused("k-1")) {
            try await Self.submit(["b.md": "beta"], to: test, key: other)
        }
        try await test.engine.close()
    }

    @Test func `a put that is sent again is done once and told the same, unless it failed`() async throws {
        let test = try TestEngine()
        let key = try IdempotencyKey("k", of: ["put", "a.md"], body: Array("alpha".utf8))
        let item = TestEngine.item("a.md", bytes: Array("alpha".utf8))
        test.embedder.fail(onCalls: [1])
        await #expect(throws: WordHashEmbedder.Refusal(callNumber: 1)) {
            try await test.engine.put(item, key: key, in: test.scope)
        }
        let first = try await test.engine.put(item, key: key, in: test.scope)
        #expect(first.word == .created && first.version != nil)
        _ = try await test.engine.put(
            TestEngine.item("a.md", bytes: Array("beta".utf8)), in: test.scope)
        let again = try await test.engine.put(item, key: key, in: test.scope)
        #expect(again.word == .created && again.version == nil && again.job == first.job)
        #expect(try await test.search("beta").hits.first?.text == "beta")
    }

    @Test func `the jobs of a process that died are ended by the next who is alone`() async throws {
        let test = try TestEngine()
        try await test.ingest(["a.md": "alpha"])
        let image = try TestEngine.image(of: test.folder)
        let paths = FileManager.default.enumerator(at: image.url, includingPropertiesForKeys: nil)
        let database = try #require(
            paths?.compactMap { $0 as? URL }.first { $0.lastPathComponent == "workspace.sqlite" })
        let store = try WorkspaceStore(
            opening: database.deletingLastPathComponent().path, environment: .system)
        let dead = JobID(rawValue: "job_dead")
        _ = try store.createJob(dead, kind: "local", source: "folder")
        try store.record(
            [
                ItemChange(
                    JobItem(path: "b.md", mediaType: "text/markdown", byteCount: 1), .embedding, attempts: 1)
            ],
            to: dead)
        try store.close()
        let next = try TestEngine(folder: image)
        try await next.ingest(["c.md": "gamma"])
        let job = try next.engine.library.job("job_dead", in: next.scope)
        #expect(job.state == .interrupted && job.failedCount == 1)
    }
}

/// Holds a workspace's jobs back, as another process that has them in hand does.
final class HeldJobs: Sendable {
    private let test: TestEngine
    private let lock: AdvisoryLock

    init(_ test: TestEngine) throws {
        self.test = test
        let files = FileManager.default.enumerator(at: test.folder.url, includingPropertiesForKeys: nil)
        let database = try #require(
            files?.compactMap { $0 as? URL }.first { $0.lastPathComponent == "workspace.sqlite" })
        lock = try AdvisoryLock(
            path: database.deletingLastPathComponent().appending(path: "jobs.lock").path)
        #expect(try lock.tryToTake(.alone))
    }

    func submit(_ documents: [String: String]) async throws -> JobSummary {
        let items = documents.sorted { $0.key < $1.key }.map {
            TestEngine.item($0.key, bytes: Array($0.value.utf8))
        }
        return try await test.engine.submit(items, source: "test", in: test.scope)
    }

    /// From here on the engine does its jobs.
    func release() async throws {
        try lock.giveUp()
        await test.engine.startJobs()
    }
}
