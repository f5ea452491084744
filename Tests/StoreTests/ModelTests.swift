import Store
import TestSupport
import Testing

/// What a workspace should look like, kept in dictionaries, beside one that is really there.
private final class Model {
    let workspace: TestWorkspace
    private var generator: SplitMix64
    private var documents: [String: (text: String, revision: Int64)] = [:]
    private var sequence: Int64 = 0
    private var charges: [String] = []

    /// An index in small: the rows it believes live, as of a sequence.
    private var followed = SequenceNumber.zero
    private var followedRows: [RowNumber: [Float]] = [:]

    init(seed: UInt64) throws {
        workspace = try TestWorkspace()
        generator = SplitMix64(seed: seed)
    }

    func step() throws {
        workspace.clock.advance(milliseconds: Int64.random(in: 0...20, using: &generator))
        switch Int.random(in: 0..<20, using: &generator) {
        case 0..<7: try put()
        case 7..<9: try abandon()
        case 9..<10: try conflict()
        case 10..<12: try delete()
        case 12..<13: try workspace.reopen()
        case 13..<15: try collect()
        case 15..<16: try discard()
        case 16..<17: try seal()
        default: try follow()
        }
    }

    func check() throws {
        let statistics = try workspace.store.statistics()
        #expect(statistics.sequence.rawValue == sequence)
        #expect(statistics.documentCount == documents.count)
        #expect(try workspace.visible() == documents.mapValues(\.text))
        #expect(try workspace.store.pendingCharges(limit: 1_000).map(\.charge.id.rawValue) == charges)
        for (externalID, expected) in documents {
            #expect(try workspace.store.document(externalID: externalID)?.revision == expected.revision)
        }
    }

    /// Few documents and few lines, so that names and texts meet again.
    private func draw() -> (externalID: String, text: String) {
        let externalID = "document \(Int.random(in: 0..<4, using: &generator))"
        let lines = (0..<Int.random(in: 0...3, using: &generator)).map { _ in
            "line \(Int.random(in: 0..<6, using: &generator))"
        }
        return (externalID, lines.joined(separator: "\n"))
    }

    private func put() throws {
        let (externalID, text) = draw()
        let staged = try workspace.stage(externalID, text)
        sequence += 1
        charges.append("charge \(sequence)")
        let charge = Charge(id: ChargeID(rawValue: "charge \(sequence)"), kind: "put", units: sequence)
        let record = try workspace.store.commit(
            staged.version, expectedRevision: staged.revision, charge: charge)
        #expect(record.sequence.rawValue == sequence)
        documents[externalID] = (text, record.revision)
    }

    private func abandon() throws {
        let (externalID, text) = draw()
        _ = try workspace.store.putBlob(Array(text.utf8))
        let staged = try workspace.store.begin(workspace.draft(externalID, text))
        let some = TestWorkspace.chunks(of: text).filter { _ in Bool.random(using: &generator) }
        try workspace.embed(some)
        try workspace.store.stage(some, of: staged.version, source: Array(text.utf8))
    }

    private func conflict() throws {
        let (externalID, text) = draw()
        let staged = try workspace.stage(externalID, text)
        #expect(throws: StoreError.self) {
            try workspace.store.commit(staged.version, expectedRevision: staged.revision + 1)
        }
    }

    private func delete() throws {
        guard let externalID = documents.keys.sorted().randomElement(using: &generator) else { return }
        _ = try workspace.store.deleteDocument(DocumentID(externalID: externalID))
        documents[externalID] = nil
        sequence += 1
    }

    private func collect() throws {
        let age = Int64.random(in: 0...100, using: &generator)
        let horizon = Timestamp(milliseconds: workspace.clock.now.milliseconds - age)
        let limit = Int.random(in: 1...5, using: &generator)
        for _ in 0..<Int.random(in: 1...10, using: &generator) {
            if try workspace.store.collectGarbage(before: horizon, stepLimit: limit).isComplete { break }
        }
    }

    private func discard() throws {
        _ = try workspace.store.discardStaged(before: workspace.clock.now)
    }

    /// Publishes a segment over all that is committed, replacing what is live; or withdraws one.
    private func seal() throws {
        let space = workspace.space.id
        let live = try workspace.store.liveSegments(in: space)
        if let damaged = live.segments.randomElement(using: &generator), Bool.random(using: &generator) {
            try workspace.store.withdrawSegment(damaged.number)
            return
        }
        let segment = try workspace.store.allocateSegment(in: space, kind: .vectors)
        guard Int.random(in: 0..<4, using: &generator) > 0 else { return }
        let description = SegmentEntry(
            number: segment.number, rowCount: 0, sequences: .zero...live.sequence,
            purgedThrough: Bool.random(using: &generator) ? live.sequence : .zero, byteCount: 0, digest: [])
        try workspace.store.publishSegment(description, retiring: live.segments.map(\.number))
    }

    /// Follows the log page by page, opening anew when told to, and compares with the rows that are there.
    private func follow() throws {
        do {
            while true {
                let page = try workspace.store.commits(
                    after: followed, in: workspace.space.id, limit: 3, rowsMax: 4)
                guard !page.isEmpty else { break }
                for commit in page {
                    apply(commit)
                }
            }
        } catch {
            guard case .logTruncated = error else { throw error }
            try openAnew()
        }
        let rows = try workspace.store.rows(in: workspace.space.id, bornIn: .zero...followed, limit: 10_000)
            .rows
        let live = rows.filter { $0.died == nil }.map { ($0.row, $0.vector) }
        #expect(followedRows == Dictionary(uniqueKeysWithValues: live))
        #expect(followed.rawValue == sequence)
    }

    private func apply(_ commit: Commit) {
        for row in commit.born {
            followedRows[row.row] = row.vector
        }
        for row in commit.died?.rows ?? [] {
            followedRows[row] = nil
        }
        followed = commit.record.sequence
    }

    private func openAnew() throws {
        followed = try workspace.store.currentSequence()
        let rows = try workspace.store.rows(in: workspace.space.id, bornIn: .zero...followed, limit: 10_000)
            .rows
        followedRows = Dictionary(uniqueKeysWithValues: rows.map { ($0.row, $0.vector) })
        let dead = try workspace.store.deadRows(diedAfter: .zero, diedThrough: followed, limit: 10_000)
        for row in dead.flatMap(\.rows.rows) {
            followedRows[row] = nil
        }
    }
}

@Suite struct `Random interleavings` {
    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func `any order of verbs leaves the workspace as the model says`(seed: UInt64) throws {
        let model = try Model(seed: seed)
        for round in 1...120 {
            try model.step()
            try model.check()
            if round.isMultiple(of: 20) {
                #expect(try model.workspace.store.verify() == [])
            }
        }
    }
}
