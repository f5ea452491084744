/// The tables of jobs and their items, and of documents that are found by their path.
///
/// An item is one document's part of a job, and known by the document's path. Where the Store holds the bytes
/// (`digest`), the items are there before the work begins, and whoever opens the workspace next can do it. Where only
/// the ingest has them, an item is written with the first that is kept of it; a document that is found unchanged leaves
/// a count and no row.
///
/// `event` numbers the changes of a job and of its items together: what happened after a number is what has a greater
/// one, so that a listener that was cut off goes on where it was. An item is kept in its last state only.
///
/// A document that is moved keeps its id, which was made of its first path: from here on a path is found by an index
/// of its own.
enum JobSchema {
    static let tables = """
        ALTER TABLE job ADD COLUMN event INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE job ADD COLUMN request_key TEXT;
        ALTER TABLE job ADD COLUMN request_digest BLOB;
        ALTER TABLE job ADD COLUMN reservation TEXT;
        CREATE UNIQUE INDEX job_by_request ON job (request_key) WHERE request_key IS NOT NULL;
        CREATE INDEX job_by_age ON job (updated_at) WHERE state IN ('succeeded', 'failed', 'cancelled', 'interrupted');

        CREATE TABLE job_item (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            job INTEGER NOT NULL REFERENCES job (ordinal) ON DELETE CASCADE,
            path TEXT NOT NULL,
            media_type TEXT NOT NULL,
            attributes TEXT NOT NULL,
            origin TEXT,
            digest BLOB CHECK (length(digest) = 32),
            byte_count INTEGER NOT NULL,
            state TEXT NOT NULL CHECK (state IN
                ('queued', 'parsing', 'embedding', 'ready', 'unchanged', 'deleted', 'failed')),
            attempts INTEGER NOT NULL,
            retry_at INTEGER,
            chunk_count INTEGER NOT NULL,
            embedded_count INTEGER NOT NULL,
            token_count INTEGER NOT NULL,
            failure_code TEXT,
            failure_reason TEXT,
            is_retriable INTEGER NOT NULL,
            event INTEGER NOT NULL,
            updated_at INTEGER NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX job_item_by_path ON job_item (job, path);
        CREATE UNIQUE INDEX job_item_by_event ON job_item (job, event);
        CREATE INDEX job_item_by_state ON job_item (job, state, id);
        CREATE INDEX job_item_open ON job_item (path, job) WHERE state IN ('queued', 'parsing', 'embedding');
        CREATE INDEX job_item_by_digest ON job_item (digest)
            WHERE digest IS NOT NULL AND state IN ('queued', 'parsing', 'embedding', 'failed');

        CREATE UNIQUE INDEX document_by_path ON document (external_id);
        """
}
