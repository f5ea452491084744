/// A chunk's text that has no vector in some space.
package struct UnembeddedText: Sendable, Equatable {
    package let digest: ContentDigest
    package let text: String
    package let row: RowNumber
}

/// Where a walk through the live versions in the order of their births goes on.
package struct BirthCursor: Sendable, Equatable {
    /// All versions born up to here were visited.
    let after: SequenceNumber

    /// How far the next one was, if it was begun.
    let begun: Begun?

    struct Begun: Sendable, Equatable {
        let born: SequenceNumber
        let row: Int64
    }

    package init(after: SequenceNumber) {
        self.init(after: after, begun: nil)
    }

    init(after: SequenceNumber, begun: Begun?) {
        self.after = after
        self.begun = begun
    }
}

/// A stretch of live rows, those of their texts that have no vector in a space, and where the next stretch begins;
/// nil after the last.
package struct UnembeddedPage: Sendable, Equatable {
    /// In the order of rows; a text may stand there twice.
    package let texts: [UnembeddedText]
    package let rowCount: Int
    package let next: BirthCursor?
}

/// How far the removal of a space's vectors has come.
package struct DropCursor: Sendable, Equatable {
    let role: VectorRole
    let after: [UInt8]

    package static let start = DropCursor(role: .passage, after: [])
}

/// What one step of removing a space's vectors did.
package struct DropStep: Sendable, Equatable {
    package let deletedCount: Int

    /// Vectors that stay until the dead rows that have no other are collected.
    package let keptCount: Int

    /// Nil at the end.
    package let next: DropCursor?
}

extension WorkspaceStore {
    /// Texts of live versions that have no vector in `space`, in the order of the versions' births: `limit` rows
    /// are looked at, and few if most are embedded.
    ///
    /// - Parameter through: the last birth that counts.
    package func unembedded(
        in space: SpaceID, from cursor: BirthCursor, through: SequenceNumber, limit: Int
    ) throws(StoreError) -> UnembeddedPage {
        precondition(limit > 0, "limit must be positive, found \(limit)")
        return try database.read { connection in
            try connection.unembedded(in: space, from: cursor, through: through, limit: limit)
        }
    }

    /// Rows of live versions born in `bornAfter + 1 ... bornThrough`.
    package func liveRowCount(
        bornAfter: SequenceNumber, bornThrough: SequenceNumber
    ) throws(StoreError) -> Int {
        try database.read { connection in
            try connection.row(
                WorkspaceStatement.liveRowsBornAfter, bornAfter.rawValue, bornThrough.rawValue
            ) { try $0.count() } ?? 0
        }
    }

    /// Gives a building or previous space up: from here on there is no way to it, and its segments are nobody's.
    /// `dropStep` takes its vectors away.
    ///
    /// - Throws: `.spaceNotFound`, `.spaceStateMismatch`.
    package func beginDropping(_ space: SpaceID) throws(StoreError) {
        let now = environment.now()
        try database.write { connection in
            guard let found = try connection.space(space) else { throw StoreError.spaceNotFound(space) }
            guard [.building, .previous].contains(found.state) else {
                throw StoreError.spaceStateMismatch(
                    space, expected: [.building, .previous], found: found.state)
            }
            try connection.set(.dropped, of: space)
            try connection.run(
                WorkspaceStatement.retireSegmentsOfSpace, now.milliseconds, space.rawValue)
        }
        environment.reached(.dropBegun)
    }

    /// Removes vectors of a dropped space, `limit` rows changed at most, in one transaction. A chunk that refers to
    /// one of them refers to its text's vector in the live space afterwards.
    ///
    /// - Throws: `.spaceStateMismatch` unless it is dropped; `.spaceNotFound`.
    package func dropStep(
        _ space: SpaceID, from cursor: DropCursor, limit: Int = batchRowsMax
    ) throws(StoreError) -> DropStep {
        precondition(limit > 0, "limit must be positive, found \(limit)")
        let step = try database.write { connection in
            guard let found = try connection.space(space) else { throw StoreError.spaceNotFound(space) }
            guard found.state == .dropped else {
                throw StoreError.spaceStateMismatch(space, expected: [.dropped], found: found.state)
            }
            return try connection.dropStep(space, cursor, limit)
        }
        environment.reached(.dropStepped)
        return step
    }

    /// Segments of a space whose files are to be unlinked. Unlink, then `forgetSegments`.
    package func retiredSegments(in space: SpaceID) throws(StoreError) -> [SegmentRecord] {
        try database.read { connection in
            let numbers = try connection.rows(WorkspaceStatement.retiredSegments, space.rawValue) {
                SegmentNumber(rawValue: try $0.integer())
            }
            return try numbers.map(connection.segment)
        }
    }
}

extension Connection {
    /// - Parameter through: nil for all there are.
    func unembedded(
        in space: SpaceID, from cursor: BirthCursor, through: SequenceNumber?, limit: Int
    ) throws -> UnembeddedPage {
        let versions = try rows(
            WorkspaceStatement.liveVersionsBornAfter, cursor.after.rawValue, through?.rawValue ?? .max, limit
        ) { (born: try $0.sequence(), range: try $0.rowRange()) }
        var (texts, rowCount, looked) = ([UnembeddedText](), 0, 0)
        var reached = cursor
        func page(next: BirthCursor?) -> UnembeddedPage {
            UnembeddedPage(texts: texts, rowCount: rowCount, next: next)
        }
        for (born, range) in versions {
            guard looked < limit else { return page(next: reached) }
            var low = range.lowerBound.rawValue
            // It may have died since, and another one be the next.
            if let begun = reached.begun, begun.born == born { low = begun.row }
            let high = min(range.upperBound.rawValue, low + Int64(limit - looked))
            texts += try rows(WorkspaceStatement.unembeddedChunks, low, high, space.rawValue) {
                UnembeddedText(
                    digest: try $0.digest(), text: try $0.text(), row: RowNumber(rawValue: try $0.integer()))
            }
            rowCount += Int(high - low)
            // A version without rows is something to look at, too.
            looked += max(1, Int(high - low))
            guard high == range.upperBound.rawValue else {
                return page(next: BirthCursor(after: reached.after, begun: .init(born: born, row: high)))
            }
            reached = BirthCursor(after: born)
        }
        return page(next: versions.count == limit ? reached : nil)
    }

    fileprivate func dropStep(_ space: SpaceID, _ cursor: DropCursor, _ limit: Int) throws -> DropStep {
        let found = try rows(
            WorkspaceStatement.embeddingsAfter, space.rawValue, cursor.role.rawValue, cursor.after.data, limit
        ) { (id: try $0.integer(), text: try $0.digest()) }
        let live = try self.space(.live)
        var (deleted, kept, changed) = (0, 0, 0)
        var reached = cursor
        func step(next: DropCursor?) -> DropStep {
            DropStep(deletedCount: deleted, keptCount: kept, next: next)
        }
        for (id, text) in found {
            guard changed < limit else { return step(next: reached) }
            let other = try live.flatMap { try embedding($0.id, cursor.role, text) }
            if let other {
                let moved = try run(WorkspaceStatement.moveChunks, other, id, limit - changed)
                if moved > 0 { try run(WorkspaceStatement.deleteUnreferenced, other) }
                changed += moved
            }
            if try isReferenced(id) {
                // Of a text that stands in more chunks than one step moves, the rest is moved by the next.
                guard other == nil else { return step(next: reached) }
                kept += 1
            } else {
                deleted += try run(WorkspaceStatement.deleteEmbedding, id)
            }
            changed += 1
            reached = DropCursor(role: cursor.role, after: text.bytes)
        }
        guard found.count < limit else { return step(next: reached) }
        return step(next: cursor.role == .passage ? DropCursor(role: .query, after: []) : nil)
    }

    /// Whether a chunk refers to this very vector.
    func isReferenced(_ embedding: Int64) throws -> Bool {
        try row(WorkspaceStatement.chunkOfEmbedding, embedding) { try $0.integer() } != nil
    }

    /// The vectors of the same text in all spaces, itself among them.
    func siblings(of embedding: Int64) throws -> [Int64] {
        try rows(WorkspaceStatement.siblings, embedding) { try $0.integer() }
    }
}
