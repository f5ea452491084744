import Engine
import Foundation
import Store
import Synchronization
import TestSupport
import Testing

/// What becomes of an index without anybody asking for it.
struct MaintenanceTests {
    /// An engine whose indexes get lists early.
    private static func small(
        _ folder: TemporaryFolder? = nil, _ adjust: (inout EngineConfiguration) -> Void = { _ in }
    ) throws -> TestEngine {
        try TestEngine(
            folder: folder, tailRowsMax: 64, tailRowsSealedAtClose: 1, trainingRowsMin: 200, adjust)
    }

    /// An engine that never trains.
    private static func flat(_ folder: TemporaryFolder? = nil) throws -> TestEngine {
        try TestEngine(folder: folder, tailRowsMax: 64, tailRowsSealedAtClose: 1, trainingRowsMin: .max)
    }

    private static let documents = Texts.documents(count: 150, paragraphs: 8, seed: 60)

    /// Some hundred rows in flat segments, closed, and the exact answers to a few questions.
    private static func sealed() async throws -> (folder: TemporaryFolder, answers: [[TestEngine.Answer]]) {
        let test = try flat()
        try await test.ingest(documents)
        let answers = try await test.exactAnswers()
        try await test.engine.close()
        return (test.folder, answers)
    }

    /// The same in one listed segment.
    private static func listed() async throws -> (folder: TemporaryFolder, answers: [[TestEngine.Answer]]) {
        let (folder, answers) = try await sealed()
        let test = try small(folder)
        try await test.engine.settle(in: test.scope)
        #expect(try test.segmentFiles().count == 1 && test.segmentFiles("quantizer").count == 1)
        try await test.engine.close()
        return (folder, answers)
    }

    /// Events of maintenance, as they come.
    private final class Events: Sendable {
        private let stream = AsyncStream.makeStream(of: MaintenanceEvent.self)

        var report: @Sendable (MaintenanceEvent) -> Void {
            { self.stream.continuation.yield($0) }
        }

        /// Waits for the end of a piece of work.
        func end(of work: MaintenanceEvent.Work) async {
            for await event in stream.stream {
                if event.work == work, case .ended = event.moment { return }
            }
        }
    }

    @Test func `a workspace that grows gets inverted lists without anybody asking, and answers as before`()
        async throws
    {
        let reference = try Self.flat()
        try await reference.ingest(Self.documents)
        let events = Events()
        let test = try Self.small { $0.onMaintenance = events.report }
        try await test.ingest(Self.documents)
        await events.end(of: .training)
        await events.end(of: .compaction)
        let response = try await test.search("w11 w12", nprobe: 1)
        #expect(response.probed.listCount >= 1 && response.probed.rowCount > 0)
        #expect(response.expectedRecall <= 1 && response.searched.isComplete)
        #expect(try await reference.search("w11 w12").probed.listCount == 0)
        let expected = try await reference.exactAnswers()
        #expect(try await test.exactAnswers() == expected)
        try await test.engine.settle(in: test.scope)
        #expect(try await test.exactAnswers() == expected)
        #expect(try test.findings() == [])
        try await test.engine.close()
        let reopened = try Self.small(test.folder)
        #expect(try await reopened.exactAnswers() == expected)
        #expect(try await reopened.search("w11 w12", nprobe: 1).probed.listCount >= 1)
    }

    @Test func `after four-fold growth another quantizer is trained, and the old one goes`() async throws {
        let (folder, _) = try await Self.listed()
        let test = try Self.small(folder)
        let before = try test.segmentFiles("quantizer").map(\.lastPathComponent)
        let more = Texts.documents(count: 900, paragraphs: 8, seed: 61)
        try await test.ingest(Dictionary(uniqueKeysWithValues: more.map { ("more/" + $0.key, $0.value) }))
        try await test.engine.settle(in: test.scope)
        let after = try test.segmentFiles("quantizer").map(\.lastPathComponent)
        #expect(after.count == 1 && after != before)
        #expect(try test.findings() == [])
    }

    @Test func `the Store decides: a process killed at any moment of maintenance leaves what is right`()
        async throws
    {
        let (folder, answers) = try await Self.sealed()
        let images = Mutex<[(event: MaintenanceEvent, folder: TemporaryFolder)]>([])
        let test = try Self.small(folder) { configuration in
            configuration.onMaintenance = { event in
                guard [.written, .recorded, .published].contains(event.moment) else { return }
                guard let image = try? TestEngine.image(of: folder) else { return }
                images.withLock { $0.append((event, image)) }
            }
        }
        try await test.engine.settle(in: test.scope)
        let taken = images.withLock { $0 }
        #expect(taken.map(\.event.work).count { $0 == .training } == 3)
        #expect(taken.map(\.event.work).count { $0 == .compaction } == 3)
        for (event, image) in taken {
            let killed = try Self.small(image)
            #expect(try killed.findings() == [], "\(event)")
            #expect(try await killed.exactAnswers() == answers, "\(event)")
            try await killed.engine.settle(in: killed.scope)
            #expect(try await killed.exactAnswers() == answers, "\(event)")
            #expect(try await killed.search("w1", nprobe: 1).probed.listCount > 0, "\(event)")
            #expect(try killed.findings() == [], "\(event)")
            try await killed.engine.close()
            // What the kill left on the disk goes after a day.
            let tomorrow = StoreEnvironment(
                now: { Timestamp(milliseconds: Int64(Date.now.timeIntervalSince1970 * 1_000) + 90_000_000) },
                randomBytes: StoreEnvironment.system.randomBytes)
            let later = try TestEngine(
                folder: image, tailRowsMax: 64, trainingRowsMin: 200, environment: tomorrow)
            try await later.engine.settle(in: later.scope)
            #expect(try later.segmentFiles().count == 1, "\(event)")
            #expect(try later.segmentFiles("quantizer").count == 1, "\(event)")
            #expect(try await later.exactAnswers() == answers, "\(event)")
        }
    }

    @Test(arguments: ["vectors", "quantizer"])
    func `a byte flipped anywhere in a listed segment or a quantizer changes no answer and is mended`(
        type: String
    ) async throws {
        let (folder, answers) = try await Self.listed()
        var generator = SplitMix64(seed: 62)
        for _ in 0..<40 {
            let test = try Self.small(folder)
            let file = try #require(try test.segmentFiles(type).first)
            var bytes = [UInt8](try Data(contentsOf: file))
            let place = Int.random(in: bytes.indices, using: &generator)
            bytes[place] ^= UInt8.random(in: 1...255, using: &generator)
            try FileManager.default.removeItem(at: file)
            try Data(bytes).write(to: file)
            #expect(!(try test.findings().isEmpty), "byte \(place)")
            _ = try await test.search("w5 w6", limit: 40)
            #expect(try await test.exactAnswers() == answers, "byte \(place)")
            // A search mends what it meets. A column that no search reads waits for the operator.
            if !(try test.findings().isEmpty) { _ = try test.engine.library.rebuild(in: test.scope) }
            try await test.engine.settle(in: test.scope)
            #expect(try test.findings() == [], "byte \(place)")
            #expect(try await test.exactAnswers() == answers, "byte \(place)")
            #expect(try await test.search("w1", nprobe: 1).probed.listCount > 0, "byte \(place)")
        }
    }

    @Test func `without its quantizer's file an index is written anew, and trained again`() async throws {
        let (folder, answers) = try await Self.listed()
        let test = try Self.small(folder)
        try FileManager.default.removeItem(at: try #require(try test.segmentFiles("quantizer").first))
        #expect(try await test.exactAnswers() == answers)
        #expect(try test.segmentFiles("quantizer").isEmpty)
        #expect(try test.findings() == [])
        try await test.engine.settle(in: test.scope)
        #expect(try test.segmentFiles("quantizer").count == 1)
        #expect(try await test.exactAnswers() == answers)
    }

    /// Lets something happen when maintenance is at a certain point.
    private static func interrupted(
        _ folder: TemporaryFolder, at moment: MaintenanceEvent.Moment, of work: MaintenanceEvent.Work,
        _ body: @escaping @Sendable (TestEngine) throws -> Void
    ) throws -> TestEngine {
        let engine = Mutex<TestEngine?>(nil)
        let test = try small(folder) { configuration in
            configuration.onMaintenance = { event in
                guard event.moment == moment, event.work == work else { return }
                guard let test = engine.withLock({ $0.take() }) else { return }
                do {
                    try body(test)
                } catch {
                    Issue.record(error)
                }
            }
        }
        engine.withLock { $0 = test }
        return test
    }

    @Test(arguments: [MaintenanceEvent.Moment.begun, .written, .published])
    func `a document deleted during a compaction stays deleted`(moment: MaintenanceEvent.Moment) async throws
    {
        let (folder, _) = try await Self.sealed()
        let test = try Self.interrupted(folder, at: moment, of: .compaction) { test in
            for number in 3..<40 {
                try test.engine.library.deleteDocument(
                    .path(DocumentPath("d\(number).md")), in: test.scope)
            }
        }
        func found(_ test: TestEngine) async throws -> [String] {
            try await test.search("own3x1 own7x2", limit: 1_000, recallTarget: 1).hits.map(\.citation.path)
        }
        try await test.engine.settle(in: test.scope)
        let paths = Set(try await found(test))
        #expect(paths.count == 113 && !paths.contains("d3.md") && !paths.contains("d39.md"))
        #expect(try test.findings() == [])
        try await test.engine.close()
        let reopened = try Self.small(folder)
        #expect(Set(try await found(reopened)) == paths)
        #expect(try await reopened.search("w1").searched.isComplete)
    }

    @Test func `uploads are sealed and searched while a compaction is held up`() async throws {
        let (folder, _) = try await Self.sealed()
        let gate = Gate()
        let (begins, begin) = AsyncStream.makeStream(of: Void.self)
        let test = try Self.small(folder) { configuration in
            configuration.onMaintenance = { event in
                guard event.work == .compaction, event.moment == .written else { return }
                begin.yield()
                gate.wait()
            }
        }
        let (engine, scope) = (test.engine, test.scope)
        let settling = Task { try await engine.settle(in: scope) }
        var iterator = begins.makeAsyncIterator()
        _ = await iterator.next()
        let before = try test.segmentFiles().count
        for (path, text) in Texts.documents(count: 40, paragraphs: 8, seed: 63) {
            try await test.ingest(["new/" + path: text])
        }
        #expect(try test.segmentFiles().count > before, "the tail was not sealed")
        let response = try await test.search("w5", limit: 1_000)
        #expect(response.searched.isComplete && response.hits.contains { $0.citation.path.hasPrefix("new/") })
        for _ in 0..<100 { gate.open() }
        try await settling.value
        #expect(try await test.search("w5").searched.isComplete)
        #expect(try test.findings() == [])
    }

    @Test func `a compaction that another process overtakes is dropped, and its file with it`() async throws {
        let (folder, answers) = try await Self.sealed()
        let other = try Self.small(folder)
        let test = try Self.interrupted(folder, at: .written, of: .compaction) { _ in
            _ = try other.engine.library.rebuild(in: other.scope)
        }
        try await test.engine.settle(in: test.scope)
        #expect(try await test.exactAnswers() == answers)
        #expect(try await other.exactAnswers() == answers)
        #expect(try test.segmentFiles().count == 1)
        #expect(try test.findings() == [])
    }

    @Test func `a workspace that is closed stops its compaction, and nothing is lost`() async throws {
        let (folder, answers) = try await Self.sealed()
        let test = try Self.interrupted(folder, at: .begun, of: .compaction) { test in
            test.engine.library.stopMaintenance()
        }
        await #expect(throws: (any Error).self) { try await test.engine.settle(in: test.scope) }
        #expect(try test.segmentFiles().count > 1)
        #expect(try await test.exactAnswers() == answers)
        try await test.engine.close()
        let reopened = try Self.small(folder)
        #expect(try await reopened.exactAnswers() == answers)
        #expect(try reopened.findings() == [])
    }

    @Test func `two engines that maintain one directory beside each other agree in the end`() async throws {
        let first = try Self.small()
        let second = try Self.small(first.folder)
        let documents = Self.documents.sorted { $0.key < $1.key }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, test) in [first, second].enumerated() {
                group.addTask {
                    for (position, document) in documents.enumerated()
                    where position % 2 == number {
                        try await test.ingest([document.key: document.value])
                        let response = try await test.search("w7", limit: 1_000, recallTarget: 1)
                        #expect(Set(response.hits.map(\.citation.chunkID)).count == response.hits.count)
                    }
                    try await test.engine.settle(in: test.scope)
                }
            }
            try await group.waitForAll()
        }
        let reference = try Self.flat()
        try await reference.ingest(Self.documents)
        let expected = try await reference.exactAnswers()
        for test in [first, second] {
            #expect(try await test.exactAnswers() == expected)
            #expect(try test.findings() == [])
        }
    }

    @Test func `an index that another process has compacted is opened anew, without a search waiting`()
        async throws
    {
        let (folder, answers) = try await Self.sealed()
        let events = Events()
        let server = try TestEngine(folder: folder, tailRowsMax: 64, trainingRowsMin: .max) { configuration in
            configuration.maintainsWhileSearching = true
            configuration.onMaintenance = events.report
        }
        #expect(try await server.search("w1", nprobe: 1).probed.listCount == 0)
        let other = try Self.small(folder)
        try await other.engine.settle(in: other.scope)
        _ = try await server.search("w1")
        await events.end(of: .refresh)
        #expect(try await server.search("w1", nprobe: 1).probed.listCount > 0)
        #expect(try await server.exactAnswers() == answers)
    }

    @Test func `a small workspace whose documents keep changing does not gather dead rows and segments`()
        async throws
    {
        let test = try TestEngine(tailRowsMax: 32)
        for round in 0..<30 {
            try await test.ingest(Texts.documents(count: 12, paragraphs: 8, seed: UInt64(100 + round)))
        }
        try await test.engine.settle(in: test.scope)
        #expect(try test.segmentFiles().count < 8)
        let response = try await test.search("w5", limit: 1_000)
        #expect(response.searched.isComplete && response.hits.count == response.searched.committed)
        #expect(response.probed.listCount == 0 && response.expectedRecall == 1)
        #expect(try test.findings() == [])
    }

    @Test(arguments: [false, true])
    func `documents that were deleted leave nothing behind once their rows were compacted away`(
        isListed: Bool
    )
        async throws
    {
        let (folder, _) = try await isListed ? Self.listed() : Self.sealed()
        let test = try isListed ? Self.small(folder) : Self.flat(folder)
        let paths = Self.documents.keys.sorted()
        let (gone, kept) = (paths.prefix(90), Set(paths.dropFirst(90)))
        for path in gone { try test.engine.library.deleteDocument(DocumentReference(path), in: test.scope) }
        try await test.engine.settle(in: test.scope)
        let report = try test.engine.library.collectGarbage(in: test.scope, olderThan: .seconds(-1))
        #expect(report.versionCount == gone.count && report.documentCount == gone.count)
        #expect(try test.findings() == [])
        try await test.engine.close()
        let reference = try Self.flat()
        try await reference.ingest(Self.documents.filter { kept.contains($0.key) })
        let expected = try await reference.exactAnswers()
        let reopened = try isListed ? Self.small(folder) : Self.flat(folder)
        #expect(try await reopened.exactAnswers() == expected)
        try await reopened.ingest(Self.documents.filter { !kept.contains($0.key) })
        #expect(try reopened.findings() == [])
    }

    @Test func `a rebuild ends in one listed segment`() async throws {
        let (folder, answers) = try await Self.listed()
        let test = try Self.small(folder)
        let report = try test.engine.library.rebuild(in: test.scope)
        #expect(report.segmentCount == 1 && report.rowCount > 200)
        #expect(try test.segmentFiles().count == 1 && test.segmentFiles("quantizer").count == 1)
        #expect(try await test.exactAnswers() == answers)
        #expect(try await test.search("w1", nprobe: 1).probed.listCount > 0)
    }
}
