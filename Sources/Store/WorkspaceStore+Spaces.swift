/// What makes two vectors comparable.
package struct SpaceKey: Hashable, Sendable, Codable {
    package let model: String
    package let revision: String
    package let precision: String
    package let dimension: Int

    package init(model: String, revision: String, precision: String, dimension: Int) {
        precondition(dimension > 0, "dimension must be positive, found \(dimension)")
        self.model = model
        self.revision = revision
        self.precision = precision
        self.dimension = dimension
    }
}

extension SpaceKey: CustomStringConvertible {
    package var description: String { "\(model) \(revision) \(precision) \(dimension)d" }
}

package enum SpaceState: String, Sendable, CaseIterable {
    /// Searched and ingested into; there is one from the first ingest on.
    case live
    /// To be the next live space; there is at most one.
    case building
    /// The live one before the last cut-over, kept so that there is a way back. There is at most one, and none while
    /// one is building.
    case previous
    /// Its vectors are going, or gone; remembered because versions were committed in it.
    case dropped
}

/// An embedding space of a workspace.
package struct SpaceRecord: Hashable, Sendable {
    package let id: SpaceID
    package let key: SpaceKey
    package let state: SpaceState
}

/// How much of a workspace there is in one space.
package struct SpaceFigures: Hashable, Sendable {
    package let embeddingCount: Int

    /// Live segments of vectors, and the bytes of their files.
    package let segmentCount: Int
    package let segmentByteCount: Int
}

extension WorkspaceStore {
    /// The live space; `key`'s, made now, if the workspace has none yet.
    package func ensureLiveSpace(_ key: SpaceKey) throws(StoreError) -> SpaceRecord {
        if let live = try space(.live) { return live }
        return try database.write { try $0.space(.live) ?? $0.makeSpace(key, .live) }
    }

    /// The space in that state, if there is one. Those dropped are many, and none is given.
    package func space(_ state: SpaceState) throws(StoreError) -> SpaceRecord? {
        try database.read { try $0.space(state) }
    }

    /// All spaces there ever were, oldest first.
    package func spaces() throws(StoreError) -> [SpaceRecord] {
        try database.read { connection in
            try connection.rows(WorkspaceStatement.spacesAfter, 0) { try SpaceRecord(&$0) }
        }
    }

    /// Counts the space's vectors: some ten milliseconds for a hundred thousand.
    package func figures(of space: SpaceID) throws(StoreError) -> SpaceFigures {
        try database.read { connection in
            let embeddings = try connection.row(WorkspaceStatement.embeddingCount, space.rawValue) {
                try $0.count()
            }
            let segments = try connection.row(WorkspaceStatement.segmentTotals, space.rawValue) {
                (count: try $0.count(), byteCount: try $0.count())
            }
            return SpaceFigures(
                embeddingCount: embeddings ?? 0, segmentCount: segments?.count ?? 0,
                segmentByteCount: segments?.byteCount ?? 0)
        }
    }

    /// The space that vectors of `key` are to be written into, so that it can become live: made now, or begun
    /// before, or the previous one. Live itself if it is `key`'s already or the workspace had none.
    ///
    /// - Throws: `.spaceBuilding` or `.spaceKept` if that place is taken by another.
    package func beginBuilding(_ key: SpaceKey) throws(StoreError) -> SpaceRecord {
        let space = try database.write { connection in
            guard let live = try connection.space(.live) else { return try connection.makeSpace(key, .live) }
            if live.key == key { return live }
            if let building = try connection.space(.building) {
                guard building.key == key else {
                    throw StoreError.spaceBuilding(expected: key, found: building.key)
                }
                return building
            }
            if let previous = try connection.space(.previous) {
                guard previous.key == key else {
                    throw StoreError.spaceKept(expected: key, found: previous.key)
                }
                return previous
            }
            return try connection.makeSpace(key, .building)
        }
        environment.reached(.spaceBegun)
        return space
    }

    /// Makes a building or previous space live and the live one previous, in one transaction: every search that
    /// reads the Store before it is of the old space, every one after it of the new.
    ///
    /// - Parameter embeddedThrough: every text of the versions born up to here has a vector in the space.
    /// - Returns: what was live, now previous.
    /// - Throws: `.spaceIncomplete` if a live version born later has a text without one: embed it, then try again;
    ///   `.spaceStateMismatch`, `.spaceKept`, `.spaceNotFound`. Nothing happened then.
    package func cutOver(
        to space: SpaceID, embeddedThrough: SequenceNumber
    ) throws(StoreError) -> SpaceRecord {
        let previous = try database.write { connection in
            guard let target = try connection.space(space), let live = try connection.space(.live) else {
                throw StoreError.spaceNotFound(space)
            }
            guard [.building, .previous].contains(target.state) else {
                throw StoreError.spaceStateMismatch(
                    space, expected: [.building, .previous], found: target.state)
            }
            if let kept = try connection.space(.previous), kept.id != target.id {
                throw StoreError.spaceKept(expected: target.key, found: kept.key)
            }
            let rest = try connection.unembedded(
                in: space, from: BirthCursor(after: embeddedThrough), through: nil,
                limit: Self.cutOverRowsMax)
            guard rest.texts.isEmpty, rest.next == nil else { throw StoreError.spaceIncomplete(space) }
            // There is never more than one of a state, so the old one steps aside first.
            try connection.set(.dropped, of: live.id)
            try connection.set(.live, of: target.id)
            try connection.set(.previous, of: live.id)
            environment.reached(.cutOverWritten)
            return SpaceRecord(id: live.id, key: live.key, state: .previous)
        }
        environment.reached(.cutOverDurable)
        return previous
    }

    /// Rows that a cut-over looks at in its transaction: some ten milliseconds of the write lock.
    private static let cutOverRowsMax = 4_096
}

extension Connection {
    func space(_ key: SpaceKey) throws -> SpaceRecord? {
        try row(WorkspaceStatement.spaceByKey, key.model, key.revision, key.precision, key.dimension) {
            try SpaceRecord(&$0)
        }
    }

    func space(_ state: SpaceState) throws -> SpaceRecord? {
        try row(WorkspaceStatement.spaceByState, state.rawValue) { try SpaceRecord(&$0) }
    }

    func space(_ id: SpaceID) throws -> SpaceRecord? {
        try row(WorkspaceStatement.spaceByID, id.rawValue) { try SpaceRecord(&$0) }
    }

    func set(_ state: SpaceState, of space: SpaceID) throws {
        try run(WorkspaceStatement.setSpaceState, state.rawValue, space.rawValue)
    }

    /// A space of `key` in `state`: a new one, or the one that was dropped, with what is left of it.
    fileprivate func makeSpace(_ key: SpaceKey, _ state: SpaceState) throws -> SpaceRecord {
        if let dropped = try space(key) {
            try set(state, of: dropped.id)
            return SpaceRecord(id: dropped.id, key: key, state: state)
        }
        let id = try insert(
            WorkspaceStatement.insertSpace, key.model, key.revision, key.precision, key.dimension,
            state.rawValue)
        return SpaceRecord(id: SpaceID(rawValue: id), key: key, state: state)
    }
}

extension SpaceRecord {
    fileprivate init(_ reader: inout ColumnReader) throws {
        id = SpaceID(rawValue: try reader.integer())
        key = SpaceKey(
            model: try reader.text(), revision: try reader.text(), precision: try reader.text(),
            dimension: try reader.count())
        state = try reader.choice()
    }
}
