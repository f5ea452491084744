/// Keeps the best k of a stream of scored entries, in memory for k, without allocating after it is made.
///
/// Better means a higher score, or the same score and a lower id: the result does not depend on the order in
/// which entries were offered. Scores must not be NaN.
package struct TopK: Sendable {
    package struct Entry: Sendable, Equatable {
        package let score: Float
        package let id: Int64

        /// Carried along, not compared.
        package let tag: Int64

        package init(score: Float, id: Int64, tag: Int64) {
            self.score = score
            self.id = id
            self.tag = tag
        }

        func isBetter(than other: Entry) -> Bool {
            score != other.score ? score > other.score : id < other.id
        }
    }

    package let k: Int

    /// A binary heap with the worst entry at its root.
    private var heap: [Entry] = []

    /// No entry with a lower score can enter any more; one with this score can, by its id.
    package private(set) var threshold = -Float.infinity

    /// - Parameter k: at least 1.
    package init(k: Int) {
        precondition(k >= 1, "k must be at least 1, found \(k)")
        self.k = k
        heap.reserveCapacity(k)
    }

    /// Takes the entry if it is among the best k so far. O(log k).
    package mutating func offer(_ entry: Entry) {
        if heap.count < k {
            heap.append(entry)
            siftUp(from: heap.count - 1)
        } else if entry.isBetter(than: heap[0]) {
            heap[0] = entry
            siftDown()
        } else {
            return
        }
        if heap.count == k { threshold = heap[0].score }
    }

    /// The entries, best first.
    package func sorted() -> [Entry] {
        heap.sorted { $0.isBetter(than: $1) }
    }

    private mutating func siftUp(from start: Int) {
        var child = start
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[parent].isBetter(than: heap[child]) else { return }
            heap.swapAt(parent, child)
            child = parent
        }
    }

    private mutating func siftDown() {
        var parent = 0
        while true {
            var worst = parent
            for child in (2 * parent + 1)...(2 * parent + 2)
            where child < heap.count && heap[worst].isBetter(than: heap[child]) {
                worst = child
            }
            guard worst != parent else { return }
            heap.swapAt(parent, worst)
            parent = worst
        }
    }
}
