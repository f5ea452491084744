import Embedding
import Engine
import Foundation
import Store
import Synchronization
import TestSupport
import Testing

/// A migration that is killed, damaged, refused or taken back.
struct MigrationCrashTests {
    private typealias Image = (event: MigrationEvent, folder: TemporaryFolder)

    /// What kills leave behind at every step of `body`.
    private static func images(
        of folder: TemporaryFolder,
        during body: (@escaping @Sendable (MigrationEvent) -> Void) async throws -> Void
    ) async throws -> [Image] {
        let images = Mutex<[Image]>([])
        try await body { event in
            guard let image = try? TestEngine.image(of: folder) else {
                Issue.record("no image at \(event)")
                return
            }
            images.withLock { $0.append((event, image)) }
        }
        return images.withLock { $0 }
    }

    @Test func `the Store decides: a process killed at any step of a migration leaves one that goes on`()
        async throws
    {
        let test = try await Migrating.ingested()
        let expected = [
            "word-hash": try await Migrating.reference(Migrating.old),
            "next": try await Migrating.reference(Migrating.new),
        ]
        let new = Migrating.new
        let taken = try await Self.images(of: test.folder) { report in
            _ = try await test.engine.migrate(to: new, in: test.scope, report: report)
        }
        let moments: [MaintenanceEvent.Moment] = [.written, .recorded, .published]
        for moment in moments {
            #expect(taken.contains { $0.event == .indexing(moment) }, "\(moment)")
        }
        #expect(taken.contains { $0.event == .cutOver } && taken.contains { $0.event == .indexed })
        for (event, image) in taken {
            let killed = try Migrating.engine(image)
            #expect(try killed.findings() == [], "\(event)")
            for number in 0..<4 { _ = try await killed.checkAnswer(number, expected) }
            #expect(try await killed.search("w1").model?.id == (event == .cutOver ? "next" : "word-hash"))
            let report = try await killed.engine.migrate(to: Migrating.new, in: killed.scope)
            #expect(report.outcome == (event == .cutOver ? .nothingToDo : .finished), "\(event)")
            if case .embedded(let progress) = event {
                #expect(
                    report.progress.embeddedCount + progress.embeddedCount == new.textCount, "\(event)")
            }
            #expect(try await killed.placedAnswers() == expected["next"], "\(event)")
            _ = try await killed.engine.rollBack(in: killed.scope)
            #expect(try await killed.placedAnswers() == expected["word-hash"], "\(event)")
            #expect(try killed.findings() == [], "\(event)")
        }
    }

    @Test func `a rollback that is killed at any step is simply done again`() async throws {
        let test = try await Migrating.ingested()
        _ = try await test.engine.migrate(to: Migrating.new, in: test.scope)
        try await test.ingest(Migrating.more)
        let all = Migrating.documents.merging(Migrating.more) { $1 }
        let expected = [
            "word-hash": try await Migrating.reference(Migrating.old, all),
            "next": try await Migrating.reference(Migrating.new, all),
        ]
        let taken = try await Self.images(of: test.folder) { report in
            _ = try await test.engine.rollBack(in: test.scope, report: report)
        }
        #expect(taken.count >= 3)
        for (event, image) in taken {
            let killed = try Migrating.engine(image)
            #expect(try killed.findings() == [], "\(event)")
            for number in 0..<4 { _ = try await killed.checkAnswer(number, expected) }
            if event != .cutOver { _ = try await killed.engine.rollBack(in: killed.scope) }
            #expect(try await killed.placedAnswers() == expected["word-hash"], "\(event)")
            _ = try killed.engine.library.dropPrevious(in: killed.scope)
            #expect(try await killed.placedAnswers() == expected["word-hash"], "\(event)")
            #expect(try killed.findings() == [], "\(event)")
        }
    }

    @Test func `the old vectors go when they are dropped, with their files, and the way back with them`()
        async throws
    {
        let test = try await Migrating.ingested()
        let server = try Migrating.engine(test.folder)
        _ = try await server.search("w1")
        _ = try await test.engine.migrate(to: Migrating.new, in: test.scope)
        let files = try test.segmentFiles().count + test.segmentFiles("quantizer").count
        let report = try test.engine.library.dropPrevious(in: test.scope)
        #expect(report.space == test.embedder.space && report.keptCount == 0)
        #expect(report.embeddingCount > 100 && report.segmentCount >= 2)
        #expect(
            try test.segmentFiles().count + test.segmentFiles("quantizer").count
                <= files - 2)
        #expect(try test.states == [.live])
        await #expect(throws: EngineError.migrationRefused(.nothingKept)) {
            try await test.engine.rollBack(in: test.scope)
        }
        #expect(throws: EngineError.migrationRefused(.nothingKept)) {
            try test.engine.library.dropPrevious(in: test.scope)
        }
        let expected = try await Migrating.reference(Migrating.new)
        for engine in [test, server] { #expect(try await engine.placedAnswers() == expected) }
        #expect(try test.findings() == [])
        // From the new model's own rows the index can be written anew, and the old model be the next.
        _ = try test.engine.library.rebuild(in: test.scope)
        #expect(try await test.placedAnswers() == expected)
        _ = try await test.engine.migrate(to: Migrating.old, in: test.scope)
        #expect(try await test.placedAnswers() == Migrating.reference(Migrating.old))
        #expect(try test.findings() == [])
    }

    @Test func `a removal that was killed is finished by the next`() async throws {
        let test = try await Migrating.ingested()
        _ = try await test.engine.migrate(to: Migrating.new, in: test.scope)
        try await test.engine.close()
        let path = test.folder.url.appending(path: "data/workspaces/\(test.scope.id)").path
        let store = try WorkspaceStore(opening: path, environment: .system)
        let previous = try #require(try store.space(.previous))
        try store.beginDropping(previous.id)
        _ = try store.dropStep(previous.id, from: .start, limit: 20)
        try store.close()
        let killed = try Migrating.engine(test.folder)
        #expect(try killed.states == [.live, .dropped] && killed.findings() == [])
        let report = try killed.engine.library.dropPrevious(in: killed.scope)
        #expect(report.space == nil && report.embeddingCount > 50 && report.segmentCount >= 1)
        #expect(try killed.states == [.live] && killed.findings() == [])
        #expect(try await killed.placedAnswers() == Migrating.reference(Migrating.new))
    }

    @Test func `a migration that was begun is gone on with or given up, and nothing else is begun beside it`()
        async throws
    {
        let test = try await Migrating.ingested()
        let new = Migrating.new
        let third = WordHashEmbedder(model: "third", dimension: 32)
        #expect(throws: EngineError.migrationRefused(.nothingBuilding)) {
            try test.engine.library.cancelMigration(in: test.scope)
        }
        _ = try await test.engine.migrate(to: new, in: test.scope, tokensMax: 4_000)
        await #expect(throws: EngineError.migrationRefused(.building(new.space))) {
            try await test.engine.migrate(to: third, in: test.scope)
        }
        let report = try test.engine.library.cancelMigration(in: test.scope)
        #expect(report.space == new.space && report.embeddingCount == new.textCount)
        #expect(try test.states == [.live] && test.findings() == [])
        _ = try await test.engine.migrate(to: third, in: test.scope)
        await #expect(throws: EngineError.migrationRefused(.kept(test.embedder.space))) {
            try await test.engine.migrate(to: new, in: test.scope)
        }
        #expect(try await test.engine.migrate(to: third, in: test.scope).outcome == .nothingToDo)
        #expect(try await test.engine.migrate(to: test.embedder, in: test.scope).outcome == .finished)
        #expect(try await test.placedAnswers() == Migrating.reference(Migrating.old))
    }

    @Test func `while one migrates nobody else does, in this process or another`() async throws {
        let test = try await Migrating.ingested()
        let other = try Migrating.engine(test.folder)
        let target = HookedEmbedder(Migrating.new, role: .passage)
        let refusal = EngineError.migrationRefused(.running)
        target.during { _ in
            for engine in [test, other] {
                await #expect(throws: refusal) {
                    try await engine.engine.migrate(to: Migrating.new, in: engine.scope)
                }
                await #expect(throws: refusal) { try await engine.engine.rollBack(in: engine.scope) }
                #expect(throws: refusal) { try engine.engine.library.cancelMigration(in: engine.scope) }
            }
        }
        #expect(try await test.engine.migrate(to: target, in: test.scope).outcome == .finished)
    }

    @Test func `a workspace deleted during its migration is gone, and its files at the end`() async throws {
        let test = try await Migrating.ingested()
        let other = try Migrating.engine(test.folder)
        let target = HookedEmbedder(Migrating.new, role: .passage)
        let folder = test.folder.url.appending(path: "data/workspaces/\(test.scope.id)")
        target.during { number in
            guard number == 1 else { return }
            try other.engine.library.deleteWorkspace(in: other.scope)
            #expect(FileManager.default.fileExists(atPath: folder.path))
        }
        await #expect(throws: EngineError.workspaceNotFound("notes")) {
            try await test.engine.migrate(to: target, in: test.scope)
        }
        #expect(!FileManager.default.fileExists(atPath: folder.path))
    }

    @Test func `a segment damaged while its space is not searched is named, and mended on the way to it`()
        async throws
    {
        let test = try await Migrating.ingested()
        let before = Set(try test.segmentFiles())
        let taken = try await Self.images(of: test.folder) { report in
            _ = try await test.engine.migrate(to: Migrating.new, in: test.scope, report: report)
        }
        let image = try #require(taken.last { $0.event == .indexed }?.folder)
        let building = try Migrating.engine(image)
        let names = Set(before.map(\.lastPathComponent))
        try Self.damage(try building.segmentFiles().filter { !names.contains($0.lastPathComponent) })
        let found = try building.findings()
        #expect(!found.isEmpty && found.allSatisfy { $0.hasPrefix("building space: ") })
        _ = try await building.engine.migrate(to: Migrating.new, in: building.scope)
        #expect(try await building.placedAnswers() == Migrating.reference(Migrating.new))
        #expect(try building.findings() == [])

        try Self.damage(try test.segmentFiles().filter { names.contains($0.lastPathComponent) })
        let findings = try test.findings()
        #expect(!findings.isEmpty && findings.allSatisfy { $0.hasPrefix("previous space: ") })
        _ = try await test.engine.rollBack(in: test.scope)
        #expect(try await test.placedAnswers() == Migrating.reference(Migrating.old))
        #expect(try test.findings() == [])
    }

    /// Turns a byte of each file's vectors round. A sealed file is read-only, so it comes as another of its name.
    private static func damage(_ files: [URL]) throws {
        #expect(!files.isEmpty)
        for file in files {
            var bytes = [UInt8](try Data(contentsOf: file))
            bytes[bytes.count / 2] ^= 0x10
            bytes[200] ^= 0x10
            try FileManager.default.removeItem(at: file)
            try Data(bytes).write(to: file)
        }
    }
}
