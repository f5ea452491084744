/// Every statement over jobs and their items.
package enum JobStatement: String, NamedStatement {
    case insertJob = """
        INSERT INTO job (id, kind, state, source, checkpoint, counts, created_at, updated_at, request_key,
            request_digest)
        VALUES (?1, ?2, ?3, ?4, NULL, '{}', ?5, ?5, ?6, ?7) ON CONFLICT (id) DO NOTHING
        """
    case updateJob = """
        UPDATE job SET state = ?, checkpoint = coalesce(?, checkpoint), counts = coalesce(?, counts),
            updated_at = ?, event = event + 1
        WHERE id = ?
        """
    case checkpointJob = """
        UPDATE job SET checkpoint = coalesce(?, checkpoint), counts = ?, updated_at = ? WHERE ordinal = ?
        """
    case jobByID = """
        SELECT ordinal, id, kind, state, source, checkpoint, counts, created_at, updated_at, event FROM job
        WHERE id = ?
        """
    case jobByOrdinal = """
        SELECT ordinal, id, kind, state, source, checkpoint, counts, created_at, updated_at, event FROM job
        WHERE ordinal = ?
        """
    case jobsInState = "SELECT ordinal FROM job WHERE state = ? AND ordinal > ? ORDER BY ordinal LIMIT ?"
    case jobsBefore = "SELECT ordinal FROM job WHERE ordinal < ? ORDER BY ordinal DESC LIMIT ?"
    case jobOfRequest = "SELECT ordinal, request_digest FROM job WHERE request_key = ?"
    case jobForItems = "SELECT ordinal, state, counts FROM job WHERE id = ?"
    case nextEvent = "UPDATE job SET event = event + 1, updated_at = ? WHERE ordinal = ? RETURNING event"
    case moveJob = """
        UPDATE job SET state = ?1, updated_at = ?2, event = event + 1 WHERE ordinal = ?3 AND state = ?4
        """
    case releaseRequest = "UPDATE job SET request_key = NULL, request_digest = NULL WHERE id = ?"
    case endedJobs = """
        SELECT ordinal FROM job INDEXED BY job_by_age
        WHERE updated_at < ? AND state IN ('succeeded', 'failed', 'cancelled', 'interrupted')
        ORDER BY updated_at LIMIT ?
        """
    case deleteItems = "DELETE FROM job_item WHERE id IN (SELECT id FROM job_item WHERE job = ? LIMIT ?)"
    case deleteJob = "DELETE FROM job WHERE ordinal = ?"

    case addItem = """
        INSERT INTO job_item (job, path, media_type, attributes, origin, digest, byte_count, state, attempts,
            retry_at, chunk_count, embedded_count, token_count, failure_code, failure_reason, is_retriable,
            event, updated_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'queued', 0, NULL, 0, 0, 0, NULL, NULL, 0, ?8, ?9)
        ON CONFLICT (job, path) DO NOTHING
        """
    case putItem = """
        INSERT INTO job_item (job, path, media_type, attributes, origin, digest, byte_count, state, attempts,
            retry_at, chunk_count, embedded_count, token_count, failure_code, failure_reason, is_retriable,
            event, updated_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)
        ON CONFLICT (job, path) DO UPDATE SET (state, attempts, retry_at, chunk_count, embedded_count,
            token_count, failure_code, failure_reason, is_retriable, event, updated_at) =
            (?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)
        WHERE state IN ('queued', 'parsing', 'embedding') OR digest IS NULL
        """
    case requeueItem = """
        UPDATE job_item SET state = 'queued', attempts = 0, retry_at = NULL, failure_code = NULL,
            failure_reason = NULL, is_retriable = 0, event = ?2, updated_at = ?3
        WHERE id = ?1 AND state = 'failed'
        """
    case itemByID = """
        SELECT id, path, media_type, attributes, origin, digest, byte_count, state, attempts, retry_at,
            chunk_count, embedded_count, token_count, failure_code, failure_reason, is_retriable, event,
            updated_at
        FROM job_item WHERE id = ?
        """
    case itemsInState = "SELECT id FROM job_item WHERE job = ? AND state = ? AND id > ? ORDER BY id LIMIT ?"
    case itemsAfterEvent = "SELECT id FROM job_item WHERE job = ? AND event > ? ORDER BY event LIMIT ?"
    case latestItemOfPath = """
        SELECT state, failure_reason FROM job_item WHERE path = ? ORDER BY id DESC LIMIT 1
        """
    case openItemsOfPath = """
        SELECT id, job FROM job_item
        WHERE path = ? AND job < ? AND state IN ('queued', 'parsing', 'embedding')
        """
    /// Of a job that is received yet, or has ended, nothing was promised.
    case uploadOfPath = """
        SELECT i.id FROM job_item AS i CROSS JOIN job AS j ON j.ordinal = i.job
        WHERE i.path = ? AND i.state IN ('queued', 'parsing', 'embedding') AND i.digest IS NOT NULL
            AND j.state IN ('queued', 'running') LIMIT 1
        """
    case endedJobWithOpenItem = """
        SELECT j.id, j.state FROM job_item AS i INDEXED BY job_item_open CROSS JOIN job AS j ON j.ordinal = i.job
        WHERE i.path > '' AND i.state IN ('queued', 'parsing', 'embedding')
            AND j.state IN ('succeeded', 'failed', 'cancelled', 'interrupted') LIMIT 1
        """
    case itemOfBlob = """
        SELECT id FROM job_item
        WHERE digest = ? AND state IN ('queued', 'parsing', 'embedding', 'failed') LIMIT 1
        """
}
