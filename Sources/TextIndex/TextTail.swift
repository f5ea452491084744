import Columnar

/// The rows that are in no segment yet. A value: a copy shares all blocks.
///
/// Blocks hold up to 1,024 rows, each with its own terms and postings. A small commit makes a small block, which later
/// commits merge into greater ones: a block joins the newcomers unless it is full or greater than they are. So each row
/// is copied about log₂ 1,024 times on its way to a full block, not once per commit, and there are never many small
/// blocks.
struct TextTail: Sendable {
    static let blockRowsMax = Tombstones.chunkRows

    struct Part: Sendable {
        let block: InvertedRows
        var dead: Tombstones

        init(_ block: InvertedRows) {
            self.block = block
            dead = Tombstones(rowCount: block.rowCount)
        }
    }

    /// Where a row is: a part and a position in its block.
    struct Place {
        let part: Int
        let position: Int
    }

    private(set) var parts: [Part] = []

    /// Rows held, dead ones included.
    private(set) var rowCount = 0
    private(set) var deletedCount = 0

    /// The sum of all rows' lengths, dead ones included.
    private(set) var lengthSum = 0

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

    /// Adds rows that the tail does not hold; at most 1,024.
    mutating func append(_ newcomers: InvertedRows) throws(TextIndexError) {
        guard newcomers.rowCount > 0 else { return }
        var joined = [Part(newcomers)]
        var joinedCount = newcomers.rowCount
        while let last = parts.last, last.block.rowCount <= joinedCount,
            last.block.rowCount + joinedCount <= Self.blockRowsMax
        {
            joined.append(parts.removeLast())
            joinedCount += last.block.rowCount
        }
        parts.append(joined.count == 1 ? joined[0] : try Self.joined(joined))
        rowCount += newcomers.rowCount
        lengthSum += newcomers.lengthSum
    }

    /// One part of several.
    private static func joined(_ parts: [Part]) throws(TextIndexError) -> Part {
        let sources = parts.map { InvertedRowsSource(block: $0.block) { _ in false } }
        var part = Part(try InvertedRows(try PostingsMerge(sources)))
        for old in parts where old.dead.count > 0 {
            for (position, row) in old.block.facts.rows.enumerated() where old.dead.contains(position) {
                if let place = part.block.position(of: row) { part.dead.insert(place) }
            }
        }
        return part
    }

    /// The tail without the rows that `isKept` refuses.
    ///
    /// - Parameter isKept: by part and position.
    func filtered(
        _ isKept: (_ part: Int, _ position: Int) -> Bool
    ) throws(TextIndexError) -> TextTail {
        var tail = TextTail()
        for (index, part) in parts.enumerated() {
            let kept = part.block.facts.rows.indices.map { isKept(index, $0) }
            let keptCount = kept.count { $0 }
            guard keptCount > 0 else { continue }
            if keptCount == kept.count {
                tail.add(part)
                continue
            }
            let source = InvertedRowsSource(block: part.block) { !kept[$0] }
            var rest = Part(try InvertedRows(try PostingsMerge([source])))
            for (position, row) in part.block.facts.rows.enumerated()
            where kept[position] && part.dead.contains(position) {
                if let place = rest.block.position(of: row) { rest.dead.insert(place) }
            }
            tail.add(rest)
        }
        return tail
    }

    /// Adds a part as it is.
    mutating func add(_ part: Part) {
        parts.append(part)
        rowCount += part.block.rowCount
        deletedCount += part.dead.count
        lengthSum += part.block.lengthSum
    }

    /// The rows alive, for whoever writes them down.
    var liveSources: [any PostingsSource] {
        parts.map { part in InvertedRowsSource(block: part.block) { part.dead.contains($0) } }
    }

    /// The least birth of a row alive.
    func oldestLiveBirth(orElse sequence: Int64) -> Int64 {
        parts.reduce(sequence) { oldest, part in
            part.block.facts.bornSequences.indices.reduce(oldest) { least, position in
                part.dead.contains(position) ? least : min(least, part.block.facts.bornSequences[position])
            }
        }
    }
}
