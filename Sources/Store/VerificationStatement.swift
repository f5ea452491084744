/// The invariants of a workspace in SQL. Each statement lists what breaks one: a subject, what was found,
/// what was expected. These, and only these, read whole tables, because that is their purpose.
package enum VerificationStatement: String, NamedStatement {
    case integrity = """
        SELECT 'workspace.sqlite', integrity_check, 'ok' FROM pragma_integrity_check WHERE integrity_check
            <> 'ok'
        """
    case foreignKeys = """
        SELECT "table" || ' ' || coalesce(rowid, ''), 'none', "parent" FROM pragma_foreign_key_check
        """
    case documentHasItsLiveVersion = """
        SELECT 'document ' || d.id, coalesce(v.state, 'none') || ' of document ' || coalesce(v.document,
            'none'),
            'live of document ' || d.ordinal
        FROM document AS d LEFT JOIN version AS v ON v.id = d.current_version
        WHERE d.current_version IS NOT NULL AND (v.state IS NOT 'live' OR v.document IS NOT d.ordinal)
        """
    case liveVersionIsCurrent = """
        SELECT 'version ' || v.id, 'current ' || coalesce(d.current_version, 'none'), 'current ' || v.id
        FROM version AS v JOIN document AS d ON d.ordinal = v.document
        WHERE v.state = 'live' AND d.current_version IS NOT v.id
        """
    case versionHasItsChunks = """
        SELECT 'version ' || v.id, count(c.row) || ' chunks, ' || coalesce(sum(c.token_count), 0) || '
            tokens',
            v.chunk_count || ' chunks, ' || v.token_count || ' tokens'
        FROM version AS v LEFT JOIN chunk AS c
            ON c.row >= v.row_low AND c.row < v.row_low + v.chunk_count AND c.version = v.id
        WHERE v.state IN ('live', 'retired') GROUP BY v.id
        HAVING count(c.row) <> v.chunk_count OR coalesce(sum(c.token_count), 0) <> v.token_count
        """
    case chunkLiesInItsVersion = """
        SELECT 'chunk row ' || c.row, 'version ' || c.version, 'a version with that row'
        FROM chunk AS c LEFT JOIN version AS v ON v.id = c.version
        WHERE v.id IS NULL OR c.row < v.row_low OR c.row >= v.row_low + v.chunk_count
        """
    case chunkHasItsVector = """
        SELECT 'chunk row ' || c.row,
            coalesce('a vector in space ' || e.space || ' as ' || e.role, 'no embedding'),
            'a passage vector, in live space ' || coalesce(s.id, 'none')
        FROM chunk AS c JOIN version AS v ON v.id = c.version LEFT JOIN embedding AS e ON e.id = c.embedding
        LEFT JOIN space AS s ON s.state = 'live'
        WHERE e.role IS NOT 'passage' OR v.state = 'live' AND NOT EXISTS (
            SELECT 1 FROM embedding AS o
            WHERE o.space = s.id AND o.role = 'passage' AND o.text_digest = e.text_digest)
        """
    case spacesAreInOrder = """
        SELECT 'spaces', live || ' live, ' || waiting || ' building or previous',
            '1 live and at most 1 building or previous'
        FROM (
            SELECT (SELECT count(*) FROM space WHERE state = 'live') AS live,
                (SELECT count(*) FROM space WHERE state IN ('building', 'previous')) AS waiting,
                (SELECT count(*) FROM space) AS spaces)
        WHERE waiting > 1 OR spaces > 0 AND live <> 1
        """
    case vectorHasItsDimension = """
        SELECT 'embedding ' || e.id, length(e.vector) || ' bytes', 4 * s.dimension || ' bytes'
        FROM embedding AS e JOIN space AS s ON s.id = e.space WHERE length(e.vector) <> 4 * s.dimension
        """
    case unreferencedIsNoted = """
        SELECT 'embedding ' || e.id, 'neither chunk of its text nor note', 'one of them' FROM embedding AS e
        WHERE NOT EXISTS (SELECT 1 FROM unreferenced_embedding WHERE embedding = e.id)
            AND NOT EXISTS (
                SELECT 1 FROM space AS s
                JOIN embedding AS o
                    ON o.space = s.id AND o.role = e.role AND o.text_digest = e.text_digest
                JOIN chunk AS c ON c.embedding = o.id)
        """
    case referencedIsNotNoted = """
        SELECT 'embedding ' || u.embedding, 'chunk and note', 'one of them' FROM unreferenced_embedding AS u
        WHERE EXISTS (SELECT 1 FROM chunk WHERE embedding = u.embedding)
        """
    case birthIsInTheLog = """
        SELECT 'version ' || v.id, 'born ' || v.born_sequence, 'a commit of it' FROM version AS v
        LEFT JOIN commit_record AS r ON r.sequence = v.born_sequence
        WHERE v.born_sequence IS NOT NULL AND (r.version IS NOT v.id OR r.document IS NOT v.document)
        """
    case deathIsInTheLog = """
        SELECT 'version ' || v.id, 'died ' || v.died_sequence, 'a commit retiring it, after its birth'
        FROM version AS v LEFT JOIN commit_record AS r ON r.sequence = v.died_sequence
        WHERE v.died_sequence IS NOT NULL
            AND (r.retired_version IS NOT v.id OR v.born_sequence IS NULL OR v.born_sequence >=
                v.died_sequence)
        """
    case logIsWithoutGaps = """
        SELECT 'commit ' || max(sequence), count(*) || ' commits', max(sequence) || ' commits' FROM
            commit_record
        HAVING count(*) <> coalesce(max(sequence), 0)
        """
    case rowRangesAreApart = """
        SELECT 'version ' || id, 'rows from ' || row_low, 'rows from ' || before || ' on' FROM (
            SELECT id, row_low, lag(row_low + chunk_count, 1, 1) OVER (ORDER BY row_low) AS before FROM
                version)
        WHERE row_low < before
        """
    case rowsAreTaken = """
        SELECT 'version ' || v.id, 'rows to ' || (v.row_low + v.chunk_count), 'rows below ' || s.next_row
        FROM version AS v CROSS JOIN workspace_state AS s WHERE v.row_low + v.chunk_count > s.next_row
        """
    case countsAreRight = """
        SELECT 'statistics',
            s.document_count || ' ' || s.chunk_count || ' ' || s.token_count || ' ' || s.byte_count,
            t.documents || ' ' || t.chunks || ' ' || t.tokens || ' ' || t.bytes
        FROM workspace_state AS s CROSS JOIN (
            SELECT count(*) AS documents, coalesce(sum(chunk_count), 0) AS chunks,
                coalesce(sum(token_count), 0) AS tokens, coalesce(sum(byte_count), 0) AS bytes
            FROM version WHERE state = 'live') AS t
        WHERE (s.document_count, s.chunk_count, s.token_count, s.byte_count)
            <> (t.documents, t.chunks, t.tokens, t.bytes)
        """
    case chargeIsOfACommit = """
        SELECT 'charge ' || c.id, 'commit ' || c.sequence, 'a commit of that number'
        FROM charge AS c LEFT JOIN commit_record AS r ON r.sequence = c.sequence WHERE r.sequence IS NULL
        """
    case segmentIsDescribed = """
        SELECT 'segment ' || number, sequence_low || '...' || sequence_high || ' in ' || file_name,
            'a range within the log and a name'
        FROM segment WHERE state <> 'allocated' AND (sequence_low > sequence_high OR file_name = ''
            OR sequence_high > (SELECT coalesce(max(sequence), 0) FROM commit_record))
        """
    case attributesAreListed = """
        SELECT 'document ' || id, found || ' rows of attributes', expected || ' rows of attributes' FROM (
            SELECT d.id,
                (SELECT count(*) FROM document_attribute WHERE document = d.ordinal) AS found,
                (SELECT coalesce(sum(CASE j.type WHEN 'array' THEN 1 + (
                        SELECT count(DISTINCT m.value) FROM json_each(j.value) AS m) ELSE 1 END), 0)
                    FROM json_each(d.attributes) AS j
                    WHERE d.current_version IS NOT NULL AND instr(j.key, ':') = 0
                        AND j.key NOT LIKE '@%') AS expected
            FROM document AS d)
        WHERE found <> expected
        """
    /// A number is read from JSON by SQLite here, which may err in its last digit.
    case listedIsAnAttribute = """
        SELECT 'document ' || d.id, 'attribute ' || a.name || ' of kind ' || a.kind, 'what the document says'
        FROM document_attribute AS a JOIN document AS d ON d.ordinal = a.document
        WHERE NOT EXISTS (
            SELECT 1 FROM json_each(d.attributes) AS j WHERE j.key = a.name AND CASE a.kind
                WHEN 0 THEN j.type = CASE a.value WHEN 1 THEN 'true' ELSE 'false' END
                WHEN 1 THEN j.type IN ('integer', 'real')
                    AND abs(j.value - a.value) <= 1e-12 * abs(a.value)
                WHEN 2 THEN j.type = 'object'
                WHEN 3 THEN j.type = 'text' AND j.value = a.value
                WHEN 4 THEN j.type = 'array' AND json_array_length(j.value) = a.value
                ELSE j.type = 'array' AND EXISTS (
                    SELECT 1 FROM json_each(j.value) AS m WHERE m.value = a.value) END)
        """
}

/// What the check of the blobs asks for, each through an index.
package enum BlobVerificationStatement: String, NamedStatement {
    /// The plus keeps SQLite from the index over states, by which it would have to sort.
    case contentsAfter = """
        SELECT digest, byte_count FROM version WHERE digest > ? AND +state IN ('live', 'retired')
        ORDER BY digest LIMIT 1
        """
    case renditionsAfter = """
        SELECT rendition_digest, rendition_byte_count FROM version
        WHERE rendition_digest > ? AND +state IN ('live', 'retired') ORDER BY rendition_digest LIMIT 1
        """
    /// Those whose chunks are ranges of the original.
    case versionsOfContent = """
        SELECT row_low, chunk_count FROM version
        WHERE digest = ? AND rendition_digest IS NULL AND state IN ('live', 'retired')
        """
    case versionsOfRendition = """
        SELECT row_low, chunk_count FROM version WHERE rendition_digest = ? AND state IN ('live', 'retired')
        """
    case sourcesOfRows = """
        SELECT row, byte_start, byte_end, source_digest FROM chunk WHERE row >= ? AND row < ?
        """
}

extension VerificationStatement {
    var rule: VerificationFinding.Rule {
        switch self {
        case .integrity: .integrity
        case .foreignKeys: .foreignKeys
        case .documentHasItsLiveVersion: .documentHasItsLiveVersion
        case .liveVersionIsCurrent: .liveVersionIsCurrent
        case .versionHasItsChunks: .versionHasItsChunks
        case .chunkLiesInItsVersion: .chunkLiesInItsVersion
        case .chunkHasItsVector: .chunkHasItsVector
        case .spacesAreInOrder: .spacesAreInOrder
        case .vectorHasItsDimension: .vectorHasItsDimension
        case .unreferencedIsNoted: .unreferencedIsNoted
        case .referencedIsNotNoted: .referencedIsNotNoted
        case .birthIsInTheLog: .birthIsInTheLog
        case .deathIsInTheLog: .deathIsInTheLog
        case .logIsWithoutGaps: .logIsWithoutGaps
        case .rowRangesAreApart: .rowRangesAreApart
        case .rowsAreTaken: .rowsAreTaken
        case .countsAreRight: .countsAreRight
        case .chargeIsOfACommit: .chargeIsOfACommit
        case .segmentIsDescribed: .segmentIsDescribed
        case .attributesAreListed: .attributesAreListed
        case .listedIsAnAttribute: .listedIsAnAttribute
        }
    }
}
