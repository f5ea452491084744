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
    /// - Parameter checkpoint: written with the last of them. An item that has ended meanwhile is left as it is: the
    ///   vectors are good all the same.
    /// - Throws: `.spaceNotFound`, `.dimensionMismatch` or `.vectorNotFinite`, before anything is written.
    package func storeEmbeddings(
        _ embeddings: [NewEmbedding], in space: SpaceID, role: VectorRole, checkpoint: JobCheckpoint? = nil
    ) throws(StoreError) {
        try check(embeddings, in: space)
        for start in stride(from: 0, to: embeddings.count, by: Self.batchRowsMax) {
            let batch = embeddings[start..<min(start + Self.batchRowsMax, embeddings.count)]
            let now = environment.now()
            try database.write { connection in
                for embedding in batch {
                    try connection.keep(embedding, space, role, now: now)
                }
                if batch.endIndex == embeddings.endIndex, let checkpoint {
                    try connection.note(checkpoint, now)
                }
                environment.reached(.embeddingsWritten)
            }
            environment.reached(.embeddingsDurable)
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
