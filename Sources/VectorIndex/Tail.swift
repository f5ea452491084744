import Columnar

/// Rows in memory that never change; shared by all tails that contain them.
final class TailBlock: Sendable {
    /// Ascending.
    let rows: [Int64]
    let documents: [Int64]
    let bornSequences: [Int64]

    /// `rows.count × dimension`, row-major.
    let vectors: [Float]

    /// The greatest Euclidean length of a vector.
    let lengthMax: Float

    init(rows: [Int64], documents: [Int64], bornSequences: [Int64], vectors: [Float], lengthMax: Float) {
        self.rows = rows
        self.documents = documents
        self.bornSequences = bornSequences
        self.vectors = vectors
        self.lengthMax = lengthMax
    }

    /// Position of a row, by binary search.
    func position(of row: Int64) -> Int? {
        guard let first = rows.first, let last = rows.last, row >= first, row <= last else { return nil }
        return rows.firstPosition(of: row)
    }
}

/// The rows that are in no segment yet. A value: a copy shares all blocks.
///
/// Blocks hold up to 1,024 rows. A small commit makes a small block, which later commits merge into greater
/// ones: a block joins the newcomers unless it is full or greater than they are. So each row is copied about
/// log₂ 1,024 times on its way to a full block, not once per commit, and there are never many small blocks.
struct Tail: Sendable {
    static let blockRowsMax = Tombstones.chunkRows

    struct Part: Sendable {
        let block: TailBlock
        var dead: Tombstones
    }

    /// Where a row is: a part and a position in its block.
    struct Place {
        let part: Int
        let position: Int
    }

    let dimension: Int
    private(set) var parts: [Part] = []

    /// Rows held, dead ones included.
    private(set) var rowCount = 0
    private(set) var deletedCount = 0

    init(dimension: Int) {
        self.dimension = dimension
    }

    func place(of row: Int64) -> Place? {
        for (index, part) in parts.enumerated() {
            if let position = part.block.position(of: row) { return Place(part: index, position: position) }
        }
        return nil
    }

    /// - Returns: false if the row was dead already.
    @discardableResult
    mutating func delete(_ place: Place) -> Bool {
        guard parts[place.part].dead.insert(place.position) else { return false }
        deletedCount += 1
        return true
    }

    /// Adds rows that the tail does not hold.
    mutating func append(_ newcomers: TailRows) {
        guard newcomers.count > 0 else { return }
        var joined: [Part] = []
        var joinedCount = newcomers.count
        while let last = parts.last, last.block.rows.count < Self.blockRowsMax,
            last.block.rows.count <= joinedCount
        {
            joined.append(parts.removeLast())
            joinedCount += last.block.rows.count
        }
        var pending = TailRows(dimension: dimension)
        for part in joined.reversed() { pending.append(part) { _ in true } }
        pending.append(newcomers)
        rowCount += newcomers.count
        deletedCount += newcomers.deadCount
        parts += pending.blocks(rowsMax: Self.blockRowsMax)
    }

    /// The tail without the rows that `isKept` refuses.
    func filtered(_ isKept: (_ block: TailBlock, _ position: Int, _ isDead: Bool) -> Bool) -> Tail {
        var tail = Tail(dimension: dimension)
        var kept = TailRows(dimension: dimension)
        for part in parts {
            kept.append(part) { isKept(part.block, $0, part.dead.contains($0)) }
        }
        tail.append(kept)
        return tail
    }

    /// Places of the rows alive, by ascending row.
    func livePlaces() -> [Place] {
        var places: [(row: Int64, place: Place)] = []
        places.reserveCapacity(rowCount - deletedCount)
        for (index, part) in parts.enumerated() {
            for (position, row) in part.block.rows.enumerated() where !part.dead.contains(position) {
                places.append((row, Place(part: index, position: position)))
            }
        }
        return places.sorted { $0.row < $1.row }.map(\.place)
    }

    /// The least birth of a row alive.
    func oldestLiveBirth(orElse sequence: Int64) -> Int64 {
        parts.reduce(sequence) { oldest, part in
            part.block.bornSequences.indices.reduce(oldest) { least, position in
                part.dead.contains(position) ? least : min(least, part.block.bornSequences[position])
            }
        }
    }

    func row(at place: Place) -> IndexRow {
        let block = parts[place.part].block
        let start = place.position * dimension
        return IndexRow(
            row: RowID(rawValue: block.rows[place.position]), document: block.documents[place.position],
            bornSequence: block.bornSequences[place.position],
            vector: Array(block.vectors[start..<(start + dimension)]))
    }
}
