import Columnar

/// Which rows a search may return. Applied before the top k are chosen, so a search returns min(k, matches)
/// rows.
public struct RowFilter: Sendable {
    private enum Rule: Sendable {
        case documents(DocumentSet)
        case closure(@Sendable (RowID, Int64) -> Bool)
    }

    private let rule: Rule

    /// Rows of the given documents. Costs one bit per ordinal between the least and the greatest where they
    /// lie close together, eight bytes per document where they do not.
    public static func documents(_ ordinals: some Sequence<Int64>) -> RowFilter {
        RowFilter(rule: .documents(DocumentSet(ordinals)))
    }

    /// Rows that `admits` accepts, by row and document ordinal. Called on the searching
    /// thread, at most once per row and query, and only for rows similar enough to matter.
    public static func rows(
        where admits: @escaping @Sendable (_ row: RowID, _ document: Int64) -> Bool
    ) -> RowFilter {
        RowFilter(rule: .closure(admits))
    }

    /// Whether the filter lets a row pass.
    public func admits(row: RowID, document: Int64) -> Bool {
        admits(row: row.rawValue, document: document)
    }

    func admits(row: Int64, document: Int64) -> Bool {
        switch rule {
        case .documents(let set): set.contains(document)
        case .closure(let admits): admits(RowID(rawValue: row), document)
        }
    }
}

/// A fixed set of document ordinals: a bitmap where they are dense, a sorted list where they are not.
struct DocumentSet: Sendable {
    /// A bitmap may cost this many bits per member; a sorted list costs 64.
    static let bitsPerMemberMax = 64

    private let lowest: Int64
    private let bits: [UInt64]
    private let sorted: [Int64]

    init(_ ordinals: some Sequence<Int64>) {
        var members = Array(ordinals)
        members.sort()
        guard let first = members.first, let last = members.last else {
            (lowest, bits, sorted) = (0, [], [])
            return
        }
        let (span, overflowed) = last.subtractingReportingOverflow(first)
        guard !overflowed, span / Int64(Self.bitsPerMemberMax) < Int64(members.count) else {
            (lowest, bits, sorted) = (first, [], members)
            return
        }
        var bits = [UInt64](repeating: 0, count: Int(span / 64) + 1)
        for member in members {
            let position = Int(member - first)
            bits[position >> 6] |= 1 << UInt64(position & 63)
        }
        (lowest, self.bits, sorted) = (first, bits, [])
    }

    func contains(_ ordinal: Int64) -> Bool {
        guard bits.isEmpty else {
            let (position, overflowed) = ordinal.subtractingReportingOverflow(lowest)
            guard !overflowed, position >= 0, position >> 6 < Int64(bits.count) else { return false }
            return bits[Int(position >> 6)] >> UInt64(position & 63) & 1 == 1
        }
        return sorted.firstPosition(of: ordinal) != nil
    }
}
