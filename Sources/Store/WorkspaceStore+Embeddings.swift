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

package enum SpaceState: String, Sendable {
    /// Searched; there is one.
    case live
    /// To be the next live space; there is at most one.
    case building
}

/// An embedding space of a workspace.
package struct SpaceRecord: Hashable, Sendable {
    package let id: SpaceID
    package let key: SpaceKey
    package let state: SpaceState
}

/// How a text was embedded: models may treat a question and its answer differently.
package enum VectorRole: String, Sendable {
    case query, passage
}

/// A text's vector, to be kept.
package struct NewEmbedding: Sendable {
    /// Of the exact text embedded.
    package let text: ContentDigest
    package let vector: [Float]

    package init(text: ContentDigest, vector: [Float]) {
        self.text = text
        self.vector = vector
    }
}

extension WorkspaceStore {
    /// The space of `key`, made if it is new: live if the workspace has none, else building.
    ///
    /// - Throws: `.spaceBuilding` if another one is building.
    package func ensureSpace(_ key: SpaceKey) throws(StoreError) -> SpaceRecord {
        try database.write { connection in
            if let space = try connection.space(key) { return space }
            let state: SpaceState = try connection.space(.live) == nil ? .live : .building
            if state == .building, let found = try connection.space(.building) {
                throw StoreError.spaceBuilding(expected: key, found: found.key)
            }
            let id = try connection.insert(
                WorkspaceStatement.insertSpace, key.model, key.revision, key.precision, key.dimension,
                state.rawValue)
            return SpaceRecord(id: SpaceID(rawValue: id), key: key, state: state)
        }
    }

    /// The live or the building space, if there is one.
    package func space(_ state: SpaceState) throws(StoreError) -> SpaceRecord? {
        try database.read { try $0.space(state) }
    }

    /// Those of `texts` that have no vector yet.
    package func missingEmbeddings(
        in space: SpaceID, role: VectorRole, of texts: [ContentDigest]
    ) throws(StoreError) -> Set<ContentDigest> {
        var missing = Set(texts)
        // A snapshot for each page: a document of 60,000 passages would hold a reader for most of a second, and
        // searches wait for one.
        for start in stride(from: 0, to: texts.count, by: Self.batchRowsMax) {
            let page = texts[start..<min(start + Self.batchRowsMax, texts.count)]
            let found = try database.read { connection in
                try page.filter { try connection.embedding(space, role, $0) != nil }
            }
            missing.subtract(found)
        }
        return missing
    }

    /// The vector of a text, if it was kept.
    package func vector(
        in space: SpaceID, role: VectorRole, of text: ContentDigest
    ) throws(StoreError) -> [Float]? {
        try database.read { connection in
            try connection.row(
                WorkspaceStatement.embeddingVector, space.rawValue, role.rawValue, text.data
            ) { try $0.vector() }
        }
    }

    /// Keeps vectors, in transactions of at most `batchRowsMax`, durable whether or not a version will use
    /// them: an ingest that is killed does not pay for them again. A text that has a vector keeps the one it
    /// has.
    ///
    /// - Throws: `.spaceNotFound`, `.dimensionMismatch` or `.vectorNotFinite`, before anything is written.
    package func storeEmbeddings(
        _ embeddings: [NewEmbedding], in space: SpaceID, role: VectorRole
    ) throws(StoreError) {
        try check(embeddings, in: space)
        for start in stride(from: 0, to: embeddings.count, by: Self.batchRowsMax) {
            let batch = embeddings[start..<min(start + Self.batchRowsMax, embeddings.count)]
            let now = environment.now()
            try database.write { connection in
                for embedding in batch {
                    try connection.keep(embedding, space, role, now: now)
                }
            }
        }
    }
}

extension WorkspaceStore {
    /// - Throws: `.spaceNotFound`, `.dimensionMismatch` or `.vectorNotFinite`.
    func check(_ embeddings: [NewEmbedding], in space: SpaceID) throws(StoreError) {
        guard let record = try database.read({ try $0.space(space) }) else { throw .spaceNotFound(space) }
        for embedding in embeddings {
            guard embedding.vector.count == record.key.dimension else {
                throw .dimensionMismatch(expected: record.key.dimension, found: embedding.vector.count)
            }
            guard embedding.vector.allSatisfy(\.isFinite) else {
                throw .vectorNotFinite(text: embedding.text)
            }
        }
    }
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

    /// The embedding's row id.
    func embedding(_ space: SpaceID, _ role: VectorRole, _ text: ContentDigest) throws -> Int64? {
        try row(WorkspaceStatement.embeddingID, space.rawValue, role.rawValue, text.data) { try $0.integer() }
    }

    /// Until a chunk refers to it, an embedding is noted as unreferenced, and as put now.
    fileprivate func keep(
        _ embedding: NewEmbedding, _ space: SpaceID, _ role: VectorRole, now: Timestamp
    ) throws {
        let id = try insertIfAbsent(
            WorkspaceStatement.insertEmbedding, space.rawValue, role.rawValue, embedding.text.data,
            VectorBlob.data(of: embedding.vector))
        if let id {
            try run(WorkspaceStatement.insertUnreferenced, id, now.milliseconds)
        } else if let id = try self.embedding(space, role, embedding.text) {
            try run(WorkspaceStatement.refreshUnreferenced, now.milliseconds, id)
        }
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
