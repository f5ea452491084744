import Foundation

/// The vectors of an answer, after everything about them was checked that can be.
struct CheckedAnswer: Equatable {
    /// Unit-length rows; nil where the provider sent none that can be used.
    var rows: [[Float]?]

    /// Why there is no row: the places in the call, and what stood there.
    var unusable: [(index: Int, found: String)] = []

    static func == (left: Self, right: Self) -> Bool {
        left.rows == right.rows && left.unusable.elementsEqual(right.unusable, by: ==)
    }

    /// Puts vectors in the order of the texts.
    ///
    /// The count, the indexes and the dimension tell whether the answer is to this question at all: where one is
    /// wrong, nothing of it is used. A vector of the right size that holds no number, or only zeros, is one
    /// text's affair.
    ///
    /// - Throws: `CloudError.wrongAnswer`.
    init(_ entries: [WireAnswer.Entry], count: Int, dimension: Int) throws(CloudError) {
        guard entries.count == count else {
            throw .wrongAnswer(found: "\(entries.count) embeddings", expected: "\(count)")
        }
        rows = Array(repeating: nil, count: count)
        var seen = Array(repeating: false, count: count)
        let areNumbered = entries.contains { $0.index != nil }
        for (position, entry) in entries.enumerated() {
            // Of servers that leave out what is zero, the first has no number.
            let index = areNumbered ? entry.index ?? 0 : position
            guard rows.indices.contains(index), !seen[index] else {
                throw .wrongAnswer(found: "index \(index)", expected: "each of 0 to \(count - 1) once")
            }
            seen[index] = true
            switch entry.vector.components {
            case .success(let components):
                guard components.count == dimension else {
                    throw .wrongAnswer(
                        found: "dimension \(components.count)", expected: "dimension \(dimension)")
                }
                rows[index] = unitLength(components, index: index)
            case .failure(let reason):
                unusable.append((index, reason.found))
            }
        }
        unusable.sort { $0.index < $1.index }
    }

    private mutating func unitLength(_ row: [Float], index: Int) -> [Float]? {
        let norm = row.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        guard norm.isFinite, norm > 0 else {
            unusable.append((index, norm == 0 ? "only zeros" : "a component that is no number"))
            return nil
        }
        return row.map { Float(Double($0) / norm) }
    }
}
