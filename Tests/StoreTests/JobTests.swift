import Documents
import Store
import Testing

struct JobStoreTests {
    private static let job = JobID(rawValue: "job-1")

    private static func item(_ path: String, content: ContentDigest? = nil) -> JobItem {
        JobItem(path: path, mediaType: "text/plain", content: content, byteCount: 3)
    }

    @Test func `what an item becomes is written with the commit, or not at all`() throws {
        let workspace = try TestWorkspace()
        _ = try workspace.store.createJob(Self.job, kind: "local", source: "folder")
        let staged = try workspace.stage("a", "one", job: Self.job)
        let change = ItemChange(Self.item("a"), .ready, attempts: 1, chunkCount: 1)
        let checkpoint = JobCheckpoint(job: Self.job, counts: ["ready": 1], item: change)
        _ = try? workspace.store.commit(staged.version, expectedRevision: 7, checkpoint: checkpoint)
        #expect(try workspace.store.items(of: Self.job, in: .ready, limit: 9).isEmpty)
        _ = try workspace.store.commit(staged.version, expectedRevision: 0, checkpoint: checkpoint)
        #expect(try workspace.store.items(of: Self.job, in: .ready, limit: 9).map(\.item.path) == ["a"])
        #expect(try workspace.store.job(Self.job).counts == ["ready": 1])
    }

    @Test func `a commit for an item that was called off does nothing`() throws {
        let workspace = try TestWorkspace()
        let content = try workspace.store.putBlob(Array("one".utf8))
        _ = try workspace.store.createJob(Self.job, kind: "upload", source: "form", state: .receiving)
        try workspace.store.addItems([Self.item("a", content: content)], to: Self.job)
        #expect(try workspace.store.moveJob(Self.job, from: .receiving, to: .queued))
        let cancelled = ItemFailure(code: "cancelled", reason: "called off", isRetriable: true)
        let job = try workspace.store.cancelJob(Self.job, failing: cancelled)
        #expect(job.state == .cancelled && job.counts == ["failed": 1])
        let staged = try workspace.stage("a", "one", job: Self.job)
        let change = ItemChange(Self.item("a", content: content), .ready, attempts: 1)
        #expect(throws: StoreError.jobItemEnded(path: "a")) {
            try workspace.store.commit(
                staged.version, expectedRevision: 0,
                checkpoint: JobCheckpoint(job: Self.job, counts: ["ready": 1], item: change))
        }
        #expect(try workspace.visible().isEmpty)
        #expect(try workspace.store.retryJob(Self.job) == 1)
        #expect(try workspace.store.job(Self.job).state == .queued)
        #expect(try workspace.store.items(of: Self.job, in: .queued, limit: 9).map(\.item.path) == ["a"])
    }

    @Test func `a write ends what older jobs have in hand for the document, and not what newer ones have`()
        throws
    {
        let workspace = try TestWorkspace()
        let content = try workspace.store.putBlob(Array("one".utf8))
        let ids = ["old", "own", "new"].map { JobID(rawValue: $0) }
        for id in ids {
            _ = try workspace.store.createJob(id, kind: "upload", source: "form")
            try workspace.store.addItems([Self.item("a", content: content)], to: id)
        }
        let staged = try workspace.stage("a", "one", job: ids[1])
        let change = ItemChange(Self.item("a", content: content), .ready, attempts: 1)
        _ = try workspace.store.commit(
            staged.version, expectedRevision: 0, checkpoint: JobCheckpoint(job: ids[1], item: change))
        let states = try ids.map { id in
            try ItemState.allCases.first { try !workspace.store.items(of: id, in: $0, limit: 1).isEmpty }
        }
        #expect(states == [.unchanged, .ready, .queued])
        #expect(try workspace.store.job(ids[0]).counts == ["superseded": 1])
        _ = try workspace.store.deleteDocument(DocumentID(externalID: "a"))
        #expect(try workspace.store.items(of: ids[2], in: .unchanged, limit: 9).count == 1)
    }

    @Test func `whoever listens after an event is told of each item once, as it is now`() throws {
        let workspace = try TestWorkspace()
        _ = try workspace.store.createJob(Self.job, kind: "local", source: "folder")
        for path in ["a", "b"] {
            try workspace.store.record(
                [ItemChange(Self.item(path), .embedding, attempts: 1)], to: Self.job)
        }
        let seen = try workspace.store.items(of: Self.job, changedAfter: 0, limit: 9)
        #expect(seen.map(\.item.path) == ["a", "b"] && seen.map(\.event) == [1, 2])
        try workspace.store.record([ItemChange(Self.item("a"), .ready, attempts: 1)], to: Self.job)
        let news = try workspace.store.items(of: Self.job, changedAfter: 2, limit: 9)
        #expect(news.map(\.item.path) == ["a"] && news.map(\.state) == [.ready])
        #expect(try workspace.store.finishJob(Self.job).state == .running)
        try workspace.store.record([ItemChange(Self.item("b"), .unchanged, attempts: 1)], to: Self.job)
        #expect(try workspace.store.finishJob(Self.job).state == .succeeded)
    }

    @Test func `a key is one request's, and is free again when its job came to nothing`() throws {
        let workspace = try TestWorkspace()
        let key = RequestKey(key: "k", request: ContentDigest(of: "put a"))
        _ = try workspace.store.createJob(Self.job, kind: "put", source: "a", key: key)
        let second = JobID(rawValue: "job-2")
        #expect(throws: StoreError.requestRepeated(Self.job)) {
            try workspace.store.createJob(second, kind: "put", source: "a", key: key)
        }
        let other = RequestKey(key: "k", request: ContentDigest(of: "put b"))
        #expect(throws: StoreError.requestKeyReused("k")) { try workspace.store.job(of: other) }
        try workspace.store.releaseRequest(of: Self.job)
        _ = try workspace.store.createJob(second, kind: "put", source: "a", key: key)
        #expect(try workspace.store.job(of: key)?.id == second)
    }

    @Test func `the bytes of an upload are kept while it waits, and its job for a week after`() throws {
        let workspace = try TestWorkspace()
        let content = try workspace.store.putBlob(Array("one".utf8))
        _ = try workspace.store.createJob(Self.job, kind: "upload", source: "form")
        try workspace.store.addItems([Self.item("a", content: content)], to: Self.job)
        // A blob's age is its file's, on the machine's own clock.
        let late = Timestamp(milliseconds: StoreEnvironment.system.now().milliseconds + 60_000)
        #expect(try workspace.store.collectGarbage(before: late).blobCount == 0)
        try workspace.store.record(
            [ItemChange(Self.item("a", content: content), .unchanged, attempts: 1)], to: Self.job)
        _ = try workspace.store.finishJob(Self.job)
        #expect(try workspace.store.collectGarbage(before: late).blobCount == 1)
        #expect(try workspace.store.collectGarbage(before: late).jobCount == 0)
        workspace.clock.advance(milliseconds: 8 * 24 * 3_600_000)
        #expect(try workspace.store.collectGarbage(before: late).jobCount == 1)
        #expect(throws: StoreError.jobNotFound(Self.job)) { try workspace.store.job(Self.job) }
    }

    @Test
    func `what a job that ended left open is closed later, and meanwhile keeps no document where it is`()
        throws
    {
        let workspace = try TestWorkspace()
        let content = try workspace.store.putBlob(Array("one".utf8))
        try workspace.put("a", "one")
        let document = try #require(try workspace.store.document(externalID: "a"))
        _ = try workspace.store.createJob(Self.job, kind: "upload", source: "form", state: .receiving)
        try workspace.store.addItems([Self.item("a", content: content)], to: Self.job)
        // As a process left it that died between the two.
        #expect(try workspace.store.moveJob(Self.job, from: .receiving, to: .interrupted))
        try workspace.store.moveDocument(document.id, to: "b", folder: "")
        #expect(try workspace.store.document(externalID: "b") != nil)
        let failure = ItemFailure(code: "interrupted", reason: "it died", isRetriable: true)
        #expect(try workspace.store.closeEndedJob(failing: failure))
        #expect(try workspace.store.items(of: Self.job, in: .failed, limit: 9).map(\.item.path) == ["a"])
        #expect(try workspace.store.job(Self.job).counts == ["failed": 1])
        #expect(try !workspace.store.closeEndedJob(failing: failure))
    }

    @Test func `a purge forgets jobs that ended, and none that goes on`() throws {
        let workspace = try TestWorkspace()
        let ended = JobID(rawValue: "ended")
        for job in [ended, Self.job] {
            _ = try workspace.store.createJob(job, kind: "upload", source: "form")
            let items = (0..<5).map { Self.item("\(job.rawValue) \($0)") }
            try workspace.store.addItems(items, to: job)
            let isEnded = job == ended
            if isEnded {
                try workspace.store.record(items.map { ItemChange($0, .unchanged, attempts: 1) }, to: job)
            }
        }
        _ = try workspace.store.finishJob(ended)
        workspace.clock.advance(milliseconds: 10)
        let now = workspace.clock.now
        var steps = 1
        while try !workspace.store.collectGarbage(before: now, jobsBefore: now, stepLimit: 2).isComplete {
            steps += 1
        }
        #expect(steps >= 3, "five items go two at a time")
        #expect(throws: StoreError.jobNotFound(ended)) { try workspace.store.job(ended) }
        #expect(try workspace.store.job(Self.job).id == Self.job)
    }
}

struct MoveTests {
    @Test func `a document that is moved keeps its id and its chunks, and its path is free`() throws {
        let workspace = try TestWorkspace()
        try workspace.put("a", "one\ntwo")
        let before = try #require(try workspace.store.document(externalID: "a"))
        try workspace.store.moveDocument(before.id, to: "x/b", folder: "x")
        let after = try #require(try workspace.store.document(externalID: "x/b"))
        #expect(after.id == before.id && after.version == before.version && after.folder == "x")
        #expect(after.revision == before.revision + 1)
        #expect(try workspace.store.document(externalID: "a") == nil)
        try workspace.put("a", "three")
        let fresh = try #require(try workspace.store.document(externalID: "a"))
        #expect(fresh.id != before.id)
        #expect(try workspace.visible() == ["x/b": "one\ntwo", "a": "three"])
        #expect(try workspace.store.verify() == [])
    }

    @Test func `a document is moved over one that was deleted, and not over one that is there`() throws {
        let workspace = try TestWorkspace()
        for path in ["a", "b", "c"] { try workspace.put(path, path) }
        _ = try workspace.store.deleteDocument(DocumentID(externalID: "b"))
        try workspace.store.moveDocument(DocumentID(externalID: "a"), to: "b", folder: "")
        #expect(throws: StoreError.documentExists(externalID: "c")) {
            try workspace.store.moveDocument(DocumentID(externalID: "a"), to: "c", folder: "")
        }
        #expect(try workspace.visible() == ["b": "a", "c": "c"])
        try workspace.put("b", "new")
        #expect(try workspace.store.document(externalID: "b")?.id == DocumentID(externalID: "a"))
        #expect(try workspace.store.verify() == [])
    }

    @Test func `a folder moves whole or not at all`() throws {
        let workspace = try TestWorkspace()
        for path in ["f/a", "f/g/b", "fo/c", "z/a"] { try workspace.put(path, path) }
        #expect(throws: StoreError.documentExists(externalID: "z/a")) {
            try workspace.store.moveFolder("f", to: "z")
        }
        #expect(
            try workspace.visible().count == 4 && workspace.store.documents(under: "f", limit: 9).count == 2)
        #expect(try workspace.store.moveFolder("f", to: "y") == 2)
        #expect(Set(try workspace.visible().keys) == ["y/a", "y/g/b", "fo/c", "z/a"])
        #expect(try workspace.store.documents(under: "y", limit: 9).map(\.path) == ["y/a", "y/g/b"])
    }

    @Test func `a document that a job has in hand is not moved away under it`() throws {
        let workspace = try TestWorkspace()
        try workspace.put("a", "one")
        let content = try workspace.store.putBlob(Array("two".utf8))
        let job = JobID(rawValue: "job-1")
        _ = try workspace.store.createJob(job, kind: "upload", source: "form")
        try workspace.store.addItems(
            [JobItem(path: "a", mediaType: "text/plain", content: content, byteCount: 3)], to: job)
        #expect(throws: StoreError.self) {
            try workspace.store.moveDocument(DocumentID(externalID: "a"), to: "b", folder: "")
        }
        #expect(try workspace.visible() == ["a": "one"])
    }
}
