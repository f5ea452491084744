import Foundation
import TestSupport
import Testing
import VectorIndex

/// Plays random scripts against an index and against brute force, and compares what both answer.
@Suite struct InterleavingTests {
    /// The log that an index follows, as a store would keep it.
    private struct Script {
        var random: SplitMix64
        let dimension = 4
        let directory: TemporaryDirectory
        var index: VectorIndex
        var model = BruteForce()
        var sequence: Int64 = 0
        var lastRow: Int64 = 0
        var lastSegment: Int64 = 0
        var segments: [SegmentDescription] = []
        var deleted: [RowID] = []
        var written: [SegmentDescription] = []

        init(seed: UInt64) throws {
            random = SplitMix64(seed: seed)
            directory = try TemporaryDirectory()
            index = VectorIndex(configuration: .init(dimension: dimension, tailRowsMax: 200))
        }

        mutating func commit() throws {
            sequence += 1
            var change = IndexChange(sequence: sequence)
            for _ in 0..<Int.random(in: 0...40, using: &random) {
                lastRow += Int64.random(in: 1...3, using: &random)
                let document = lastRow / 10
                change.insertions.append(
                    IndexRow(lastRow, document: document, born: sequence, random.vector(dimension)))
            }
            let alive = model.rows.keys.sorted()
            for _ in 0..<Int.random(in: 0...15, using: &random) {
                if let row = alive.randomElement(using: &random) { change.deletions.append(row) }
            }
            do {
                try index.apply(change)
            } catch VectorIndexError.tailFull {
                try seal()
                try index.apply(change)
            }
            model.apply(change)
            deleted += change.deletions
        }

        mutating func write() throws {
            lastSegment += 1
            written.append(try index.writeSegment(number: lastSegment, in: directory.url))
        }

        /// Publishes what was written last; what was written before that is out of date then.
        mutating func publish() throws {
            guard let description = written.popLast() else { return }
            do {
                try index.publish(description, in: directory.url)
                segments.append(description)
            } catch {
                switch error {
                case .segmentStale:
                    #expect(
                        description.sequences.upperBound <= segments.map(\.sequences.upperBound).max() ?? 0)
                case .quantizerUnknown(let number, _):
                    // Written into the lists of a quantizer that was replaced before it was published.
                    #expect(!index.snapshot.quantizers.contains { $0.number == number })
                default: throw error
                }
            }
        }

        mutating func seal() throws {
            written = []
            try write()
            try publish()
        }

        /// Rewrites some segments as one, from the log's rows, while deletions go on.
        mutating func rebuild() throws {
            guard let victim = segments.randomElement(using: &random) else { return }
            let replaced = segments.filter { $0.number == victim.number || Bool.random(using: &random) }
            if Bool.random(using: &random) { try index.withdraw(segment: victim.number) }
            let rows = try rowsAlive(inside: replaced)
            lastSegment += 1
            let first = replaced.map(\.sequences.lowerBound).min() ?? 0
            let sequences = first...(replaced.map(\.sequences.upperBound).max() ?? 0)
            let builder = try SegmentBuilder(
                number: lastSegment, dimension: dimension, rowCount: rows.count, sequences: sequences,
                in: directory.url)
            for row in rows { try builder.append([row]) }
            let description = try builder.finish()
            try deleteOnly()
            try index.publish(description, in: directory.url, replacing: replaced.map(\.number))
            segments.removeAll(where: replaced.contains)
            segments.append(description)
        }

        /// Trains a quantizer, if there are rows for it, or puts some neighbours in its lists as one segment.
        mutating func compact() throws {
            if index.quantizer == nil || Int.random(in: 0..<4, using: &random) == 0 {
                let alive = index.snapshot.liveSealedRowCount
                guard alive >= 8 else { return }
                lastSegment += 1
                let lists = Int.random(in: 1...8, using: &random)
                let trained = try index.trainQuantizer(
                    number: lastSegment, in: directory.url, listCount: lists)
                try index.publish(trained, in: directory.url)
            }
            let ordered = segments.sorted { $0.sequences.lowerBound < $1.sequences.lowerBound }
            guard !ordered.isEmpty else { return }
            let first = Int.random(in: 0..<ordered.count, using: &random)
            let replaced = ordered[first..<Int.random(in: (first + 1)...ordered.count, using: &random)]
            let open = Set(index.snapshot.segments.map(\.number))
            guard replaced.allSatisfy({ open.contains($0.number) }) else { return }
            lastSegment += 1
            let made = try index.compact(replaced.map(\.number), into: lastSegment, in: directory.url)
            try deleteOnly()
            try index.publish(made, in: directory.url, replacing: replaced.map(\.number))
            segments.removeAll(where: replaced.contains)
            segments.append(made)
            _ = index.forgetUnusedQuantizers()
        }

        private mutating func deleteOnly() throws {
            sequence += 1
            let victims = model.rows.keys.sorted().filter { $0.rawValue % 17 == sequence % 17 }
            let change = IndexChange(sequence: sequence, deletions: victims)
            try index.apply(change)
            model.apply(change)
            deleted += victims
        }

        /// The rows of the given segments that the model says are alive.
        private func rowsAlive(inside segments: [SegmentDescription]) throws -> [IndexRow] {
            let alone = VectorIndex(configuration: .init(dimension: dimension))
            try alone.open(segments, quantizers: index.snapshot.quantizers, in: directory.url)
            let held = try alone.snapshot.search([Float](repeating: 0, count: dimension), k: 10_000).map(
                \.row)
            return held.sorted().compactMap { model.rows[$0] }
        }

        /// Starts again from the segments and the log.
        mutating func reopen() throws {
            let quantizers = index.snapshot.quantizers
            index = VectorIndex(configuration: index.configuration)
            let through = segments.map(\.sequences.upperBound).max() ?? 0
            written = []
            try index.open(
                segments, quantizers: quantizers, in: directory.url, deletions: deleted, sequence: through)
            guard sequence > through else { return }
            let later = model.rows.values.filter { $0.bornSequence > through }.sorted { $0.row < $1.row }
            try index.apply(IndexChange(sequence: sequence, insertions: later))
        }

        mutating func compare() throws {
            let query = random.vector(dimension)
            let k = Int.random(in: 1...50, using: &random)
            let snapshot = index.snapshot
            #expect(snapshot.sequence == sequence && snapshot.rowCount == model.rows.count)
            #expect(try snapshot.search(query, k: k) == model.search(query, k: k))
            #expect(try snapshot.search(batch: [query], k: k) == [model.search(query, k: k)])
            let listed = try snapshot.search(query, k: k, options: SearchOptions(nprobe: 65_536)).neighbors
            #expect(listed.count == min(k, model.rows.count))
            #expect(listed.allSatisfy { model.rows[$0.row]?.document == $0.document })
        }
    }

    @Test(arguments: 1...60 as ClosedRange<UInt64>)
    func `any interleaving of insert, delete, seal, compact, rebuild and reopen equals the model`(
        seed: UInt64
    ) throws {
        var script = try Script(seed: seed)
        for _ in 0..<60 {
            switch Int.random(in: 0..<20, using: &script.random) {
            case 0, 1: try script.write()
            case 2, 3: try script.publish()
            case 4: try script.seal()
            case 5: try script.rebuild()
            case 6: try script.reopen()
            case 7, 8: try script.compact()
            default: try script.commit()
            }
            try script.compare()
        }
    }
}
