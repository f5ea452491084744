import Columnar
import Kernels

/// Finds the best rows of one segment.
///
/// Rows are visited in windows of 4,096. In each window the words are put in the order of what they can add there at
/// most, which blocks of postings say; those whose bounds together stay below the score that a row needs (the
/// *non-essential* ones) cannot bring a row into the result by themselves. The postings of the others are summed up,
/// and the non-essential words are looked up for the rows that can still get there (MaxScore with block bounds:
/// Turtle and Flood 1995; Ding and Suel, "Faster Top-k Document Retrieval Using Block-Max Indexes", SIGIR 2011,
/// section 4). Exact: scores are whole numbers, so bounds and sums are too.
///
/// Where a phrase has to occur, or a filter lists few rows, the rows to look at are known: the words are looked up for
/// each of them.
struct SegmentSearch {
    /// A list of rows longer than this part of the segment is cheaper as a filter.
    private static let listedPart = 16

    private let plan: QueryPlan
    private let sealed: SealedPostings
    private let filter: TextFilter?

    /// As in the plan.
    private var words: [SegmentWord] = []

    /// Words that are scored and that the segment has.
    private let scored: [Int]

    private var window = ScoreWindow()

    // Of the words in `scored`, by place there: what they add in the window at most, and their order by that.
    private var bounds: [UInt32]
    private var order: [Int]

    /// Entry i is the sum of the bounds of the first i words in order.
    private var boundSums: [UInt32]

    init(
        _ plan: QueryPlan, segment index: Int, _ sealed: SealedPostings, _ filter: TextFilter?
    ) throws(TextIndexError) {
        self.plan = plan
        self.sealed = sealed
        self.filter = filter
        for (place, entries) in plan.segmentEntries[index].enumerated() {
            words.append(try SegmentWord(sealed.segment, entries, weight: plan.words[place].weight))
        }
        scored = (0..<plan.scoredCount).filter { !plan.segmentEntries[index][$0].isEmpty }
        bounds = [UInt32](repeating: 0, count: scored.count)
        order = Array(scored.indices)
        boundSums = [UInt32](repeating: 0, count: scored.count + 1)
    }

    /// Offers the segment's best rows.
    mutating func run(_ best: inout TopK) throws(TextIndexError) {
        if let candidates = try candidates() {
            try visit(candidates, &best)
        } else {
            try sealed.segment.withLengths { lengths throws(TextIndexError) in try scan(lengths, &best) }
        }
    }

    // MARK: Known rows

    /// The positions to look at, ascending; nil for all.
    private mutating func candidates() throws(TextIndexError) -> [UInt32]? {
        if let rarest = plan.phrases.joined().min(by: { words[$0].rowCount < words[$1].rowCount }) {
            return try words[rarest].allPositions()
        }
        guard let list = filter?.list, list.count <= sealed.segment.rowCount / Self.listedPart else {
            return nil
        }
        var positions: [UInt32] = []
        for row in list {
            if let position = try sealed.segment.position(of: row) { positions.append(UInt32(position)) }
        }
        return positions
    }

    private mutating func visit(_ positions: [UInt32], _ best: inout TopK) throws(TextIndexError) {
        let norms = plan.norms
        try sealed.segment.withLengths { lengths throws(TextIndexError) in
            for position in positions where !sealed.dead.contains(Int(position)) {
                let norm = norms[Int(lengths[Int(position)])]
                var (sum, isFound) = (UInt32(0), false)
                for word in scored {
                    let frequency = try words[word].frequency(at: Int(position))
                    guard frequency > 0 else { continue }
                    sum &+= TermScores.score(weight: words[word].weight, norm: norm, frequency: frequency)
                    isFound = true
                }
                guard isFound, Float(sum) >= best.threshold else { continue }
                try offer(Int(position), sum, &best)
            }
        }
    }

    // MARK: Windows

    private mutating func scan(_ lengths: Span<UInt8>, _ best: inout TopK) throws(TextIndexError) {
        // Moved out, so that it and the words can be changed at once.
        var window = ScoreWindow()
        swap(&window, &self.window)
        let norms = plan.norms
        for base in stride(from: 0, to: lengths.count, by: ScoreWindow.rowsMax) {
            let end = min(base + ScoreWindow.rowsMax, lengths.count)
            guard let essential = firstEssential(base, end, norms.span, best.threshold) else { continue }
            window.move(to: base)
            for place in order[essential...] {
                try words[scored[place]].accumulate(into: &window, end, lengths: lengths, norms: norms.span)
            }
            try window.drain { position, sum throws(TextIndexError) in
                guard Float(sum &+ boundSums[essential]) >= best.threshold else { return }
                let norm = norms[Int(lengths[position])]
                try complete(position, sum, norm, essential, &best)
            }
        }
    }

    /// Orders the words by their bounds in the window.
    ///
    /// - Returns: the place in the order of the first word that can bring a row into the result; nil if none can.
    private mutating func firstEssential(
        _ base: Int, _ end: Int, _ norms: Span<Float>, _ threshold: Float
    ) -> Int? {
        var absent = 0
        for place in scored.indices {
            let bound = words[scored[place]].bound(base, end, norms: norms)
            if bound == nil { absent += 1 }
            bounds[place] = bound ?? 0
        }
        guard absent < scored.count else { return nil }
        // By insertion: the order changes little from window to window.
        for index in order.indices.dropFirst() {
            var place = index
            while place > 0, bounds[order[place - 1]] > bounds[order[place]] {
                order.swapAt(place - 1, place)
                place -= 1
            }
        }
        var essential: Int?
        for (index, place) in order.enumerated() {
            boundSums[index + 1] = boundSums[index] + bounds[place]
            if essential == nil, Float(boundSums[index + 1]) >= threshold { essential = index }
        }
        return essential
    }

    /// Adds what the non-essential words give a row, as long as it can get into the result.
    private mutating func complete(
        _ position: Int, _ start: UInt32, _ norm: Float, _ essential: Int, _ best: inout TopK
    ) throws(TextIndexError) {
        guard sealed.dead.count == 0 || !sealed.dead.contains(position) else { return }
        var sum = start
        var left = essential
        while left > 0 {
            guard Float(sum &+ boundSums[left]) >= best.threshold else { return }
            left -= 1
            let word = scored[order[left]]
            let frequency = try words[word].frequency(at: position)
            guard frequency > 0 else { continue }
            sum &+= TermScores.score(weight: words[word].weight, norm: norm, frequency: frequency)
        }
        guard Float(sum) >= best.threshold else { return }
        try offer(position, sum, &best)
    }

    // MARK: Conditions

    private mutating func offer(_ position: Int, _ sum: UInt32, _ best: inout TopK) throws(TextIndexError) {
        for word in plan.excluded where try words[word].isHeld(at: position) { return }
        let (row, document) = try sealed.segment.identity(at: position)
        if let filter, !filter.admits(row: row, document: document) { return }
        for phrase in plan.phrases {
            guard try occurs(phrase, at: position) else { return }
        }
        for phrase in plan.excludedPhrases where try occurs(phrase, at: position) { return }
        best.offer(TopK.Entry(score: Float(sum), id: row, tag: document))
    }

    private mutating func occurs(_ phrase: [Int], at position: Int) throws(TextIndexError) -> Bool {
        for word in phrase {
            guard try words[word].isHeld(at: position) else { return false }
        }
        var places: [[UInt32]] = []
        for word in phrase { places.append(try words[word].occurrences(at: position)) }
        return PhraseMatch.occurs(places)
    }
}
