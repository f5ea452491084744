import CKernels

/// Candidates in order of their scores, best first, sorted only as far as they are taken.
///
/// Few of many are wanted, so most are put aside unsorted: the best part is guessed from a sample of the
/// scores and kept in a heap; when it runs out, the next part becomes one. Of equal scores the lower index
/// comes first.
package struct BestFirst: ~Copyable {
    /// A binary heap with the best at its root. The upper half of a key orders like the score, the lower half
    /// is the complement of the index.
    private var heap: [UInt64] = []

    private let scores: [Float]

    /// Scores below the last of these are not in the heap yet, those below the one before not in the next;
    /// empty if all are or were.
    private var bars: [Float] = []

    /// Scores that the bars are guessed from, and which of them, by rank, they become: first an eighth of all
    /// candidates go into the heap, then two eighths more.
    private static let sampleCount = 48
    private static let sampleRanks = [18, 6]

    /// With fewer candidates a heap of all of them costs less than the guess.
    private static let guessedMin = 192

    /// - Parameter scores: none is NaN; at most 2³² - 1.
    package init(scores: [Float]) {
        precondition(scores.count <= Int(UInt32.max), "\(scores.count) candidates")
        self.scores = scores
        if scores.count >= Self.guessedMin {
            var sample = (0..<Self.sampleCount).map { scores[$0 * scores.count / Self.sampleCount] }
            sample.sort(by: >)
            bars = Self.sampleRanks.map { sample[$0] }
        }
        fill(from: bars.last ?? -.infinity, below: .infinity)
    }

    /// Takes the best of those left.
    package mutating func next() -> (index: Int, score: Float)? {
        while heap.isEmpty, let bar = bars.popLast() {
            fill(from: bars.last ?? -.infinity, below: bar)
        }
        guard let best = heap.first else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            // SAFETY: the buffer is the heap's own, for the call only.
            unsafe heap.withUnsafeMutableBufferPointer { unsafe Self.sink(0, $0) }
        }
        let index = Int(~UInt32(truncatingIfNeeded: best))
        return (index, scores[index])
    }

    /// Makes the heap of the candidates whose score is at least `low` and below `high`; infinity is below
    /// infinity here.
    private mutating func fill(from low: Float, below high: Float) {
        let count = scores.count
        let places = unsafe [UInt32](unsafeUninitializedCapacity: count) { places, found in
            // SAFETY: there is room for every place, and the kernel says how many it wrote.
            found = unsafe scores.withUnsafeBufferPointer { scores in
                unsafe ckernels_places_at_least(scores.baseAddress, count, low, places.baseAddress)
            }
        }
        heap = places.compactMap { place in
            let score = scores[Int(place)]
            return score < high || high == .infinity ? Self.key(score: score, index: place) : nil
        }
        // SAFETY: the buffer is the heap's own, for the call only.
        unsafe heap.withUnsafeMutableBufferPointer { unsafe Self.order($0) }
    }

    /// Orders like the float: negative ones have all bits flipped, others the sign.
    private static func key(score: Float, index: UInt32) -> UInt64 {
        let bits = score.bitPattern
        let ordered = bits >> 31 == 1 ? ~bits : bits | 0x8000_0000
        return UInt64(ordered) << 32 | UInt64(~index)
    }

    private static func order(_ heap: UnsafeMutableBufferPointer<UInt64>) {
        for parent in stride(from: heap.count / 2 - 1, through: 0, by: -1) {
            unsafe sink(parent, heap)
        }
    }

    private static func sink(_ start: Int, _ heap: UnsafeMutableBufferPointer<UInt64>) {
        let count = heap.count
        // SAFETY: `parent` is below `count` throughout, and a child is looked at only below it.
        let moved = unsafe heap[start]
        var parent = start
        while 2 * parent + 1 < count {
            var child = 2 * parent + 1
            if child + 1 < count, unsafe heap[child + 1] > heap[child] { child += 1 }
            guard unsafe heap[child] > moved else { break }
            unsafe heap[parent] = heap[child]
            parent = child
        }
        unsafe heap[parent] = moved
    }
}
