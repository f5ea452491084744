import Engine
import Store
import Synchronization
import TestSupport
import Testing

struct RecallTests {
    private static func engine(
        share: Double, trainingRowsMin: Int, _ adjust: (inout EngineConfiguration) -> Void = { _ in }
    ) async throws -> TestEngine {
        let test = try TestEngine(
            tailRowsMax: 64, tailRowsSealedAtClose: 1, trainingRowsMin: trainingRowsMin
        ) { configuration in
            configuration.recallSampling = share
            adjust(&configuration)
        }
        try await test.ingest(Texts.documents(count: 150, paragraphs: 8, seed: 70))
        try await test.engine.settle(in: test.scope)
        return test
    }

    private static func ask(_ test: TestEngine, _ count: Int, from first: Int = 0) async throws {
        for number in first..<(first + count) {
            _ = try await test.search("w\(number) w\(number * 7 % 2_000) w\(number * 13 % 2_000)")
        }
    }

    @Test func `where nobody wants it nothing of any question is kept`() async throws {
        let test = try await Self.engine(share: 0, trainingRowsMin: 200)
        try await Self.ask(test, 40)
        #expect(try await test.engine.recall(in: test.scope) == RecallReport(isEnabled: false))
        #expect(try await test.engine.measureRecall(in: test.scope) == RecallReport(isEnabled: false))
    }

    @Test func `an exact index has a recall of 1`() async throws {
        let test = try await Self.engine(share: 1, trainingRowsMin: .max)
        #expect(try await test.engine.recall(in: test.scope) == RecallReport(isEnabled: true))
        try await Self.ask(test, 20)
        let report = try await test.engine.measureRecall(in: test.scope)
        #expect(report.sampledCount == 20)
        let sample = try #require(report.measurement)
        #expect(sample.recall == 1 && sample.expectedRecall == 1 && sample.queryCount == 20)
    }

    @Test func `recall in inverted lists is measured, and a server measures it without being asked`()
        async throws
    {
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        let test = try await Self.engine(share: 1, trainingRowsMin: 200) { configuration in
            configuration.maintainsWhileSearching = true
            configuration.onMaintenance = { event in
                if event.work == .recallMeasurement, case .ended = event.moment { end.yield() }
            }
        }
        try await Self.ask(test, RecallSampler.countPerMeasurement)
        var iterator = ends.makeAsyncIterator()
        _ = await iterator.next()
        let report = try await test.engine.recall(in: test.scope)
        let sample = try #require(report.measurement)
        #expect(sample.queryCount == RecallSampler.countPerMeasurement)
        #expect((0...1).contains(sample.recall), "\(sample)")
        // So few rows tell nothing that could be promised.
        #expect(sample.expectedRecall <= sample.recall, "\(sample)")
    }

    @Test func `after two hundred questions searches go by what was measured on them, and others judge it`()
        async throws
    {
        let test = try await Self.engine(share: 1, trainingRowsMin: 200)
        try await Self.ask(test, RecallSampler.calibrationCountMin)
        let calibrated = try await test.engine.measureRecall(in: test.scope)
        #expect(calibrated.measurement?.queryCount == RecallSampler.calibrationCountMin)
        #expect(calibrated.sampledCount == 0, "the questions that calibrated would judge")
        try await Self.ask(test, 200, from: 5_000)
        let judged = try #require(try await test.engine.measureRecall(in: test.scope).measurement)
        #expect(judged.queryCount == 200)
        // Measured 0.97 with these questions.
        #expect(judged.recall > 0.9, "\(judged)")
        #expect(abs(judged.recall - judged.expectedRecall) < 0.1, "\(judged)")
    }

    @Test(arguments: [0.1, 0.25, 0.5, 0.9, 1])
    func `a share of the questions is kept, evenly, and never more than the bound`(share: Double) {
        var sampler = RecallSampler(share: share)
        var kept = 0
        for number in 1...200 {
            let before = sampler.queries.count
            sampler.offer([Float(number)])
            kept += sampler.queries.count - before
        }
        #expect(abs(Double(kept) - 200 * share) <= 3)
        for number in 0..<10_000 { sampler.offer([Float(number)]) }
        #expect(sampler.queries.count == RecallSampler.countMax)
        #expect(sampler.queries.allSatisfy { $0[0] >= Float(10_000 - 300 / share) }, "old ones were kept")
    }

    @Test func `a measurement is due after enough new questions, and has a pause`() {
        var sampler = RecallSampler(share: 1)
        let start = Timestamp(milliseconds: 1_000_000)
        for _ in 1..<RecallSampler.countPerMeasurement { sampler.offer([1]) }
        #expect(!sampler.isDue(at: start))
        sampler.offer([1])
        #expect(sampler.isDue(at: start))
        sampler.measured(at: start)
        for _ in 0..<RecallSampler.countPerMeasurement { sampler.offer([1]) }
        let pause = RecallSampler.pauseMilliseconds
        #expect(!sampler.isDue(at: Timestamp(milliseconds: 1_000_000 + pause - 1)))
        #expect(sampler.isDue(at: Timestamp(milliseconds: 1_000_000 + pause)))
        sampler.forget()
        #expect(sampler.queries.isEmpty && !sampler.isDue(at: Timestamp(milliseconds: .max)))
    }
}
