/// Which of a fixed number of rows are dead, by position. A value: a copy shares all chunks that do not
/// change.
package struct Tombstones: Sendable {
    /// Rows in a chunk, which is what one step of a scan takes: it looks at one chunk, once.
    package static let chunkRows = 1_024

    private static let wordBits = 64

    /// Empty while no row is dead; then one chunk per 1,024 rows, itself empty while none of its rows is.
    private var chunks: [[UInt64]] = []
    private let rowCount: Int
    package private(set) var count = 0

    package init(rowCount: Int) {
        self.rowCount = rowCount
    }

    /// The bits of rows `index × chunkRows` and on; empty if none of them is dead.
    package func chunk(_ index: Int) -> [UInt64] {
        chunks.isEmpty ? [] : chunks[index]
    }

    package func contains(_ position: Int) -> Bool {
        Self.isDead(position % Self.chunkRows, in: chunk(position / Self.chunkRows))
    }

    /// - Returns: false if the row was dead already.
    @discardableResult
    package mutating func insert(_ position: Int) -> Bool {
        precondition(position >= 0 && position < rowCount, "position \(position) of \(rowCount) rows")
        guard !contains(position) else { return false }
        let (index, offset) = position.quotientAndRemainder(dividingBy: Self.chunkRows)
        if chunks.isEmpty {
            chunks = [[UInt64]](repeating: [], count: (rowCount + Self.chunkRows - 1) / Self.chunkRows)
        }
        if chunks[index].isEmpty {
            chunks[index] = [UInt64](repeating: 0, count: Self.chunkRows / Self.wordBits)
        }
        chunks[index][offset / Self.wordBits] |= 1 << UInt64(offset % Self.wordBits)
        count += 1
        return true
    }

    /// - Parameter offset: of the row within its chunk.
    @inlinable
    package static func isDead(_ offset: Int, in chunk: [UInt64]) -> Bool {
        !chunk.isEmpty && chunk[offset / 64] >> UInt64(offset % 64) & 1 == 1
    }
}
