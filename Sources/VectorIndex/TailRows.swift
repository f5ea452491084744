import Columnar

/// Rows on their way into blocks of the tail: columns, in the order of arrival.
struct TailRows {
    private let dimension: Int
    private var rows: [Int64] = []
    private var documents: [Int64] = []
    private var bornSequences: [Int64] = []
    private var vectors: [Float] = []

    /// A bound on the length of each vector: its own, or that of the block it came from.
    private var lengths: [Float] = []
    private var isDead: [Bool] = []

    init(dimension: Int) {
        self.dimension = dimension
    }

    var count: Int { rows.count }
    var deadCount: Int { isDead.count { $0 } }

    mutating func append(_ row: IndexRow, length: Float, isDead: Bool) {
        rows.append(row.row.rawValue)
        documents.append(row.document)
        bornSequences.append(row.bornSequence)
        vectors += row.vector
        lengths.append(length)
        self.isDead.append(isDead)
    }

    mutating func append(_ other: TailRows) {
        rows += other.rows
        documents += other.documents
        bornSequences += other.bornSequences
        vectors += other.vectors
        lengths += other.lengths
        isDead += other.isDead
    }

    /// Adds the rows of a part at the positions that `isKept` accepts.
    mutating func append(_ part: Tail.Part, where isKept: (_ position: Int) -> Bool) {
        let block = part.block
        for position in block.rows.indices where isKept(position) {
            rows.append(block.rows[position])
            documents.append(block.documents[position])
            bornSequences.append(block.bornSequences[position])
            vectors += block.vectors[(position * dimension)..<((position + 1) * dimension)]
            lengths.append(block.lengthMax)
            isDead.append(part.dead.contains(position))
        }
    }

    /// The rows in ascending order, cut into blocks.
    func blocks(rowsMax: Int) -> [Tail.Part] {
        let order = rows.indices.sorted { rows[$0] < rows[$1] }
        return stride(from: 0, to: order.count, by: rowsMax).map { start in
            part(order[start..<min(start + rowsMax, order.count)])
        }
    }

    private func part(_ order: ArraySlice<Int>) -> Tail.Part {
        var vectors: [Float] = []
        vectors.reserveCapacity(order.count * dimension)
        var dead = Tombstones(rowCount: order.count)
        for (position, source) in order.enumerated() {
            vectors += self.vectors[(source * dimension)..<((source + 1) * dimension)]
            if isDead[source] { dead.insert(position) }
        }
        let block = TailBlock(
            rows: order.map { rows[$0] }, documents: order.map { documents[$0] },
            bornSequences: order.map { bornSequences[$0] }, vectors: vectors,
            lengthMax: order.reduce(0) { max($0, lengths[$1]) })
        return Tail.Part(block: block, dead: dead)
    }
}
