import Foundation
import Store
import Synchronization
import Testing

@Suite struct `All or nothing` {
    @Test func `a version is invisible until its commit and whole after it`() throws {
        let workspace = try TestWorkspace()
        let staged = try workspace.stage("a", "one\ntwo\nthree")
        #expect(try workspace.store.document(staged.document) == nil)
        #expect(try workspace.store.documents(limit: 10).isEmpty)
        #expect(try workspace.store.passages(staged.rows.rows).isEmpty)
        #expect(try workspace.store.statistics().chunkCount == 0)

        let record = try workspace.store.commit(staged.version, expectedRevision: staged.revision)
        #expect(record.sequence == SequenceNumber(rawValue: 1))
        #expect(try workspace.visible() == ["a": "one\ntwo\nthree"])
    }

    @Test func `a new version replaces the old one at one sequence`() throws {
        let workspace = try TestWorkspace()
        try workspace.put("a", "one\ntwo")
        let old = try #require(try workspace.store.document(externalID: "a"))
        let record = try workspace.put("a", "three")
        let new = try #require(try workspace.store.document(externalID: "a"))

        #expect(record.retiredVersion == old.version.id)
        #expect(new.version.number == 2 && new.revision == 2 && new.ordinal == old.ordinal)
        let dead = try workspace.store.passages(old.version.rows.rows)
        #expect(dead.map(\.died) == [record.sequence, record.sequence])
        let statistics = try workspace.store.statistics()
        #expect(statistics.documentCount == 1 && statistics.chunkCount == 1 && statistics.byteCount == 5)
    }

    @Test func `a commit on a revision that is past is refused and changes nothing`() throws {
        let workspace = try TestWorkspace()
        let late = try workspace.stage("a", "late")
        try workspace.put("a", "early")
        let before = try workspace.store.statistics()

        #expect(throws: StoreError.versionConflict(document: late.document, expected: 0, found: 1)) {
            try workspace.store.commit(
                late.version, expectedRevision: late.revision,
                charge: Charge(id: ChargeID(rawValue: "c"), kind: "tokens", units: 1))
        }
        #expect(try workspace.visible() == ["a": "early"])
        #expect(try workspace.store.statistics() == before)
        #expect(try workspace.store.pendingCharges(limit: 10).isEmpty)
    }

    @Test func `a version commits once`() throws {
        let workspace = try TestWorkspace()
        let staged = try workspace.stage("a", "one")
        _ = try workspace.store.commit(staged.version, expectedRevision: 0)
        #expect(throws: StoreError.versionNotStaged(staged.version, found: .live)) {
            try workspace.store.commit(staged.version, expectedRevision: 1)
        }
    }

    @Test func `a version lacking a chunk does not commit`() throws {
        let workspace = try TestWorkspace()
        let text = "one\ntwo"
        let chunks = TestWorkspace.chunks(of: text)
        _ = try workspace.store.putBlob(Array(text.utf8))
        try workspace.embed(chunks)
        let staged = try workspace.store.begin(workspace.draft("a", text))
        try workspace.store.stage([chunks[0]], of: staged.version, source: Array(text.utf8))
        #expect(throws: StoreError.stagingIncomplete(staged.version, expected: 2, found: 1)) {
            try workspace.store.commit(staged.version, expectedRevision: 0)
        }
    }

    @Test func `of two stores racing for a document exactly one wins`() throws {
        let workspace = try TestWorkspace()
        let rounds = 20
        for round in 0..<rounds {
            let other = try WorkspaceStore(opening: workspace.path, environment: workspace.environment)
            let stores = [workspace.store, other]
            let staged = try stores.enumerated().map { index, store in
                try workspace.stage("a", "round \(round) by \(index)", on: store)
            }
            let outcomes = Mutex<[Int: Result<CommitRecord, StoreError>]>([:])
            DispatchQueue.concurrentPerform(iterations: 2) { index in
                let outcome = Result { () throws(StoreError) in
                    try stores[index].commit(staged[index].version, expectedRevision: staged[index].revision)
                }
                outcomes.withLock { $0[index] = outcome }
            }
            let results = outcomes.withLock { $0 }
            let winners = results.filter { (try? $0.value.get()) != nil }.keys
            #expect(winners.count == 1)
            #expect(try workspace.visible() == ["a": "round \(round) by \(winners.first ?? -1)"])
            try other.close()
        }
        #expect(try workspace.store.currentSequence() == SequenceNumber(rawValue: Int64(rounds)))
        #expect(try workspace.store.verify() == [])
    }

    @Test func `writers in two stores share the log without gaps`() throws {
        let workspace = try TestWorkspace()
        let failures = Mutex<[String]>([])
        let environment = workspace.environment
        let path = workspace.path
        let space = workspace.space.id
        DispatchQueue.concurrentPerform(iterations: 2) { writer in
            do {
                let store = try WorkspaceStore(opening: path, environment: environment)
                for index in 0..<25 {
                    let content = try store.putBlob([])
                    let draft = VersionDraft(
                        externalID: "\(writer)-\(index)", mediaType: "text/plain", content: content,
                        byteCount: 0,
                        fingerprint: "f", space: space, chunkCount: 0)
                    let staged = try store.begin(draft)
                    _ = try store.commit(staged.version, expectedRevision: 0)
                }
                try store.close()
            } catch {
                failures.withLock { $0.append("\(error)") }
            }
        }
        #expect(failures.withLock { $0 } == [])
        #expect(try workspace.store.currentSequence() == SequenceNumber(rawValue: 50))
        #expect(try workspace.store.statistics().documentCount == 50)
        #expect(try workspace.store.verify() == [])
    }

    @Test func `a deleted document is gone, and may come back under its old ordinal`() throws {
        let workspace = try TestWorkspace()
        try workspace.put("a", "one")
        let document = try #require(try workspace.store.document(externalID: "a"))
        let record = try workspace.store.deleteDocument(document.id, expectedRevision: 1)
        #expect(record.kind == .delete && record.version == nil && record.revision == 2)
        #expect(try workspace.visible().isEmpty)
        #expect(try workspace.store.statistics().documentCount == 0)
        #expect(throws: StoreError.documentNotFound(found: document.id.rawValue)) {
            try workspace.store.deleteDocument(document.id)
        }
        try workspace.put("a", "two")
        let again = try #require(try workspace.store.document(externalID: "a"))
        #expect(again.ordinal == document.ordinal && again.version.number == 2 && again.revision == 3)
    }

    @Test func `a deletion on a revision that is past is refused`() throws {
        let workspace = try TestWorkspace()
        try workspace.put("a", "one")
        try workspace.put("a", "two")
        let id = DocumentID(externalID: "a")
        #expect(throws: StoreError.versionConflict(document: id, expected: 1, found: 2)) {
            try workspace.store.deleteDocument(id, expectedRevision: 1)
        }
        #expect(try workspace.visible() == ["a": "two"])
    }

    @Test func `commit times never go back, whatever the clock does`() throws {
        let workspace = try TestWorkspace()
        let first = try workspace.put("a", "one")
        workspace.clock.advance(milliseconds: -500)
        let second = try workspace.put("b", "two")
        #expect(second.committedAt == first.committedAt)
    }

    @Test func `a version of a building space does not commit`() throws {
        let workspace = try TestWorkspace()
        let key = SpaceKey(model: "next", revision: "1", precision: "float32", dimension: 4)
        let building = try workspace.store.beginBuilding(key)
        #expect(building.state == .building)
        var draft = workspace.draft("a", "")
        draft.space = building.id
        _ = try workspace.store.putBlob([])
        let staged = try workspace.store.begin(draft)
        #expect(throws: StoreError.spaceNotLive(building.id)) {
            try workspace.store.commit(staged.version, expectedRevision: 0)
        }
    }
}

@Suite struct `Charged once` {
    private let charge = Charge(id: ChargeID(rawValue: "job-1/a"), kind: "tokens", units: 12)

    @Test func `a charge appears exactly once for its commit`() throws {
        let workspace = try TestWorkspace()
        let staged = try workspace.stage("a", "one")
        let record = try workspace.store.commit(staged.version, expectedRevision: 0, charge: charge)
        try workspace.reopen()
        let pending = try workspace.store.pendingCharges(limit: 10)
        #expect(pending.map(\.charge) == [charge])
        #expect(pending.map(\.sequence) == [record.sequence])
    }

    @Test func `a key that was charged before refuses the commit as a whole`() throws {
        let workspace = try TestWorkspace()
        let first = try workspace.stage("a", "one")
        _ = try workspace.store.commit(first.version, expectedRevision: 0, charge: charge)
        let second = try workspace.stage("a", "two")
        #expect(throws: StoreError.chargeExists(charge.id)) {
            try workspace.store.commit(second.version, expectedRevision: 1, charge: charge)
        }
        #expect(try workspace.visible() == ["a": "one"])
        #expect(try workspace.store.currentSequence() == SequenceNumber(rawValue: 1))
        #expect(try workspace.store.verify() == [])
    }

    @Test func `a carried charge is listed no more, and its key stays spent`() throws {
        let workspace = try TestWorkspace()
        let staged = try workspace.stage("a", "one")
        _ = try workspace.store.commit(staged.version, expectedRevision: 0, charge: charge)
        try workspace.store.markCarried([charge.id])
        try workspace.store.markCarried([charge.id])
        #expect(try workspace.store.pendingCharges(limit: 10).isEmpty)
        #expect(throws: StoreError.chargeExists(charge.id)) {
            try workspace.store.deleteDocument(staged.document, charge: charge)
        }
    }

    @Test func `a checkpoint is written with its commit and not without it`() throws {
        let workspace = try TestWorkspace()
        let job = JobID(rawValue: "job-1")
        _ = try workspace.store.createJob(job, kind: "ingest", source: "folder")
        let staged = try workspace.stage("a", "one", job: job)
        let checkpoint = JobCheckpoint(job: job, checkpoint: #"{"last":"a"}"#, counts: ["documents": 1])
        _ = try? workspace.store.commit(staged.version, expectedRevision: 7, checkpoint: checkpoint)
        #expect(try workspace.store.job(job).checkpoint == nil)
        _ = try workspace.store.commit(staged.version, expectedRevision: 0, checkpoint: checkpoint)
        let record = try workspace.store.job(job)
        #expect(record.checkpoint == #"{"last":"a"}"# && record.counts == ["documents": 1])
    }

    @Test func `a checkpoint of a job nobody created refuses the commit`() throws {
        let workspace = try TestWorkspace()
        let staged = try workspace.stage("a", "one")
        let job = JobID(rawValue: "none")
        #expect(throws: StoreError.jobNotFound(job)) {
            try workspace.store.commit(
                staged.version, expectedRevision: 0, checkpoint: JobCheckpoint(job: job, checkpoint: "{}"))
        }
        #expect(try workspace.visible().isEmpty)
    }

    @Test func `jobs are listed by state, and have one id each`() throws {
        let workspace = try TestWorkspace()
        let ids = (0..<3).map { JobID(rawValue: "job-\($0)") }
        for id in ids {
            _ = try workspace.store.createJob(id, kind: "ingest", source: "folder")
        }
        try workspace.store.updateJob(ids[1], state: .succeeded, counts: ["documents": 3])
        let running = try workspace.store.jobs(.running, limit: 1)
        #expect(running.map(\.id) == [ids[0]])
        #expect(try workspace.store.jobs(.running, after: running[0].ordinal, limit: 9).map(\.id) == [ids[2]])
        #expect(try workspace.store.jobs(.succeeded, limit: 9).map(\.counts) == [["documents": 3]])
        #expect(throws: StoreError.jobExists(ids[0])) {
            try workspace.store.createJob(ids[0], kind: "ingest", source: "folder")
        }
        #expect(throws: StoreError.jobNotFound(JobID(rawValue: "none"))) {
            try workspace.store.updateJob(JobID(rawValue: "none"), state: .failed)
        }
    }
}
