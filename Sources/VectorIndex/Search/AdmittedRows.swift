import Columnar

/// The rows of one snapshot that a filter admits, found once and good for any number of searches of it.
public struct AdmittedRows: Sendable {
    /// Rows alive that match.
    public let count: Int

    let filter: RowFilter
    let sequence: Int64
    private let listed: [Int64: Bits]

    /// With no more rows than this admitted in the lists, all of them are compared by their vectors: that
    /// takes no longer than a scan of codes that would find the nearest among them.
    static let exactMax = 512

    /// Bits of a listed segment's rows by position, alive and matching.
    struct Bits: Sendable {
        /// Reaches one word past the last row's, for those who read ahead.
        let words: [UInt64]
        let count: Int

        /// The codes of these rows, if they are too many to compare and few enough to gather.
        var gathered: GatheredCodes?
    }

    init(filter: RowFilter, state: IndexState) throws(VectorIndexError) {
        var (listed, count): ([Int64: Bits], Int) = ([:], 0)
        for sealed in state.segments {
            var bits = try Self.bits(of: sealed, filter)
            count += bits.count
            guard let lists = sealed.segment.lists, let quantizer = sealed.segment.quantizer else { continue }
            let gatheredMax = GatheredCodes.countMax(ofRows: sealed.segment.rowCount)
            if bits.count > Self.exactMax, bits.count <= gatheredMax {
                bits.gathered = try GatheredCodes(
                    bits.positions, of: sealed.segment, lists, stepCount: quantizer.shape.codeSteps)
            }
            listed[sealed.segment.description.number] = bits
        }
        for part in state.tail.parts {
            for (position, row) in part.block.rows.enumerated()
            where !part.dead.contains(position)
                && filter.admits(row: row, document: part.block.documents[position])
            {
                count += 1
            }
        }
        (self.filter, self.listed, self.count, sequence) = (filter, listed, count, state.sequence)
    }

    /// The rows of a listed segment.
    func bits(of segment: Int64) -> Bits {
        listed[segment] ?? Bits(words: [0, 0], count: 0)
    }

    private static func bits(of sealed: SealedRows, _ filter: RowFilter) throws(VectorIndexError) -> Bits {
        let rowCount = sealed.segment.rowCount
        // A group of 16 rows may begin at the last of them, and its reader looks one word further.
        var words = [UInt64](repeating: 0, count: (rowCount + 16) / 64 + 2)
        var count = 0
        for start in stride(from: 0, to: rowCount, by: Tombstones.chunkRows) {
            let positions = start..<min(start + Tombstones.chunkRows, rowCount)
            let dead = sealed.dead.chunk(start / Tombstones.chunkRows)
            try sealed.segment.withIdentities(positions) { rows, documents in
                for offset in rows.indices
                where filter.admits(row: rows[offset], document: documents[offset])
                    && !Tombstones.isDead(offset, in: dead)
                {
                    words[(start + offset) >> 6] |= 1 << UInt64((start + offset) & 63)
                    count += 1
                }
            }
        }
        return Bits(words: words, count: count)
    }
}

extension AdmittedRows.Bits {
    /// The positions whose bits are set, ascending.
    var positions: [UInt32] {
        var positions: [UInt32] = []
        positions.reserveCapacity(count)
        for (index, word) in words.enumerated() {
            var left = word
            while left != 0 {
                positions.append(UInt32(index * 64 + left.trailingZeroBitCount))
                left &= left - 1
            }
        }
        return positions
    }
}
