import Foundation
import GRDB
import Store
import Testing

@Suite struct Garbage {
    private func collectAll(_ workspace: TestWorkspace, stepLimit: Int = 512) throws -> GarbageReport {
        workspace.clock.advance(milliseconds: 10)
        var total = GarbageReport()
        while true {
            let step = try workspace.store.collectGarbage(before: workspace.clock.now, stepLimit: stepLimit)
            #expect(step.chunkCount <= stepLimit && step.embeddingCount <= stepLimit)
            total.chunkCount += step.chunkCount
            total.versionCount += step.versionCount
            total.documentCount += step.documentCount
            total.embeddingCount += step.embeddingCount
            total.blobCount += step.blobCount
            total.chargeCount += step.chargeCount
            if step.isComplete { return total }
        }
    }

    @Test func `nothing younger than the horizon goes`() throws {
        let workspace = try TestWorkspace()
        try workspace.put("a", "one")
        let before = try #require(try workspace.store.document(externalID: "a"))
        try workspace.put("a", "two")
        _ = try workspace.stage("b", "staged")
        let report = try workspace.store.collectGarbage(before: workspace.clock.now)
        #expect(report == GarbageReport())
        #expect(try workspace.store.passages(before.version.rows.rows).map(\.text) == ["one"])
    }

    @Test(arguments: [1, 2, 512])
    func `the dead go with their chunks, vectors and blobs, step by step; the living stay`(limit: Int) throws
    {
        let workspace = try TestWorkspace()
        try workspace.put("a", "shared\nold 1\nold 2")
        try workspace.put("a", "shared\nnew")
        try workspace.put("gone", "bye")
        _ = try workspace.store.deleteDocument(DocumentID(externalID: "gone"))
        let first = try collectAll(workspace, stepLimit: limit)
        #expect(first.chunkCount == 4 && first.versionCount == 2 && first.documentCount == 1)
        #expect(first.blobCount == 2)
        let second = try collectAll(workspace, stepLimit: limit)
        #expect(first.embeddingCount + second.embeddingCount == 3)
        #expect(try workspace.visible() == ["a": "shared\nnew"])
        let texts = ["shared", "old 1", "old 2", "new", "bye"].map { ContentDigest(of: $0) }
        let missing = try workspace.store.missingEmbeddings(in: workspace.space.id, role: .passage, of: texts)
        #expect(missing == [texts[1], texts[2], texts[4]])
        #expect(try workspace.store.verify() == [])
    }

    @Test func `versions staged by the dead are discarded, those of the living are not`() throws {
        let workspace = try TestWorkspace()
        let (dead, alive) = (JobID(rawValue: "dead"), JobID(rawValue: "alive"))
        let lost = try workspace.stage("a", "lost", job: dead)
        let kept = try workspace.stage("b", "kept", job: alive)
        workspace.clock.advance(milliseconds: 10)
        let horizon = workspace.clock.now
        let young = try workspace.stage("c", "young")
        #expect(try workspace.store.discardStaged(before: horizon, except: [alive]) == 1)
        #expect(throws: StoreError.versionNotStaged(lost.version, found: .collecting)) {
            try workspace.store.commit(lost.version, expectedRevision: 0)
        }
        let report = try workspace.store.collectGarbage(before: horizon)
        #expect(report.chunkCount == 1 && report.versionCount == 1)
        for staged in [kept, young] {
            _ = try workspace.store.commit(staged.version, expectedRevision: 0)
        }
        #expect(try workspace.visible() == ["b": "kept", "c": "young"])
        #expect(try workspace.store.verify() == [])
    }

    @Test func `a discarded ingest pays again for no vector`() throws {
        let workspace = try TestWorkspace()
        _ = try workspace.stage("a", "lost")
        workspace.clock.advance(milliseconds: 10)
        _ = try workspace.store.discardStaged(before: workspace.clock.now)
        _ = try workspace.store.collectGarbage(before: workspace.clock.now)
        let text = ContentDigest(of: "lost")
        #expect(
            try workspace.store.missingEmbeddings(in: workspace.space.id, role: .passage, of: [text]).isEmpty)
        #expect(try workspace.store.verify() == [])
    }

    @Test func `a blob put again is young again`() throws {
        let workspace = try TestWorkspace()
        let digest = try workspace.store.putBlob([1])
        workspace.clock.advance(milliseconds: 10)
        let horizon = workspace.clock.now
        _ = try workspace.store.putBlob([1])
        #expect(try workspace.store.collectGarbage(before: horizon).blobCount == 0)
        workspace.clock.advance(milliseconds: 10)
        #expect(try workspace.store.collectGarbage(before: workspace.clock.now).blobCount == 1)
        #expect(throws: StoreError.blobNotFound(digest)) { try workspace.store.readBlob(digest) }
    }

    @Test func `a carried charge is kept until the horizon, one that waits for ever`() throws {
        let workspace = try TestWorkspace()
        for name in ["carried", "waits"] {
            let staged = try workspace.stage(name, name)
            let charge = Charge(id: ChargeID(rawValue: name), kind: "tokens", units: 1)
            _ = try workspace.store.commit(staged.version, expectedRevision: 0, charge: charge)
        }
        try workspace.store.markCarried([ChargeID(rawValue: "carried")])
        #expect(try workspace.store.collectGarbage(before: workspace.clock.now).chargeCount == 0)
        #expect(try collectAll(workspace).chargeCount == 1)
        #expect(try workspace.store.pendingCharges(limit: 9).map(\.charge.id.rawValue) == ["waits"])
    }
}

@Suite struct Verification {
    /// One way to break a workspace, and the rule that must notice.
    @Test(arguments: [
        ("UPDATE document SET current_version = NULL", VerificationFinding.Rule.liveVersionIsCurrent),
        ("UPDATE version SET state = 'collecting'", .documentHasItsLiveVersion),
        ("DELETE FROM chunk WHERE row = 1", .versionHasItsChunks),
        ("UPDATE chunk SET version = 77 WHERE row = 1", .chunkLiesInItsVersion),
        ("UPDATE embedding SET role = 'query'", .chunkHasItsVector),
        ("UPDATE chunk SET embedding = 77 WHERE row = 1", .foreignKeys),
        ("UPDATE space SET state = 'previous'", .spacesAreInOrder),
        ("UPDATE embedding SET vector = x'00' WHERE id = 1", .vectorHasItsDimension),
        ("INSERT INTO embedding VALUES (77, 1, 'query', zeroblob(32), zeroblob(16))", .unreferencedIsNoted),
        ("INSERT INTO unreferenced_embedding VALUES (1, 0)", .referencedIsNotNoted),
        ("UPDATE version SET born_sequence = 2", .birthIsInTheLog),
        ("UPDATE version SET state = 'retired', died_sequence = 1", .deathIsInTheLog),
        ("INSERT INTO commit_record VALUES (9, 1, 'put', 1, NULL, 1, 1)", .logIsWithoutGaps),
        ("UPDATE workspace_state SET next_row = 1", .rowsAreTaken),
        ("UPDATE workspace_state SET token_count = 1", .countsAreRight),
        ("INSERT INTO charge VALUES (1, 'c', 9, 'k', 1, 1, NULL)", .chargeIsOfACommit),
        (
            "INSERT INTO segment VALUES (1, 1, 'vectors', 'live', 0, 'x', 1, 5, 4, 1, x'', 0)",
            .segmentIsDescribed
        ),
        ("DELETE FROM document_attribute", .attributesAreListed),
        ("UPDATE document_attribute SET value = '7'", .listedIsAnAttribute),
        ("UPDATE chunk SET byte_end = 99 WHERE row = 1", .citationVerifies),
        ("UPDATE chunk SET source_digest = zeroblob(32) WHERE row = 1", .citationVerifies),
        ("UPDATE version SET byte_count = 1", .blobHasItsLength),
        (
            """
            INSERT INTO version SELECT 77, document, space, 'staged', 1, NULL, digest, byte_count,
            fingerprint, media_type, folder, title, attributes, NULL, row_low + 1, 0, 0, NULL, NULL,
            NULL, 1, NULL, NULL, NULL FROM version
            """, .rowRangesAreApart
        ),
    ])
    func `damage is found by the rule it breaks`(sql: String, rule: VerificationFinding.Rule) throws {
        let workspace = try TestWorkspace()
        try workspace.put("a", "one\ntwo")
        #expect(try workspace.store.verify() == [])
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        let database = try DatabaseQueue(
            path: workspace.path + "/workspace.sqlite", configuration: configuration)
        try database.write { try $0.execute(sql: sql) }
        #expect(try workspace.store.verify().map(\.rule).contains(rule))
    }

    @Test func `a blob that is damaged or gone is found`() throws {
        let workspace = try TestWorkspace()
        try workspace.put("a", "one")
        try workspace.put("b", "two")
        let blobs = workspace.path + "/blobs/"
        try Data("onf".utf8).write(to: URL(filePath: blobs + ContentDigest(of: "one").hex))
        try FileManager.default.removeItem(atPath: blobs + ContentDigest(of: "two").hex)
        let rules = try workspace.store.verify().map(\.rule)
        #expect(Set(rules) == [.blobHashesToItsName, .blobIsThere] && rules.count == 2)
    }
}
