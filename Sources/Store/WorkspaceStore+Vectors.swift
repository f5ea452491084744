package import Documents

extension WorkspaceStore {
    /// Rows that `put` takes at most: about 2 MB of vectors, and tens of milliseconds of the write lock.
    package static let putRowsMax = 1_024

    /// Puts a document whose vectors are at hand: what `putBlob`, `storeEmbeddings`, `begin` and `commit` do,
    /// with one transaction for all that is in the database. A text that has a vector keeps the one it has.
    ///
    /// - Parameters:
    ///   - chunks: as many as the draft says, at most `putRowsMax`, with the ordinals 0, 1, …
    ///   - vectors: one for each chunk.
    ///   - source: the bytes whose digest the draft names.
    /// - Throws: as these do.
    package func put(
        _ draft: VersionDraft, _ chunks: [Chunk], vectors: [[Float]], source: [UInt8]
    ) throws(StoreError) -> CommitRecord {
        precondition(
            chunks.count == vectors.count && chunks.count <= Self.putRowsMax,
            "\(chunks.count) chunks and \(vectors.count) vectors; at most \(Self.putRowsMax)")
        try check(draft)
        let prepared = try prepare(chunks[...], source)
        let embeddings = zip(prepared, vectors).map { NewEmbedding(text: $0.textDigest, vector: $1) }
        try check(embeddings, in: draft.space)
        _ = try putBlob(source)
        return try database.write { connection in
            let now = environment.now()
            let begun = try begin(draft, now: now, connection)
            let staged = try connection.stagedState(of: begun.version)
            guard staged.sourceByteCount == source.count else {
                throw StoreError.sourceLengthMismatch(expected: staged.sourceByteCount, found: source.count)
            }
            for (chunk, embedding) in zip(prepared, embeddings) {
                let kept = try connection.keepReferenced(embedding, draft.space)
                try connection.insert(chunk, embedding: kept, of: begun.version, staged)
            }
            return try connection.publish(
                begun.version, expectedRevision: begun.revision, charge: nil, checkpoint: nil, now: now)
        }
    }
}

extension Connection {
    /// The row id of a passage's embedding, which a chunk is going to refer to in the same transaction: it is
    /// never noted as unreferenced, or no longer.
    fileprivate func keepReferenced(_ embedding: NewEmbedding, _ space: SpaceID) throws -> Int64 {
        let id = try insertIfAbsent(
            WorkspaceStatement.insertEmbedding, space.rawValue, VectorRole.passage.rawValue,
            embedding.text.data, VectorBlob.data(of: embedding.vector))
        if let id { return id }
        guard let id = try self.embedding(space, .passage, embedding.text) else {
            throw StoreError.embeddingsMissing([embedding.text])
        }
        try run(WorkspaceStatement.deleteUnreferenced, id)
        return id
    }
}
