import Documents
import Foundation
import GRDB
import Store
import TestSupport
import Testing

/// A workspace with a second space, whose vectors are the first's turned round.
private final class TwoSpaces {
    static let key = SpaceKey(model: "next", revision: "1", precision: "float32", dimension: 4)

    let workspace: TestWorkspace
    let building: SpaceRecord

    var store: WorkspaceStore { workspace.store }

    init(_ documents: [(id: String, text: String)] = []) throws {
        workspace = try TestWorkspace()
        for document in documents { try workspace.put(document.id, document.text) }
        building = try workspace.store.beginBuilding(Self.key)
    }

    static func vector(of text: String) -> [Float] {
        TestWorkspace.vector(of: text).reversed()
    }

    /// Embeds all that is missing, a few rows at a time.
    ///
    /// - Returns: the last birth that was seen, and the texts.
    @discardableResult
    func embedAll(
        in space: SpaceID, after: SequenceNumber = .zero, limit: Int = 3,
        as vector: (String) -> [Float] = vector
    ) throws -> (through: SequenceNumber, texts: [String]) {
        let through = try store.currentSequence()
        var texts: [String] = []
        var cursor: BirthCursor? = BirthCursor(after: after)
        while let from = cursor {
            let page = try store.unembedded(in: space, from: from, through: through, limit: limit)
            #expect(page.rowCount <= limit)
            try store.storeEmbeddings(
                page.texts.map { NewEmbedding(text: $0.digest, vector: vector($0.text)) }, in: space,
                role: .passage)
            texts += page.texts.map(\.text)
            cursor = page.next
        }
        return (through, texts)
    }

    func migrate() throws {
        let through = try embedAll(in: building.id).through
        _ = try store.cutOver(to: building.id, embeddedThrough: through)
    }

    /// Puts a document into the space that is live.
    func put(_ id: String, _ text: String, in space: SpaceID, as vector: (String) -> [Float]) throws {
        let chunks = TestWorkspace.chunks(of: text)
        try store.storeEmbeddings(
            chunks.map { NewEmbedding(text: ContentDigest(of: $0.text), vector: vector($0.text)) },
            in: space, role: .passage)
        _ = try store.putBlob(Array(text.utf8))
        var draft = workspace.draft(id, text)
        draft.space = space
        let staged = try store.begin(draft, staging: chunks, source: Array(text.utf8))
        _ = try store.commit(staged.version, expectedRevision: staged.revision)
    }

    /// Each live row's text and vector, as an index of the space would read them.
    func rows(in space: SpaceID) throws -> [String: [Float]] {
        let all = try store.rows(in: space, bornIn: .zero...store.currentSequence(), limit: 1_000).rows
        let live = all.filter { $0.died == nil }
        let texts = try store.passages(live.map(\.row)).map(\.text)
        return Dictionary(zip(texts, live.map(\.vector))) { first, _ in first }
    }

    func drop(_ space: SpaceID, limit: Int = 3) throws -> (deleted: Int, kept: Int) {
        try store.beginDropping(space)
        var (deleted, kept) = (0, 0)
        var cursor: DropCursor? = .start
        while let from = cursor {
            let step = try store.dropStep(space, from: from, limit: limit)
            deleted += step.deletedCount
            kept += step.keptCount
            cursor = step.next
        }
        return (deleted, kept)
    }

    func collectAll() throws {
        workspace.clock.advance(milliseconds: 10)
        for _ in 0..<100 {
            if try store.collectGarbage(before: workspace.clock.now, stepLimit: 5).isComplete { return }
        }
        Issue.record("collecting does not end")
    }
}

/// A workspace that goes to and fro between three models, and what it should hold.
private final class SpaceWalk {
    private let two: TwoSpaces
    private var generator: SplitMix64
    private var documents: [String: String] = [:]
    private static let models = ["test", "next", "third"]

    init(seed: UInt64) throws {
        two = try TwoSpaces()
        generator = SplitMix64(seed: seed)
    }

    private static func key(_ model: String) -> SpaceKey {
        SpaceKey(model: model, revision: "1", precision: "float32", dimension: 4)
    }

    private static func vector(of text: String, by model: String) -> [Float] {
        TestWorkspace.vector(of: text + " by " + model)
    }

    func step() throws {
        two.workspace.clock.advance(milliseconds: 5)
        switch Int.random(in: 0..<12, using: &generator) {
        case 0..<5: try put()
        case 5: try delete()
        case 6..<9: try migrate()
        case 9: try drop()
        default: try collect()
        }
    }

    func check() throws {
        let live = try #require(try two.store.space(.live))
        let texts = Set(documents.values.flatMap { $0.split(separator: "\n").map(String.init) })
        let expected = texts.map { ($0, Self.vector(of: $0, by: live.key.model)) }
        #expect(try two.rows(in: live.id) == Dictionary(uniqueKeysWithValues: expected))
        #expect(try two.workspace.visible() == documents)
        #expect(try two.store.verify() == [])
    }

    private func put() throws {
        let live = try #require(try two.store.space(.live))
        let id = "document \(Int.random(in: 0..<4, using: &generator))"
        let lines = (0..<Int.random(in: 0...4, using: &generator)).map { _ in
            "line \(Int.random(in: 0..<6, using: &generator))"
        }
        let text = lines.joined(separator: "\n")
        try two.put(id, text, in: live.id) { Self.vector(of: $0, by: live.key.model) }
        documents[id] = text
    }

    private func delete() throws {
        guard let id = documents.keys.sorted().randomElement(using: &generator) else { return }
        _ = try two.store.deleteDocument(DocumentID(externalID: id))
        documents[id] = nil
    }

    /// Begins or goes on, and cuts over in two of three cases.
    private func migrate() throws {
        let model = Self.models[Int.random(in: 0..<3, using: &generator)]
        let target: SpaceRecord
        do {
            target = try two.store.beginBuilding(Self.key(model))
        } catch {
            switch error {
            case .spaceBuilding, .spaceKept: return
            default: throw error
            }
        }
        guard target.state != .live else { return }
        let (through, _) = try two.embedAll(in: target.id) { Self.vector(of: $0, by: model) }
        guard Int.random(in: 0..<3, using: &generator) > 0 else { return }
        _ = try two.store.cutOver(to: target.id, embeddedThrough: through)
    }

    private func drop() throws {
        let states: [SpaceState] = [.building, .previous]
        for space in try states.compactMap(two.store.space) {
            _ = try two.drop(space.id, limit: Int.random(in: 1...4, using: &generator))
        }
    }

    private func collect() throws {
        let horizon = Timestamp(
            milliseconds: two.workspace.clock.now.milliseconds - Int64.random(in: 0...30, using: &generator))
        for _ in 0..<Int.random(in: 1...6, using: &generator) {
            if try two.store.collectGarbage(before: horizon, stepLimit: 3).isComplete { break }
        }
    }
}

@Suite struct Spaces {
    private let others = (0..<2).map {
        SpaceKey(model: "m\($0)", revision: "", precision: "", dimension: 1)
    }

    @Test func `a workspace's first space is live whoever asks first, and every later one builds`() throws {
        let store = try TestWorkspace().store
        #expect(try store.ensureLiveSpace(others[0]).key == TestWorkspace.key)
        #expect(try store.beginBuilding(TestWorkspace.key).state == .live)
        let building = try store.beginBuilding(others[0])
        #expect(building.state == .building)
        #expect(try store.beginBuilding(others[0]) == building)
        #expect(try store.space(.building) == building)
        #expect(throws: StoreError.spaceBuilding(expected: others[1], found: others[0])) {
            try store.beginBuilding(others[1])
        }
    }

    @Test(arguments: [1, 2, 3, 100])
    func `what has no vector yet is found in pages, once, also what is committed or dies meanwhile`(
        limit: Int
    ) throws {
        let two = try TwoSpaces([("a", "one\ntwo\nthree"), ("b", "two\nfour"), ("c", ""), ("d", "five")])
        _ = try two.workspace.stage("never", "staged")
        let first = try two.store.unembedded(
            in: two.building.id, from: BirthCursor(after: .zero), through: two.store.currentSequence(),
            limit: 2)
        #expect(first.texts.map(\.text) == ["one", "two"] && first.rowCount == 2)
        // The version that was begun goes, and another one comes: nothing of that one may be passed over.
        try two.workspace.put("a", "six\nseven")
        var cursor = first.next
        var texts: [String] = []
        let through = try two.store.currentSequence()
        while let from = cursor {
            let page = try two.store.unembedded(
                in: two.building.id, from: from, through: through, limit: limit)
            texts += page.texts.map(\.text)
            cursor = page.next
        }
        #expect(texts == ["two", "four", "five", "six", "seven"])
        #expect(try two.embedAll(in: two.building.id, limit: limit).texts.count == 5)
        #expect(try two.embedAll(in: two.building.id, limit: limit).texts.isEmpty)
        #expect(try two.store.verify() == [])
    }

    @Test func `a cut-over swaps two spaces at once, and each row has its vector in both`() throws {
        let two = try TwoSpaces([("a", "one\ntwo"), ("b", "two\nthree")])
        #expect(try two.rows(in: two.building.id).isEmpty)
        try two.migrate()
        #expect(try two.store.space(.live)?.id == two.building.id)
        #expect(try two.store.space(.previous)?.id == two.workspace.space.id)
        #expect(try two.store.statistics().liveSpace?.key == TwoSpaces.key)
        for text in ["one", "two", "three"] {
            #expect(try two.rows(in: two.building.id)[text] == TwoSpaces.vector(of: text))
            #expect(try two.rows(in: two.workspace.space.id)[text] == TestWorkspace.vector(of: text))
        }
        let commits = try two.store.commits(after: .zero, in: two.building.id, limit: 9)
        #expect(
            commits.flatMap(\.born).map(\.vector) == ["one", "two", "two", "three"].map(TwoSpaces.vector))
        #expect(try two.store.verify() == [])
    }

    @Test func `a cut-over waits for every text that was committed, and nothing is changed by one refused`()
        throws
    {
        let two = try TwoSpaces([("a", "one")])
        let through = try two.embedAll(in: two.building.id).through
        try two.workspace.put("b", "late")
        #expect(throws: StoreError.spaceIncomplete(two.building.id)) {
            try two.store.cutOver(to: two.building.id, embeddedThrough: through)
        }
        #expect(try two.store.space(.live) == two.workspace.space)
        #expect(try two.store.space(.building) == two.building)
        // A death, and a text that has its vector, ask for nothing more.
        _ = try two.store.deleteDocument(DocumentID(externalID: "b"))
        try two.workspace.put("c", "one")
        _ = try two.store.cutOver(to: two.building.id, embeddedThrough: through)
        #expect(try two.store.verify() == [])
    }

    @Test func `what was staged for the old space is refused after the cut-over, and begun anew`() throws {
        let two = try TwoSpaces([("a", "one")])
        let staged = try two.workspace.stage("b", "two")
        try two.migrate()
        #expect(throws: StoreError.spaceNotLive(two.workspace.space.id)) {
            try two.store.commit(staged.version, expectedRevision: 0)
        }
        try two.put("b", "two", in: two.building.id, as: TwoSpaces.vector)
        #expect(try two.workspace.visible() == ["a": "one", "b": "two"])
        #expect(try two.store.verify() == [])
    }

    @Test func `the way back needs what came since, and then is a cut-over like the first`() throws {
        let two = try TwoSpaces([("a", "one")])
        try two.migrate()
        try two.put("b", "two", in: two.building.id, as: TwoSpaces.vector)
        #expect(throws: StoreError.spaceIncomplete(two.workspace.space.id)) {
            try two.store.cutOver(to: two.workspace.space.id, embeddedThrough: .zero)
        }
        let back = try two.store.beginBuilding(TestWorkspace.key)
        #expect(back.id == two.workspace.space.id && back.state == .previous)
        let (through, texts) = try two.embedAll(in: back.id, as: TestWorkspace.vector)
        #expect(texts == ["two"])
        _ = try two.store.cutOver(to: back.id, embeddedThrough: through)
        #expect(try two.rows(in: back.id)["two"] == TestWorkspace.vector(of: "two"))
        #expect(try two.store.space(.previous)?.id == two.building.id)
        #expect(throws: StoreError.spaceKept(expected: others[0], found: TwoSpaces.key)) {
            try two.store.beginBuilding(others[0])
        }
        #expect(try two.store.verify() == [])
    }

    @Test(arguments: [1, 2, 3, 512])
    func `dropping the previous space moves its chunks to the live one's vectors, in steps`(
        limit: Int
    )
        throws
    {
        let two = try TwoSpaces([("a", "one\ntwo\none\none\none"), ("b", "two\nthree")])
        try two.migrate()
        let segment = try two.store.allocateSegment(in: two.workspace.space.id, kind: .vectors)
        #expect(try two.drop(two.workspace.space.id, limit: limit) == (3, 0))
        #expect(try two.store.retiredSegments(in: two.workspace.space.id).map(\.number) == [segment.number])
        #expect(try two.store.spaces().map(\.state) == [.dropped, .live])
        #expect(try two.store.figures(of: two.workspace.space.id).embeddingCount == 0)
        #expect(try two.rows(in: two.building.id).count == 3)
        #expect(try two.store.verify() == [])
        // The way to it again begins from nothing.
        let again = try two.store.beginBuilding(TestWorkspace.key)
        #expect(again.id == two.workspace.space.id && again.state == .building)
        let texts = try two.embedAll(in: again.id, as: TestWorkspace.vector).texts
        #expect(Set(texts) == ["one", "two", "three"])
    }

    @Test func `vectors that only dead rows have stay until these are collected`() throws {
        let two = try TwoSpaces([("a", "one\nold")])
        try two.workspace.put("a", "one\nnew")
        try two.migrate()
        #expect(try two.drop(two.workspace.space.id) == (2, 1))
        #expect(try two.store.verify() == [])
        try two.collectAll()
        try two.collectAll()
        #expect(try two.store.figures(of: two.workspace.space.id).embeddingCount == 0)
        #expect(try two.rows(in: two.building.id).count == 2)
        #expect(try two.store.verify() == [])
    }

    @Test func `a space that is live, or was never begun, is not dropped`() throws {
        let two = try TwoSpaces()
        let live = two.workspace.space.id
        #expect(
            throws: StoreError.spaceStateMismatch(live, expected: [.building, .previous], found: .live)
        ) { try two.store.beginDropping(live) }
        #expect(throws: StoreError.spaceStateMismatch(live, expected: [.dropped], found: .live)) {
            try two.store.dropStep(live, from: .start)
        }
        #expect(throws: StoreError.spaceNotFound(SpaceID(rawValue: 9))) {
            try two.store.beginDropping(SpaceID(rawValue: 9))
        }
        #expect(throws: StoreError.spaceStateMismatch(live, expected: [.building, .previous], found: .live)) {
            try two.store.cutOver(to: live, embeddedThrough: .zero)
        }
    }

    @Test func `collecting takes no vector of a text that is alive, in whichever space it is`() throws {
        let two = try TwoSpaces([("a", "one\ntwo"), ("b", "three")])
        try two.embedAll(in: two.building.id)
        try two.collectAll()
        #expect(try two.embedAll(in: two.building.id).texts.isEmpty)
        try two.migrate()
        try two.put("a", "one\nfour", in: two.building.id, as: TwoSpaces.vector)
        _ = try two.store.deleteDocument(DocumentID(externalID: "b"))
        try two.collectAll()
        try two.collectAll()
        #expect(try two.rows(in: two.building.id).keys.sorted() == ["four", "one"])
        // Of the old space "one" is kept for the way back; "two" and "three" are gone in both.
        #expect(try two.store.figures(of: two.workspace.space.id).embeddingCount == 1)
        #expect(try two.store.figures(of: two.building.id).embeddingCount == 2)
        #expect(try two.store.verify() == [])
    }

    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func `any order of ingests, cut-overs, removals and collecting leaves every row its vector`(
        seed: UInt64
    )
        throws
    {
        let walk = try SpaceWalk(seed: seed)
        for _ in 0..<80 {
            try walk.step()
            try walk.check()
        }
    }

    @Test func `a database of the first schema is brought to this one, and says the same`() throws {
        let workspace = try TestWorkspace()
        try workspace.put("a", "one\ntwo")
        try workspace.put("a", "one")
        try workspace.store.close()
        try DatabaseQueue(path: workspace.path + "/workspace.sqlite").write { database in
            try database.execute(sql: Self.backToFirstSchema)
        }
        let store = try WorkspaceStore(opening: workspace.path, environment: workspace.environment)
        #expect(try workspace.visible(in: store) == ["a": "one"])
        #expect(try store.space(.live) == workspace.space)
        let byAttribute = try store.documents(
            matching: [.compare(.attribute("lines"), .equal, "1")], wantsAll: true)
        #expect(byAttribute.matches.map(\.ordinals) == [[1]] && byAttribute.all?.ordinals == [1])
        #expect(
            try store.deadRows(diedAfter: .zero, diedThrough: store.currentSequence(), limit: 9).count == 1)
        #expect(try store.verify() == [])
        #expect(try store.beginBuilding(TwoSpaces.key).state == .building)
        try store.close()
    }

    private static let backToFirstSchema = """
        DROP INDEX space_by_state;
        ALTER TABLE space RENAME COLUMN state TO newer_state;
        ALTER TABLE space ADD COLUMN state TEXT NOT NULL DEFAULT 'live'
            CHECK (state IN ('live', 'building'));
        ALTER TABLE space DROP COLUMN newer_state;
        CREATE UNIQUE INDEX space_by_state ON space (state);
        DROP INDEX version_by_birth;
        CREATE INDEX version_by_birth ON version (space, born_sequence, row_low, chunk_count)
            WHERE born_sequence IS NOT NULL;
        DROP INDEX version_by_death;
        CREATE INDEX version_by_death ON version (space, died_sequence) WHERE died_sequence IS NOT NULL;
        DROP INDEX version_by_rendition;
        ALTER TABLE version DROP COLUMN rendition_byte_count;
        ALTER TABLE version DROP COLUMN rendition_digest;
        ALTER TABLE chunk DROP COLUMN page;
        ALTER TABLE segment DROP COLUMN purged_through;
        DROP INDEX document_by_path;
        DROP INDEX segment_postings;
        ALTER TABLE version DROP COLUMN language;
        DROP TABLE job_item;
        DROP INDEX job_by_age;
        DROP INDEX job_by_request;
        ALTER TABLE job DROP COLUMN reservation;
        ALTER TABLE job DROP COLUMN request_digest;
        ALTER TABLE job DROP COLUMN request_key;
        ALTER TABLE job DROP COLUMN event;
        DROP TABLE document_attribute;
        DROP INDEX document_by_title;
        DROP INDEX document_by_media_type;
        DROP INDEX document_by_creation;
        DROP INDEX document_by_update;
        ALTER TABLE workspace_state DROP COLUMN filter_revision;
        PRAGMA user_version = 1;
        """
}
