extension WorkspaceStore {
    /// Nil if there is none with a committed version.
    package func document(_ id: DocumentID) throws(StoreError) -> DocumentRecord? {
        try database.read { connection in
            try connection.row(WorkspaceStatement.ordinalOfDocument, id.rawValue) { try $0.integer() }
                .flatMap(connection.document(ordinal:))
        }
    }

    /// Nil if there is none with a committed version.
    package func document(externalID: String) throws(StoreError) -> DocumentRecord? {
        try database.read { connection in
            try connection.row(WorkspaceStatement.ordinalOfPath, externalID) { try $0.integer() }
                .flatMap(connection.document(ordinal:))
        }
    }

    /// Documents in the order they were first begun; the next page begins after the last one's `ordinal`.
    ///
    /// - Parameter folder: nil lists every folder.
    package func documents(
        after ordinal: Int64 = 0, limit: Int, folder: String? = nil
    ) throws(StoreError) -> [DocumentRecord] {
        try database.read { connection in
            let ordinals =
                if let folder {
                    try connection.rows(WorkspaceStatement.documentsInFolderAfter, folder, ordinal, limit) {
                        try $0.integer()
                    }
                } else {
                    try connection.rows(WorkspaceStatement.documentsAfter, ordinal, limit) {
                        try $0.integer()
                    }
                }
            return try ordinals.compactMap(connection.document(ordinal:))
        }
    }

    /// Documents whose time is up, earliest first; deleting them makes room for the next page.
    package func expired(before moment: Timestamp, limit: Int) throws(StoreError) -> [DocumentRecord] {
        try database.read { connection in
            try connection.rows(WorkspaceStatement.expiredDocuments, moment.milliseconds, limit) {
                try $0.integer()
            }
            .compactMap(connection.document(ordinal:))
        }
    }

    /// The passages of `rows`, in their order; rows that are not there, not committed or collected are left
    /// out.
    package func passages(_ rows: [RowNumber]) throws(StoreError) -> [Passage] {
        try database.read { connection in
            try rows.compactMap(connection.passage(at:))
        }
    }

    /// Chunks of a live or retained version in document order, all of them or those in `ordinals`.
    package func passages(
        of version: VersionRecord, ordinals: Range<Int>? = nil
    ) throws(StoreError) -> [Passage] {
        let wanted = (ordinals ?? 0..<version.rows.count).clamped(to: 0..<version.rows.count)
        let low = version.rows.lowerBound.rawValue
        return try passages(wanted.map { RowNumber(rawValue: low + Int64($0)) })
    }

    /// The passages of the same version that stand at most `count` before or after one, itself among them, in document
    /// order.
    package func passages(around passage: Passage, count: Int) throws(StoreError) -> [Passage] {
        let first = max(passage.ordinal - count, 0) - passage.ordinal
        let rows = (first...count).map { RowNumber(rawValue: passage.row.rawValue + Int64($0)) }
        // Rows of one version follow each other; those behind its last are of another.
        return try passages(rows).filter { $0.version == passage.version }
    }

    /// The chunk of that id in a live version.
    package func passage(_ chunk: ChunkID) throws(StoreError) -> Passage? {
        try database.read { connection in
            try connection.row(WorkspaceStatement.liveRowOfChunk, chunk.rawValue) { try $0.integer() }
                .flatMap { try connection.passage(at: RowNumber(rawValue: $0)) }
        }
    }

    /// O(1).
    package func statistics() throws(StoreError) -> WorkspaceStatistics {
        try database.read { connection in
            let state = try connection.workspaceState()
            return WorkspaceStatistics(
                sequence: try connection.currentSequence(), documentCount: state.documentCount,
                chunkCount: state.chunkCount, tokenCount: state.tokenCount, byteCount: state.byteCount,
                liveSpace: try connection.space(.live), buildingSpace: try connection.space(.building),
                filterRevision: state.filterRevision)
        }
    }
}

extension Connection {
    fileprivate func document(ordinal: Int64) throws -> DocumentRecord? {
        try row(WorkspaceStatement.documentByOrdinal, ordinal) { try DocumentRecord(&$0) }
    }

    fileprivate func passage(at row: RowNumber) throws -> Passage? {
        try self.row(WorkspaceStatement.passageByRow, row.rawValue) { try Passage(&$0) }
    }
}

extension DocumentRecord {
    fileprivate init(_ reader: inout ColumnReader) throws {
        ordinal = try reader.integer()
        id = DocumentID(rawValue: try reader.text())
        externalID = try reader.text()
        mediaType = try reader.text()
        folder = try reader.text()
        title = try reader.optionalText()
        attributes = try reader.json()
        revision = try reader.integer()
        createdAt = try reader.timestamp()
        updatedAt = try reader.timestamp()
        expiresAt = try reader.optionalTimestamp()
        version = try VersionRecord(&reader)
    }
}

extension VersionRecord {
    fileprivate init(_ reader: inout ColumnReader) throws {
        id = VersionID(rawValue: try reader.integer())
        number = try reader.integer()
        content = try reader.digest()
        byteCount = try reader.count()
        fingerprint = try reader.text()
        space = SpaceID(rawValue: try reader.integer())
        rows = try reader.rowRange()
        tokenCount = try reader.count()
        born = try reader.sequence()
        createdAt = try reader.timestamp()
        rendition = try StoredRendition(&reader)
    }
}

extension Passage {
    fileprivate init(_ reader: inout ColumnReader) throws {
        row = RowNumber(rawValue: try reader.integer())
        chunk = ChunkID(rawValue: try reader.text())
        document = DocumentID(rawValue: try reader.text())
        documentOrdinal = try reader.integer()
        externalID = try reader.text()
        title = try reader.optionalText()
        attributes = try reader.json()
        mediaType = try reader.text()
        version = VersionID(rawValue: try reader.integer())
        versionNumber = try reader.integer()
        content = try reader.digest()
        ordinal = try reader.count()
        byteRange = try reader.range()
        let lines = try reader.range()
        lineRange = lines.lowerBound...lines.upperBound
        headingPath = try reader.json()
        tokenCount = try reader.count()
        sourceDigest = try reader.digest()
        text = try reader.text()
        born = try reader.sequence()
        died = try reader.optionalSequence()
        rendition = try StoredRendition(&reader)
        page = try reader.optionalInteger().map { Int($0) }
        language = try reader.optionalText()
    }
}

extension StoredRendition {
    /// Nil where both columns are.
    fileprivate init?(_ reader: inout ColumnReader) throws {
        let digest = try reader.optionalDigest()
        let byteCount = try reader.optionalInteger()
        guard let digest, let byteCount else { return nil }
        self.init(content: digest, byteCount: Int(byteCount))
    }
}
