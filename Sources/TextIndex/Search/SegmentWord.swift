import Kernels

/// A word of a query in one segment: a cursor for each of its terms that is there.
struct SegmentWord {
    let weight: Float
    var cursors: [TermCursor]

    init(
        _ segment: PostingsSegment, _ entries: [TermEntry], weight: Float
    ) throws(TextIndexError) {
        self.weight = weight
        cursors = []
        for entry in entries { cursors.append(try TermCursor(segment, entry)) }
    }

    var rowCount: Int { cursors.reduce(0) { $0 + $1.entry.rowCount } }

    /// The frequency in a row; rows are asked for in ascending order.
    mutating func frequency(at position: Int) throws(TextIndexError) -> UInt32 {
        var sum: UInt32 = 0
        for index in cursors.indices { sum += try cursors[index].frequency(at: position) }
        return sum
    }

    mutating func isHeld(at position: Int) throws(TextIndexError) -> Bool {
        for index in cursors.indices where try cursors[index].place(of: position) != nil { return true }
        return false
    }

    /// The places in a row, ascending.
    mutating func occurrences(at position: Int) throws(TextIndexError) -> [UInt32] {
        var all: [UInt32] = []
        for index in cursors.indices {
            guard let place = try cursors[index].place(of: position) else { continue }
            all += try cursors[index].occurrences(at: place)
        }
        return cursors.count > 1 ? all.sorted() : all
    }

    /// The positions of all rows that have the word, ascending.
    mutating func allPositions() throws(TextIndexError) -> [UInt32] {
        var all: [UInt32] = []
        for index in cursors.indices {
            for block in 0..<cursors[index].blockCount {
                try cursors[index].load(block)
                all += cursors[index].positions[..<cursors[index].count(block)]
            }
        }
        guard cursors.count > 1 else { return all }
        return Array(Set(all)).sorted()
    }

    // MARK: Windows

    /// What a row at `base ..< end` gets from this word at most; nil if no row there has it.
    ///
    /// Of several terms the sum of their bounds is one: a score is a concave function of the frequency, 0 at 0. The
    /// rounding of each may take away a unit.
    mutating func bound(_ base: Int, _ end: Int, norms: Span<Float>) -> UInt32? {
        var sum: UInt32?
        for index in cursors.indices {
            cursors[index].skip(to: base)
            guard let bound = cursors[index].bound(to: end, norms, weight) else { continue }
            sum = (sum ?? 0) + bound + (cursors.count > 1 ? 2 : 0)
        }
        return sum.map { min($0, UInt32(weight) + 2) }
    }

    /// Adds the scores of the rows in the window, which ends before `end`.
    mutating func accumulate(
        into window: inout ScoreWindow, _ end: Int, lengths: Span<UInt8>, norms: Span<Float>
    ) throws(TextIndexError) {
        let isSingle = cursors.count == 1
        for index in cursors.indices {
            var block = cursors[index].block
            while cursors[index].isBlock(block, startingBefore: end) {
                try cursors[index].load(block)
                try cursors[index].loadFrequencies()
                let range = cursors[index].range(in: block, window.base, end)
                if isSingle {
                    window.add(
                        cursors[index].positions, cursors[index].frequencies, range, lengths: lengths,
                        norms: norms, weight: weight)
                } else {
                    window.count(cursors[index].positions, cursors[index].frequencies, range)
                }
                block += 1
            }
        }
        if !isSingle { window.addCounted(lengths: lengths, norms: norms, weight: weight) }
    }
}

extension TermCursor {
    /// Whether `block` is there and may hold a row before `end`.
    @inline(__always)
    fileprivate func isBlock(_ block: Int, startingBefore end: Int) -> Bool {
        block < blockCount && (block == 0 || last(block - 1) + 1 < end)
    }

    /// Places in the block at hand of the rows at `base ..< end`.
    fileprivate func range(in block: Int, _ base: Int, _ end: Int) -> Range<Int> {
        let count = count(block)
        let first = Int(positions[0]) >= base ? 0 : firstPlace(from: base, count: count)
        let last = last(block) < end ? count : firstPlace(from: end, count: count)
        return first..<max(first, last)
    }

    /// What a row from the block at hand's first up to `end` scores at most; nil if there is none.
    fileprivate func bound(to end: Int, _ norms: Span<Float>, _ weight: Float) -> UInt32? {
        guard isBlock(block, startingBefore: end) else { return nil }
        var least = SIMD4<UInt8>(repeating: 255)
        var greatest: UInt32 = 1
        var next = block
        repeat {
            let (codes, frequencyMax) = impacts(next)
            let shifted = SIMD4<UInt32>(repeating: codes) &>> SIMD4<UInt32>(0, 8, 16, 24)
            least = pointwiseMin(least, SIMD4<UInt8>(truncatingIfNeeded: shifted))
            greatest = max(greatest, frequencyMax)
            next += 1
        } while isBlock(next, startingBefore: end)
        var bound: UInt32 = 0
        for step in 0..<Int(min(4, greatest)) {
            let frequency = step == 3 ? greatest : UInt32(step + 1)
            let norm = norms[Int(least[step])]
            bound = max(bound, TermScores.score(weight: weight, norm: norm, frequency: frequency))
        }
        return bound
    }
}
