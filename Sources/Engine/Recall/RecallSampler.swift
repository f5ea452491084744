package import Foundation
package import Store
import VectorIndex

/// Which questions recall is measured on, and when: events in, decisions out. A pure value.
///
/// Holds the vectors of the last few that were chosen, in memory and nowhere else.
package struct RecallSampler: Sendable {
    /// Questions kept: the mean recall over so many is off by less than a hundredth.
    package static let countMax = 256

    /// New questions that are worth measuring again for.
    package static let countPerMeasurement = 32

    /// A measurement compares every row with every question kept; it has a pause of at least this long.
    package static let pauseMilliseconds: Int64 = 60_000

    /// Questions from which on ways to search are chosen by them.
    package static let calibrationCountMin = 200

    private let share: Double
    private var searchCount = 0
    private var vectors: [[Float]] = []
    private var next = 0
    private var newCount = 0
    private var pauseEnd = Timestamp(milliseconds: .min)

    /// - Parameter share: of the searches, 0 to 1.
    package init(share: Double) {
        self.share = share
    }

    /// The questions kept.
    package var queries: [[Float]] { vectors }

    /// Takes a question in, or lets it pass.
    package mutating func offer(_ query: [Float]) {
        guard share > 0 else { return }
        searchCount += 1
        // Multiples of the golden ratio, modulo 1, are even in every stretch and follow no client's rhythm (Weyl
        // 1916; Knuth, TAOCP 3, 6.4).
        let place = (Double(searchCount) * 0.618_033_988_749_894_9).truncatingRemainder(dividingBy: 1)
        guard share >= 1 || place < share else { return }
        if vectors.count < Self.countMax {
            vectors.append(query)
        } else {
            vectors[next] = query
            next = (next + 1) % Self.countMax
        }
        newCount += 1
    }

    package func isDue(at now: Timestamp) -> Bool {
        newCount >= Self.countPerMeasurement && now >= pauseEnd
    }

    /// All that is kept was measured.
    package mutating func measured(at now: Timestamp) {
        newCount = 0
        pauseEnd = Timestamp(milliseconds: now.milliseconds + Self.pauseMilliseconds)
    }

    /// Forgets the questions: what ways to search were chosen by must not be what judges them.
    package mutating func forget() {
        vectors = []
        next = 0
        newCount = 0
    }
}

/// What recall was measured to be on questions that were really asked.
package struct RecallReport: Sendable, Equatable {
    /// Whether questions are sampled at all.
    package var isEnabled: Bool

    /// Questions kept for the next measurement.
    package var sampledCount = 0

    /// Of the last measurement; nil before the first.
    package var measurement: RecallSample?

    /// Of the true nearest this many were looked for, at this target.
    package static let k = 10

    package init(isEnabled: Bool, sampledCount: Int = 0, measurement: RecallSample? = nil) {
        self.isEnabled = isEnabled
        self.sampledCount = sampledCount
        self.measurement = measurement
    }

    package static let target = SearchRequest.recallTargetDefault
}

/// One measurement.
package struct RecallSample: Sendable, Equatable {
    package var measuredAt: Date
    package var queryCount: Int

    /// Means over the questions: share of the true nearest that was found, and what the searches said it would be.
    package var recall: Double
    package var expectedRecall: Double
}

/// What a workspace knows of recall on the questions that it is asked.
struct RecallState: Sendable {
    /// Of the questions kept; nil while there is none.
    private(set) var space: SpaceID?
    private let share: Double
    var sampler: RecallSampler
    var sample: RecallSample?

    /// What recall costs for these questions, and the quantizer that it was measured with.
    var calibration: (quantizer: Int64, curve: RecallCurve)?

    init(share: Double) {
        self.share = share
        sampler = RecallSampler(share: share)
    }

    /// Takes a question in, or lets it pass. Those of another space say nothing of this one, and go.
    mutating func offer(_ query: [Float], in space: SpaceID) {
        if self.space != space {
            self = RecallState(share: share)
            self.space = space
        }
        sampler.offer(query)
    }

    /// Forgets all, if the questions kept are not of this space.
    mutating func forget(allBut space: SpaceID) {
        if self.space != space { self = RecallState(share: share) }
    }
}
