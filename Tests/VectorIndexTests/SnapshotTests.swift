import Synchronization
import TestSupport
import Testing
import VectorIndex

@Suite struct SnapshotTests {
    @Test func `an old snapshot does not change when the index does`() throws {
        let directory = try TemporaryDirectory()
        var random = SplitMix64(seed: 1)
        let index = VectorIndex(configuration: .init(dimension: 6))
        let query = random.vector(6)
        var taken: [(snapshot: IndexSnapshot, answer: [Neighbor], rowCount: Int)] = []
        func take() throws {
            let snapshot = index.snapshot
            taken.append((snapshot, try snapshot.search(query, k: 5000), snapshot.rowCount))
        }
        for step in 1...30 as ClosedRange<Int64> {
            let rows = (0..<70).map { IndexRow(step * 100 + $0, born: step, random.vector(6)) }
            let deletions = (0..<20).map { RowID(rawValue: step * 50 + $0) }
            try index.apply(IndexChange(sequence: step, insertions: rows, deletions: deletions))
            try take()
            if step % 7 == 0 {
                try index.publish(index.writeSegment(number: step, in: directory.url), in: directory.url)
                try take()
            }
        }
        try index.withdraw(segment: 7)
        for (snapshot, answer, rowCount) in taken {
            #expect(try snapshot.search(query, k: 5000) == answer && snapshot.rowCount == rowCount)
        }
    }

    private final class Progress: Sendable {
        let isDone = Atomic(false)
    }

    /// Step s inserts rows 10·s … 10·s + 9 and deletes those of step s − 3: what a snapshot at s holds is
    /// known.
    @Test func `concurrent readers see each sequence whole while writers go on`() async throws {
        let directory = try TemporaryDirectory()
        let index = VectorIndex(configuration: .init(dimension: 3, tailRowsMax: 64))
        let writer = Progress()
        let last: Int64 = 400
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { writer.isDone.store(true, ordering: .releasing) }
                for step in 1...last {
                    let rows = (0..<10).map { IndexRow(step * 10 + $0, born: step, [1, Float(step), 0]) }
                    let deletions = (0..<10).map { RowID(rawValue: (step - 3) * 10 + $0) }
                    try index.apply(IndexChange(sequence: step, insertions: rows, deletions: deletions))
                    if step % 9 == 0 {
                        let description = try index.writeSegment(number: step, in: directory.url)
                        try index.publish(description, in: directory.url)
                    }
                }
            }
            for batched in [false, true] {
                group.addTask {
                    while !writer.isDone.load(ordering: .acquiring) {
                        let snapshot = index.snapshot
                        let expected =
                            (max(10, (snapshot.sequence - 2) * 10)..<max(10, snapshot.sequence * 10 + 10))
                        let found =
                            batched
                            ? try snapshot.search(batch: [[1, 0, 0]], k: 100)[0]
                            : try snapshot.search([1, 0, 0], k: 100)
                        #expect(found.map(\.row.rawValue) == Array(expected))
                        await Task.yield()
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(index.snapshot.rowCount == 30)
    }
}
