import Columnar

/// A change whose rows were turned into postings, before a writer's turn came.
struct InvertedChange: Sendable {
    let sequence: Int64

    /// At most 1,024 rows in each.
    let blocks: [InvertedRows]
    let deletions: [Int64]
}

/// The writer's side of the index: the latest state, and what is known of deletions beyond it.
///
/// A pure value: every verb either throws and leaves it as it was, or takes effect as a whole.
struct TextLog: Sendable {
    private(set) var state = TextState()
    private let tailRowsMax: Int

    /// The last sequence that a published segment covered.
    private var sealedThrough: Int64 = 0

    /// Deleted rows by segment. The tombstones say the same by position, but a damaged segment can no longer
    /// turn a position into a row, and the one rebuilt in its place has to be told.
    private var deletedRows: [Int64: [Int64]] = [:]

    /// Deleted rows that no part of the index holds: dead on arrival, should a segment bring them.
    private var absentDeletions: Set<Int64> = []

    init(tailRowsMax: Int) {
        self.tailRowsMax = tailRowsMax
    }

    var isEmpty: Bool {
        state.segments.isEmpty && state.tail.rowCount == 0 && state.sequence == 0
    }

    // MARK: Changes

    mutating func apply(_ changes: [InvertedChange]) throws(TextIndexError) {
        var next = state
        var learned = Deletions()
        for change in changes {
            try apply(change, to: &next, &learned)
        }
        state = next
        remember(learned)
    }

    private struct Deletions {
        var sealed: [(segment: Int64, row: Int64)] = []
        var absent: Set<Int64> = []
    }

    private func apply(
        _ change: InvertedChange, to next: inout TextState, _ learned: inout Deletions
    ) throws(TextIndexError) {
        guard change.sequence > next.sequence else {
            throw .sequenceNotIncreasing(last: next.sequence, found: change.sequence)
        }
        let rowCountMax = TextIndexConfiguration.tailBoundsMax * tailRowsMax
        guard change.blocks.isEmpty || next.tail.rowCount < rowCountMax else {
            throw .tailFull(rowCount: next.tail.rowCount, rowCountMax: rowCountMax)
        }
        let absent = learned.absent
        try next.insert(change.blocks, at: change.sequence) { row in
            absentDeletions.contains(row) || absent.contains(row)
        }
        try delete(change.deletions, from: &next, &learned)
        next.sequence = change.sequence
    }

    private func delete(
        _ rows: [Int64], from next: inout TextState, _ learned: inout Deletions
    ) throws(TextIndexError) {
        for row in rows {
            switch try next.delete(row) {
            case .inTail: break
            case .inSegment(let number): learned.sealed.append((number, row))
            case .nowhere: learned.absent.insert(row)
            }
        }
    }

    private mutating func remember(_ learned: Deletions) {
        for (segment, row) in learned.sealed { deletedRows[segment, default: []].append(row) }
        absentDeletions.formUnion(learned.absent)
    }

    // MARK: Segments

    /// Starts from segments and what died since they were sealed.
    mutating func open(
        _ segments: [PostingsSegment], deletions: [Int64], sequence: Int64
    ) throws(TextIndexError) {
        precondition(isEmpty, "an index is opened before anything is applied to it")
        var next = state
        for segment in segments {
            try checkDisjoint(segment, next.segments)
            next.segments.append(SealedPostings(segment))
        }
        let sealedThrough = segments.reduce(0) { max($0, $1.description.sequences.upperBound) }
        next.sequence = max(sequence, sealedThrough)
        var learned = Deletions()
        try delete(deletions, from: &next, &learned)
        (state, self.sealedThrough) = (next, sealedThrough)
        remember(learned)
    }

    /// Puts `segment` in the place of those tail rows that it holds and of the segments numbered in
    /// `replaced`.
    mutating func publish(_ segment: PostingsSegment, replacing replaced: [Int64]) throws(TextIndexError) {
        try checkOrder(segment.description, replaced)
        var next = state
        next.segments.removeAll { replaced.contains($0.segment.description.number) }
        try checkDisjoint(segment, next.segments)
        let moved = try moveTail(
            &next, segment, forgetThrough: replaced.isEmpty ? segment.description.sequences.upperBound : -1)
        let dead = moved + replaced.flatMap { deletedRows[$0] ?? [] } + absentDeletions
        var sealed = SealedPostings(segment)
        var known: [Int64] = []
        for row in dead {
            guard let position = try segment.position(of: row), sealed.dead.insert(position) else { continue }
            known.append(row)
        }
        next.segments.append(sealed)
        state = next
        sealedThrough = max(sealedThrough, segment.description.sequences.upperBound)
        for number in replaced { deletedRows[number] = nil }
        deletedRows[segment.description.number] = known
        absentDeletions.subtract(known)
    }

    mutating func withdraw(_ number: Int64) throws(TextIndexError) {
        guard let index = state.segments.firstIndex(where: { $0.segment.description.number == number }) else {
            throw .segmentUnknown(number: number)
        }
        state.segments.remove(at: index)
        absentDeletions.formUnion(deletedRows.removeValue(forKey: number) ?? [])
    }

    /// Removes from the tail what the segment holds, and the dead that its writer left out because they were
    /// dead.
    ///
    /// - Parameters:
    ///   - segment: published now.
    ///   - sequence: the dead born up to here are forgotten. A segment of the tail that was written when they were
    ///     alive cannot be published any more: it covers less than this one. A segment that replaces others gives no
    ///     such assurance, so it passes -1.
    /// - Returns: rows of the segment that are dead.
    private func moveTail(
        _ next: inout TextState, _ segment: PostingsSegment, forgetThrough sequence: Int64
    ) throws(TextIndexError) -> [Int64] {
        var dead: [Int64] = []
        var kept: [[Bool]] = []
        for part in next.tail.parts {
            var keptHere: [Bool] = []
            for (position, row) in part.block.facts.rows.enumerated() {
                let isDead = part.dead.contains(position)
                let isSealed = try segment.position(of: row) != nil
                if isSealed, isDead { dead.append(row) }
                let isCovered = part.block.facts.bornSequences[position] <= sequence
                keptHere.append(!isSealed && !(isDead && isCovered))
            }
            kept.append(keptHere)
        }
        next.tail = try next.tail.filtered { kept[$0][$1] }
        return dead
    }

    private func checkOrder(
        _ description: PostingsDescription, _ replaced: [Int64]
    ) throws(TextIndexError) {
        let (number, through) = (description.number, description.sequences.upperBound)
        guard !state.segments.contains(where: { $0.segment.description.number == number }) else {
            throw .segmentExists(number: number)
        }
        guard !replaced.isEmpty || through > sealedThrough else {
            throw .segmentStale(number: number, sequence: through, published: sealedThrough)
        }
        guard through <= state.sequence else {
            throw .segmentAhead(number: number, sequence: through, applied: state.sequence)
        }
    }

    private func checkDisjoint(
        _ segment: PostingsSegment, _ others: [SealedPostings]
    ) throws(TextIndexError) {
        for other in others {
            guard other.segment.description.number != segment.description.number else {
                throw .segmentExists(number: segment.description.number)
            }
            if let row = try segment.commonRow(with: other.segment) {
                throw .rowExists(row: row, segment: other.segment.description.number)
            }
        }
    }
}
