import Kernels

/// Told the share done, 0 to 1; throws to stop.
typealias TrainingProgress = (Double) throws(VectorIndexError) -> Void

/// Lloyd's k-means (S. Lloyd, "Least squares quantization in PCM", 1982) on a sample that fits in memory, by
/// matrix products.
///
/// Seeds are drawn in rounds, each in proportion to the squared distance from those drawn before (after B.
/// Bahmani et al., "Scalable k-means++", 2012, https://arxiv.org/abs/1203.6402). After each pass, lists much
/// shorter than the mean are given half of the longest, so that none is empty and none dominates.
struct KMeans {
    let dimension: Int
    let count: Int
    var iterationCount = 8

    /// Rounds in which seeds are drawn.
    private static let seedingRounds = 5

    /// A list of less than a sixth of the mean is taken for the longest, if that is over twice the mean.
    private static let shortShare = 6
    private static let longShare = 2

    /// - Parameters:
    ///   - rows: `rowCount × dimension`, at least `count` rows.
    ///   - progress: told the share done, 0 to 1; what it throws ends the training.
    /// - Returns: `count × dimension`.
    func train(
        _ rows: [Float], random: inout SeededRandom, progress: TrainingProgress
    ) throws(VectorIndexError) -> [Float] {
        let rowCount = rows.count / dimension
        precondition(rowCount >= count, "\(count) centroids of \(rowCount) rows")
        var centroids = seeds(rows, rowCount, &random)
        for iteration in 0..<iterationCount {
            centroids = step(rows, centroids, isLast: iteration == iterationCount - 1)
            try progress(Double(iteration + 1) / Double(iterationCount))
        }
        return centroids
    }

    /// One more pass over centroids that were made in another way.
    func improved(
        _ centroids: [Float], by rows: some TrainingRows
    ) throws(VectorIndexError) -> [Float] {
        var step = LloydStep(from: centroids, dimension: dimension)
        try rows.forEachBlock { _, vectors throws(VectorIndexError) in step.add(vectors) }
        return means(of: step, isLast: true)
    }

    // MARK: Seeds

    private func seeds(_ rows: [Float], _ rowCount: Int, _ random: inout SeededRandom) -> [Float] {
        var distances = [Float](repeating: .infinity, count: rowCount)
        var chosen: [Int] = []
        for round in 0..<Self.seedingRounds where chosen.count < count {
            let wanted = (count - chosen.count) / (Self.seedingRounds - round)
            guard wanted > 0 else { continue }
            let drawn =
                chosen.isEmpty
                ? random.sample(wanted, of: rowCount) : Self.draw(wanted, by: distances, &random)
            chosen += drawn
            if round < Self.seedingRounds - 1 { shorten(&distances, rows, rowCount, to: drawn) }
        }
        // Duplicates among the rows may leave fewer different ones than were wanted.
        let left = count - chosen.count
        if left > 0 { chosen += random.sample(left, of: rowCount) }
        return chosen.flatMap { rows[($0 * dimension)..<(($0 + 1) * dimension)] }
    }

    /// Different places in proportion to their weights, by one walk over the cumulated weights.
    private static func draw(_ wanted: Int, by weights: [Float], _ random: inout SeededRandom) -> [Int] {
        let total = weights.reduce(0.0) { $0 + Double($1) }
        guard total > 0 else { return [] }
        var points = (0..<wanted).map { _ in Double(random.unit()) * total }
        points.sort()
        var (drawn, sum, next): ([Int], Double, Int) = ([], 0, 0)
        for (place, weight) in weights.enumerated() where next < points.count {
            sum += Double(weight)
            guard points[next] < sum else { continue }
            drawn.append(place)
            while next < points.count, points[next] < sum { next += 1 }
        }
        return drawn
    }

    /// Squared distances to the nearest seed, after `drawn` have become seeds too.
    private func shorten(_ distances: inout [Float], _ rows: [Float], _ rowCount: Int, to drawn: [Int]) {
        // None are drawn where every row is a seed's double.
        guard !drawn.isEmpty else { return }
        let seeds = drawn.flatMap { rows[($0 * dimension)..<(($0 + 1) * dimension)] }
        var nearest = NearestCentroid(centroids: seeds, dimension: dimension)
        nearest.forEach(rows.span, rowCount: rowCount) { row, _, score in
            let vector = rows.span.extracting((row * dimension)..<((row + 1) * dimension))
            let squared = max(0, DotProducts.product(vector, vector) - 2 * score)
            distances[row] = min(distances[row], squared)
        }
    }

    // MARK: Lloyd's step

    private func step(_ rows: [Float], _ centroids: [Float], isLast: Bool) -> [Float] {
        var step = LloydStep(from: centroids, dimension: dimension)
        step.add(rows)
        return means(of: step, isLast: isLast)
    }

    private func means(of step: LloydStep, isLast: Bool) -> [Float] {
        var (sums, sizes) = (step.sums, step.sizes)
        for list in 0..<count where sizes[list] > 0 {
            let scale = 1 / Float(sizes[list])
            for i in (list * dimension)..<((list + 1) * dimension) { sums[i] *= scale }
        }
        balance(&sums, &sizes, rowCount: sizes.reduce(0, +), emptyOnly: isLast)
        return sums
    }

    /// Puts short lists' centroids beside those of the longest lists, which the next pass divides.
    private func balance(_ centroids: inout [Float], _ sizes: inout [Int], rowCount: Int, emptyOnly: Bool) {
        let mean = max(1, rowCount / count)
        for list in sizes.indices.sorted(by: { (sizes[$0], $0) < (sizes[$1], $1) }) {
            let isShort = sizes[list] == 0 || (!emptyOnly && sizes[list] * Self.shortShare < mean)
            guard isShort, let longest = sizes.indices.max(by: { sizes[$0] < sizes[$1] }),
                sizes[longest] > Self.longShare * max(mean, sizes[list])
            else { return }
            for i in 0..<dimension {
                let value = centroids[longest * dimension + i]
                let shift: Float = i.isMultiple(of: 2) ? 0x1p-10 : -0x1p-10
                centroids[list * dimension + i] = value * (1 + shift)
                centroids[longest * dimension + i] = value * (1 - shift)
            }
            (sizes[list], sizes[longest]) = (sizes[longest] / 2, sizes[longest] - sizes[longest] / 2)
        }
    }
}

/// The sums of the rows that are nearest to each of some centroids.
private struct LloydStep {
    private(set) var sums: [Float]
    private(set) var sizes: [Int]
    private var nearest: NearestCentroid
    private let dimension: Int

    init(from centroids: [Float], dimension: Int) {
        self.dimension = dimension
        sums = [Float](repeating: 0, count: centroids.count)
        sizes = [Int](repeating: 0, count: centroids.count / dimension)
        nearest = NearestCentroid(centroids: centroids, dimension: dimension)
    }

    mutating func add(_ rows: [Float]) {
        let dimension = dimension
        var lists = [Int](repeating: 0, count: rows.count / dimension)
        nearest.forEach(rows.span, rowCount: lists.count) { row, list, _ in lists[row] = list }
        for list in lists { sizes[list] += 1 }
        var room = sums.mutableSpan
        for (row, list) in lists.enumerated() {
            VectorSums.add(rows.span, row: row, to: &room, at: list, dimension: dimension)
        }
    }
}
