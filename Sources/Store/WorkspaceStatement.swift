/// Every statement that runs over a workspace, by name. None reads more of a table than it answers with: a
/// test asks SQLite for the plan of each and fails on a scan.
package enum WorkspaceStatement: String, NamedStatement {
    // Log
    case currentSequence = "SELECT coalesce(max(sequence), 0) FROM commit_record"
    case lastCommitTime = """
        SELECT committed_at FROM commit_record WHERE sequence = (SELECT max(sequence) FROM commit_record)
        """
    case insertCommit = """
        INSERT INTO commit_record (document, kind, version, retired_version, revision, committed_at)
        VALUES (?, ?, ?, ?, ?, ?)
        """
    case commitsAfter = """
        SELECT sequence, kind, document, version, retired_version, revision, committed_at
        FROM commit_record WHERE sequence > ? ORDER BY sequence LIMIT ?
        """
    case versionRows = "SELECT row_low, chunk_count FROM version WHERE id = ?"
    case bornRows = """
        SELECT c.row, v.document, v.born_sequence, v.died_sequence,
            CASE own.space WHEN ?2 THEN own.vector ELSE (
                SELECT e.vector FROM embedding AS e
                WHERE e.space = ?2 AND e.role = own.role AND e.text_digest = own.text_digest) END
        FROM version AS v
        CROSS JOIN chunk AS c ON c.row >= v.row_low AND c.row < v.row_low + v.chunk_count
        CROSS JOIN embedding AS own ON own.id = c.embedding
        WHERE v.id = ?1 AND v.state IN ('live', 'retired') ORDER BY c.row
        """
    case rowBounds = """
        SELECT coalesce(min(row_low), 0), coalesce(max(row_low + chunk_count), 0) FROM version
        WHERE born_sequence BETWEEN ? AND ?
        """
    case rowsBornBetween = """
        SELECT c.row, v.document, v.born_sequence, v.died_sequence,
            CASE own.space WHEN ?3 THEN own.vector ELSE (
                SELECT e.vector FROM embedding AS e
                WHERE e.space = ?3 AND e.role = own.role AND e.text_digest = own.text_digest) END
        FROM chunk AS c
        CROSS JOIN version AS v ON v.id = c.version
        CROSS JOIN embedding AS own ON own.id = c.embedding
        WHERE c.row >= ?1 AND c.row < ?2 AND v.born_sequence BETWEEN ?4 AND ?5
            AND v.state IN ('live', 'retired')
        ORDER BY c.row LIMIT ?6
        """
    case bornTexts = """
        SELECT c.row, v.document, v.born_sequence, v.died_sequence, v.title, v.language, c.heading_path, c.text
        FROM version AS v
        CROSS JOIN chunk AS c ON c.row >= v.row_low AND c.row < v.row_low + v.chunk_count
        WHERE v.id = ?1 AND v.state IN ('live', 'retired') ORDER BY c.row
        """
    case textsBornBetween = """
        SELECT c.row, v.document, v.born_sequence, v.died_sequence, v.title, v.language, c.heading_path, c.text
        FROM chunk AS c
        CROSS JOIN version AS v ON v.id = c.version
        WHERE c.row >= ?1 AND c.row < ?2 AND v.born_sequence BETWEEN ?3 AND ?4
            AND v.state IN ('live', 'retired')
        ORDER BY c.row LIMIT ?5
        """
    case rowsOfDocumentAt = """
        SELECT row_low, chunk_count FROM version
        WHERE document = ?1 AND born_sequence <= ?2 AND (died_sequence IS NULL OR died_sequence > ?2)
        """
    case versionsBornAfter = """
        SELECT row_low, chunk_count, died_sequence FROM version
        WHERE born_sequence > ? AND born_sequence <= ? ORDER BY born_sequence
        """
    /// Those that were born after the first moment as well were never seen at it.
    case versionsDiedAfter = """
        SELECT row_low, chunk_count FROM version
        WHERE died_sequence > ?1 AND died_sequence <= ?2 AND born_sequence <= ?1 ORDER BY died_sequence
        """
    /// The plus keeps SQLite from the index over states, by which it would have to sort.
    case lastCollectedDeath = """
        SELECT died_sequence FROM version
        WHERE died_sequence IS NOT NULL AND +state IN ('collecting', 'collected')
        ORDER BY died_sequence DESC LIMIT 1
        """
    case commitAtOrAfter = """
        SELECT sequence, committed_at FROM commit_record WHERE sequence >= ? ORDER BY sequence LIMIT 1
        """
    case deadRows = """
        SELECT row_low, chunk_count, born_sequence, died_sequence FROM version
        WHERE died_sequence > ? AND died_sequence <= ? ORDER BY died_sequence LIMIT ?
        """

    // State
    case state = """
        SELECT next_row, log_start, document_count, chunk_count, token_count, byte_count, filter_revision
        FROM workspace_state WHERE id = 1
        """
    case takeRows = "UPDATE workspace_state SET next_row = next_row + ? WHERE id = 1"
    case truncateLog = "UPDATE workspace_state SET log_start = max(log_start, ?) WHERE id = 1"
    case addToCounts = """
        UPDATE workspace_state SET document_count = document_count + ?, chunk_count = chunk_count + ?,
            token_count = token_count + ?, byte_count = byte_count + ? WHERE id = 1
        """

    // Spaces and embeddings
    case spaceByKey = """
        SELECT id, model, revision, precision, dimension, state FROM space
        WHERE model = ? AND revision = ? AND precision = ? AND dimension = ?
        """
    case spaceByID = "SELECT id, model, revision, precision, dimension, state FROM space WHERE id = ?"
    /// The index over states leaves those out of which there may be many.
    case spaceByState = """
        SELECT id, model, revision, precision, dimension, state FROM space
        WHERE state = ? AND state <> 'dropped'
        """
    case spacesAfter = """
        SELECT id, model, revision, precision, dimension, state FROM space WHERE id > ? ORDER BY id
        """
    case insertSpace = """
        INSERT INTO space (model, revision, precision, dimension, state) VALUES (?, ?, ?, ?, ?)
        """
    case setSpaceState = "UPDATE space SET state = ? WHERE id = ?"
    case embeddingCount = "SELECT count(*) FROM embedding WHERE space = ?"
    case segmentTotals = """
        SELECT count(*), coalesce(sum(byte_count), 0) FROM segment
        WHERE space = ? AND state = 'live' AND kind = 'vectors'
        """
    /// The plus keeps SQLite from the index over states, by which it would have to sort.
    case liveVersionsBornAfter = """
        SELECT born_sequence, row_low, chunk_count FROM version
        WHERE born_sequence > ? AND born_sequence <= ? AND +state = 'live' ORDER BY born_sequence LIMIT ?
        """
    case liveRowsBornAfter = """
        SELECT coalesce(sum(chunk_count), 0) FROM version
        WHERE born_sequence > ? AND born_sequence <= ? AND +state = 'live'
        """
    case unembeddedChunks = """
        SELECT own.text_digest, c.text, c.row FROM chunk AS c
        CROSS JOIN embedding AS own ON own.id = c.embedding
        WHERE c.row >= ?1 AND c.row < ?2 AND NOT EXISTS (
            SELECT 1 FROM embedding AS e
            WHERE e.space = ?3 AND e.role = 'passage' AND e.text_digest = own.text_digest)
        ORDER BY c.row
        """
    case embeddingsAfter = """
        SELECT id, text_digest FROM embedding
        WHERE space = ? AND role = ? AND text_digest > ? ORDER BY text_digest LIMIT ?
        """
    /// The vectors of one text in all spaces.
    case siblings = """
        SELECT o.id FROM embedding AS e
        CROSS JOIN space AS s ON s.id > 0
        CROSS JOIN embedding AS o
            ON o.space = s.id AND o.role = e.role AND o.text_digest = e.text_digest
        WHERE e.id = ?
        """
    case chunkOfEmbedding = "SELECT row FROM chunk WHERE embedding = ? LIMIT 1"
    case moveChunks = """
        UPDATE chunk SET embedding = ?1 WHERE row IN (SELECT row FROM chunk WHERE embedding = ?2 LIMIT ?3)
        """
    case deleteEmbedding = "DELETE FROM embedding WHERE id = ?"
    case embeddingID = "SELECT id FROM embedding WHERE space = ? AND role = ? AND text_digest = ?"
    case embeddingVector = "SELECT vector FROM embedding WHERE space = ? AND role = ? AND text_digest = ?"
    case insertEmbedding = """
        INSERT INTO embedding (space, role, text_digest, vector) VALUES (?, ?, ?, ?)
        ON CONFLICT (space, role, text_digest) DO NOTHING
        """
    case insertUnreferenced = "INSERT INTO unreferenced_embedding (embedding, since) VALUES (?, ?)"
    case refreshUnreferenced = "UPDATE unreferenced_embedding SET since = ? WHERE embedding = ?"
    case deleteUnreferenced = "DELETE FROM unreferenced_embedding WHERE embedding = ?"
    case noteUnreferenced = """
        INSERT INTO unreferenced_embedding (embedding, since)
        SELECT ?1, ?2 WHERE NOT EXISTS (SELECT 1 FROM chunk WHERE embedding = ?1)
        ON CONFLICT (embedding) DO NOTHING
        """

    // Staging and commit
    case documentForCommit =
        "SELECT ordinal, current_version, revision, external_id FROM document WHERE id = ?"
    case documentForPath = "SELECT ordinal, current_version, revision, id FROM document WHERE external_id = ?"
    case insertDocument = """
        INSERT INTO document (id, external_id, media_type, folder, title, attributes, current_version,
            revision,
            version_count, created_at, updated_at, expires_at)
        VALUES (?, ?, ?, ?, NULL, '{}', NULL, 0, 0, ?5, ?5, NULL)
        """
    case insertVersion = """
        INSERT INTO version (document, space, state, state_at, digest, byte_count, fingerprint, media_type,
            folder, title, attributes, expires_at, row_low, chunk_count, token_count, job, created_at,
            rendition_digest, rendition_byte_count, language)
        VALUES (?1, ?2, 'staged', ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, 0, ?14, ?3, ?15, ?16, ?17)
        """
    case versionForStaging = """
        SELECT v.state, v.space, v.row_low, v.chunk_count, v.digest, v.byte_count,
            v.rendition_byte_count, v.fingerprint, d.id,
            s.state, d.ordinal, d.current_version, d.revision, d.external_id
        FROM version AS v CROSS JOIN document AS d ON d.ordinal = v.document
        CROSS JOIN space AS s ON s.id = v.space WHERE v.id = ?
        """
    case insertChunk = """
        INSERT INTO chunk (row, version, embedding, id, byte_start, byte_end, line_start, line_end,
            token_count,
            source_digest, heading_path, text, page)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (row) DO NOTHING
        """
    case stagedCounts = "SELECT count(*), coalesce(sum(token_count), 0) FROM chunk WHERE row >= ? AND row < ?"
    case publishDocument = """
        UPDATE document SET (current_version, media_type, folder, title, attributes, expires_at) =
                (SELECT id, media_type, folder, title, attributes, expires_at FROM version WHERE id = ?1),
            revision = revision + 1, version_count = version_count + 1, updated_at = ?2
        WHERE ordinal = ?3 AND revision = ?4
        """
    case withdrawDocument = """
        UPDATE document SET current_version = NULL, revision = revision + 1, updated_at = ?, expires_at = NULL
        WHERE ordinal = ? AND revision = ?
        """
    case makeLive = """
        UPDATE version SET state = 'live', state_at = ?, born_sequence = ?, token_count = ?,
            number = (SELECT version_count FROM document WHERE ordinal = version.document)
        WHERE id = ? AND state = 'staged'
        """
    case retire = """
        UPDATE version SET state = 'retired', state_at = ?, died_sequence = ? WHERE id = ? AND state = 'live'
        """
    case versionTotals = "SELECT chunk_count, token_count, byte_count FROM version WHERE id = ?"

    // Documents and passages
    case ordinalOfDocument = "SELECT ordinal FROM document WHERE id = ?"
    case ordinalOfPath = "SELECT ordinal FROM document WHERE external_id = ?"
    case documentByOrdinal = """
        SELECT d.ordinal, d.id, d.external_id, d.media_type, d.folder, d.title, d.attributes, d.revision,
            d.created_at, d.updated_at, d.expires_at, v.id, v.number, v.digest, v.byte_count,
                v.fingerprint, v.space,
            v.row_low, v.chunk_count, v.token_count, v.born_sequence, v.created_at,
            v.rendition_digest, v.rendition_byte_count
        FROM document AS d CROSS JOIN version AS v ON v.id = d.current_version WHERE d.ordinal = ?
        """
    case documentsAfter = """
        SELECT ordinal FROM document WHERE ordinal > ? AND current_version IS NOT NULL ORDER BY ordinal
            LIMIT ?
        """
    case documentsInFolderAfter = """
        SELECT ordinal FROM document WHERE folder = ? AND ordinal > ? AND current_version IS NOT NULL
        ORDER BY ordinal LIMIT ?
        """
    case documentsUnder = """
        SELECT id, external_id FROM document
        WHERE external_id > ? AND external_id < ? AND current_version IS NOT NULL ORDER BY external_id LIMIT ?
        """
    case nextFolder = """
        SELECT folder FROM document WHERE folder > ? AND current_version IS NOT NULL ORDER BY folder LIMIT 1
        """
    case rootIsUsed = "SELECT ordinal FROM document WHERE folder = '' AND current_version IS NOT NULL LIMIT 1"
    case moveDocument = """
        UPDATE document SET external_id = ?, folder = ?, revision = revision + 1, updated_at = ?
        WHERE ordinal = ?
        """
    case moveVersion = "UPDATE version SET folder = ? WHERE id = ?"
    case vacatePath = "UPDATE document SET external_id = ? WHERE ordinal = ?"
    case expiredDocuments = """
        SELECT ordinal FROM document
        WHERE expires_at IS NOT NULL AND expires_at <= ? AND current_version IS NOT NULL
        ORDER BY expires_at, ordinal LIMIT ?
        """
    case passageByRow = """
        SELECT c.row, c.id, d.id, d.ordinal, d.external_id, v.title, v.attributes, v.media_type, v.id, v.number,
            v.digest, c.row - v.row_low, c.byte_start, c.byte_end, c.line_start, c.line_end, c.heading_path,
                c.token_count,
            c.source_digest, c.text, v.born_sequence, v.died_sequence,
            v.rendition_digest, v.rendition_byte_count, c.page, v.language
        FROM chunk AS c CROSS JOIN version AS v ON v.id = c.version
        CROSS JOIN document AS d ON d.ordinal = v.document
        WHERE c.row = ? AND v.state IN ('live', 'retired')
        """
    case liveRowOfChunk = """
        SELECT c.row FROM chunk AS c CROSS JOIN version AS v ON v.id = c.version
        WHERE c.id = ? AND v.state = 'live' LIMIT 1
        """

    // Segments
    case insertSegment = """
        INSERT INTO segment (space, kind, state, state_at, file_name, row_count, sequence_low, sequence_high,
            byte_count, digest)
        VALUES (?, ?, 'allocated', ?, '', 0, 0, 0, 0, x'')
        """
    case nameSegment = "UPDATE segment SET file_name = ? WHERE number = ?"
    case segmentByNumber = """
        SELECT number, space, kind, state, file_name, row_count, sequence_low, sequence_high, purged_through,
            byte_count, digest
        FROM segment WHERE number = ?
        """
    case publishSegment = """
        UPDATE segment SET state = 'live', state_at = ?, row_count = ?, sequence_low = ?, sequence_high = ?,
            purged_through = ?, byte_count = ?, digest = ? WHERE number = ? AND state = 'allocated'
        """
    case retireSegment =
        "UPDATE segment SET state = 'retired', state_at = ? WHERE number = ? AND state = 'live'"
    case liveSegments = """
        SELECT number FROM segment WHERE space = ? AND state = 'live' AND kind <> 'postings' ORDER BY number
        """
    case newestLiveSegment = """
        SELECT number FROM segment WHERE space = ? AND state = 'live' AND kind <> 'postings'
        ORDER BY number DESC LIMIT 1
        """
    case livePostings =
        "SELECT number FROM segment WHERE kind = 'postings' AND state = 'live' ORDER BY number"
    case newestLivePostings = """
        SELECT number FROM segment WHERE kind = 'postings' AND state = 'live' ORDER BY number DESC LIMIT 1
        """
    case segmentsBefore = """
        SELECT number FROM segment WHERE state = ? AND state_at < ? ORDER BY state_at LIMIT ?
        """
    case retireSegmentsOfSpace = """
        UPDATE segment SET state = 'retired', state_at = ?
        WHERE space = ? AND state IN ('live', 'allocated') AND kind <> 'postings'
        """
    case retiredSegments = """
        SELECT number FROM segment WHERE space = ? AND state = 'retired' AND kind <> 'postings' ORDER BY number
        """
    case forgetSegment = "DELETE FROM segment WHERE number = ? AND state <> 'live'"

    // Charges
    case insertCharge = """
        INSERT INTO charge (id, sequence, kind, units, created_at) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (id) DO NOTHING
        """
    case pendingCharges = """
        SELECT ordinal, id, sequence, kind, units, created_at FROM charge
        WHERE carried_at IS NULL AND ordinal > ? ORDER BY ordinal LIMIT ?
        """
    case carryCharge = "UPDATE charge SET carried_at = ? WHERE id = ? AND carried_at IS NULL"

    // Garbage
    case stagedBefore = """
        SELECT id, job FROM version WHERE state = 'staged' AND state_at < ? ORDER BY state_at
        """
    case discardVersion = """
        UPDATE version SET state = 'collecting', state_at = ? WHERE id = ? AND state = 'staged'
        """
    case collectRetired = """
        UPDATE version SET state = 'collecting', state_at = ?1 WHERE id IN (
            SELECT id FROM version WHERE state = 'retired' AND state_at < ?2 ORDER BY state_at LIMIT ?3)
        """
    case nextCollecting = """
        SELECT id, row_low, chunk_count, born_sequence FROM version
        WHERE state = 'collecting' ORDER BY state_at LIMIT 1
        """
    case chunksToCollect = "SELECT row, embedding FROM chunk WHERE row >= ? AND row < ? ORDER BY row LIMIT ?"
    case deleteChunk = "DELETE FROM chunk WHERE row = ?"
    case markCollected = "UPDATE version SET state = 'collected', state_at = ? WHERE id = ?"
    case deleteVersion = "DELETE FROM version WHERE id = ?"
    case forgettableVersions = """
        SELECT v.id, v.died_sequence FROM version AS v
        WHERE v.state = 'collected' AND NOT EXISTS (
            SELECT 1 FROM segment AS s WHERE s.state IN ('allocated', 'live') AND (s.state = 'allocated' OR
                (v.died_sequence > s.purged_through AND
                    v.born_sequence BETWEEN s.sequence_low AND s.sequence_high)))
        LIMIT ?
        """
    case deleteAbsentDocuments = """
        DELETE FROM document WHERE ordinal IN (
            SELECT ordinal FROM document AS d WHERE d.current_version IS NULL AND d.updated_at < ?
                AND NOT EXISTS (SELECT 1 FROM version WHERE document = d.ordinal) LIMIT ?)
        """
    case oldUnreferenced = """
        SELECT embedding FROM unreferenced_embedding WHERE since < ? ORDER BY since LIMIT ?
        """
    case deleteCarriedCharges = """
        DELETE FROM charge WHERE ordinal IN (
            SELECT ordinal FROM charge WHERE carried_at IS NOT NULL AND carried_at < ? ORDER BY carried_at
                LIMIT ?)
        """
    case versionOfBlob = """
        SELECT id FROM version WHERE digest = ? AND state IN ('staged', 'live', 'retired') LIMIT 1
        """
    case versionOfRendition = """
        SELECT id FROM version WHERE rendition_digest = ? AND state IN ('staged', 'live', 'retired') LIMIT 1
        """
}
