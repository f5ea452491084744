import Kernels

/// Puts back what says what was said before (J. Carbonell and J. Goldstein, 1998, "The use of MMR, diversity-based
/// reranking for reordering documents and producing summaries").
struct Diversity {
    /// 0 leaves the order, 1 asks only for difference: 1 − λ.
    let weight: Double

    /// The passages to show, by their places in `relevances`.
    ///
    /// - Parameters:
    ///   - relevances: best first; on any scale, which is brought to 0 to 1.
    ///   - vectors: of unit length; one without is like none of the others.
    ///   - count: of passages wanted. Costs `count` × `relevances.count` dot products.
    func order(relevances: [Double], vectors: [[Float]?], count: Int) -> [Int] {
        guard let best = relevances.max(), let worst = relevances.min() else { return [] }
        let width = best > worst ? best - worst : 1
        var nearest = [Double](repeating: 0, count: relevances.count)
        var left = Array(relevances.indices)
        var chosen: [Int] = []
        while chosen.count < count, !left.isEmpty {
            func worth(_ place: Int) -> Double {
                (1 - weight) * (relevances[place] - worst) / width - weight * nearest[place]
            }
            // Of equals the first, which is the better one.
            var next = 0
            for index in left.indices where worth(left[index]) > worth(left[next]) { next = index }
            let place = left.remove(at: next)
            chosen.append(place)
            guard let vector = vectors[place] else { continue }
            for other in left {
                guard let candidate = vectors[other] else { continue }
                nearest[other] = max(nearest[other], Double(DotProducts.product(vector.span, candidate.span)))
            }
        }
        return chosen
    }
}
