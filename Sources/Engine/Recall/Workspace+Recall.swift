import Foundation
import Store
import Synchronization
import VectorIndex

extension Workspace {
    var recallReport: RecallReport {
        guard configuration.recallSampling > 0 else { return RecallReport(isEnabled: false) }
        return recall.withLock {
            RecallReport(isEnabled: true, sampledCount: $0.sampler.queries.count, measurement: $0.sample)
        }
    }

    var isMeasurementDue: Bool {
        guard configuration.recallSampling > 0 else { return false }
        return recall.withLock { $0.sampler.isDue(at: environment.now()) }
    }

    /// Keeps the question for the next measurement, perhaps.
    func sample(_ query: [Float], in space: SpaceID) {
        guard configuration.recallSampling > 0 else { return }
        recall.withLock { $0.offer(query, in: space) }
    }

    /// What was measured for questions of this workspace, if it holds for this quantizer.
    func curve(for quantizer: Int64?) -> RecallCurve? {
        guard configuration.recallSampling > 0, let quantizer else { return nil }
        return recall.withLock { $0.calibration?.quantizer == quantizer ? $0.calibration?.curve : nil }
    }

    /// Searches for every question kept, as a client would and exactly, and compares; then, once for each
    /// quantizer, chooses by them how later searches are done. On the maintenance lane.
    func measureRecall() throws {
        _ = try withLiveIndex { keeper in
            let queries = recall.withLock { state in
                state.forget(allBut: keeper.space.id)
                return state.sampler.queries
            }
            guard !queries.isEmpty else { return }
            let snapshot = try keeper.currentSnapshot()
            let quantizer = keeper.index.quantizer?.number
            let sample = try measure(queries, in: snapshot, curve: curve(for: quantizer))
            recall.withLock { state in
                guard state.space == keeper.space.id else { return }
                state.sample = sample
                state.sampler.measured(at: environment.now())
            }
            guard let quantizer, curve(for: quantizer) == nil,
                queries.count >= RecallSampler.calibrationCountMin
            else { return }
            let measured = try snapshot.measureRecall(queries, k: RecallReport.k) { mayGoOn }
            recall.withLock { state in
                guard state.space == keeper.space.id else { return }
                state.calibration = (quantizer, measured)
                state.sampler.forget()
            }
        }
    }

    private func measure(
        _ queries: [[Float]], in snapshot: IndexSnapshot, curve: RecallCurve?
    ) throws -> RecallSample {
        let exact = try snapshot.search(batch: queries, k: RecallReport.k)
        var (recall, expected) = (0.0, 0.0)
        for (query, nearest) in zip(queries, exact) {
            guard mayGoOn else { throw VectorIndexError.compactionStopped }
            let result = try snapshot.search(
                query, k: RecallReport.k,
                options: SearchOptions(recallTarget: RecallReport.target, curve: curve))
            // Of rows that are equally near any is as good as any other.
            let least = nearest.last?.similarity ?? .infinity
            let found = result.neighbors.count { $0.similarity >= least }
            recall += nearest.isEmpty ? 1 : Double(min(found, nearest.count)) / Double(nearest.count)
            expected += result.expectedRecall
        }
        let count = Double(queries.count)
        return RecallSample(
            measuredAt: Date(environment.now()), queryCount: queries.count, recall: recall / count,
            expectedRecall: expected / count)
    }
}
