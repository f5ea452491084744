/// The tables of `workspace.sqlite`. Times are milliseconds since 1970; digests are 32 bytes; all tables are
/// STRICT, so a column holds what it says.
enum WorkspaceSchema {
    /// "CrWs".
    static let applicationID: Int32 = 0x4372_5773

    static let schema = Schema(
        applicationID: applicationID,
        steps: [version1, version2, version3, JobSchema.tables, AttributeSchema.tables, version6, version7])

    /// Rows of a version are `row_low ..< row_low + chunk_count`, taken from `next_row` when the version
    /// begins: deaths are ranges, which the log still knows when the chunks themselves have been collected.
    ///
    /// `chunk.version` is no foreign key: that would cost an index as large as the ids for what the row range
    /// says already; verification checks it.
    private static let version1 = """
        CREATE TABLE workspace_state (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            next_row INTEGER NOT NULL,
            log_start INTEGER NOT NULL,
            document_count INTEGER NOT NULL,
            chunk_count INTEGER NOT NULL,
            token_count INTEGER NOT NULL,
            byte_count INTEGER NOT NULL
        ) STRICT;
        INSERT INTO workspace_state VALUES (1, 1, 0, 0, 0, 0, 0);

        CREATE TABLE space (
            id INTEGER PRIMARY KEY,
            model TEXT NOT NULL,
            revision TEXT NOT NULL,
            precision TEXT NOT NULL,
            dimension INTEGER NOT NULL CHECK (dimension > 0),
            state TEXT NOT NULL CHECK (state IN ('live', 'building')),
            UNIQUE (model, revision, precision, dimension)
        ) STRICT;
        CREATE UNIQUE INDEX space_by_state ON space (state);

        CREATE TABLE document (
            ordinal INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            external_id TEXT NOT NULL,
            media_type TEXT NOT NULL,
            folder TEXT NOT NULL,
            title TEXT,
            attributes TEXT NOT NULL,
            current_version INTEGER REFERENCES version (id) DEFERRABLE INITIALLY DEFERRED,
            revision INTEGER NOT NULL,
            version_count INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            expires_at INTEGER
        ) STRICT;
        CREATE UNIQUE INDEX document_by_version ON document (current_version);
        CREATE INDEX document_by_folder ON document (folder, ordinal) WHERE current_version IS NOT NULL;
        CREATE INDEX document_by_expiry ON document (expires_at, ordinal)
            WHERE expires_at IS NOT NULL AND current_version IS NOT NULL;
        CREATE INDEX document_absent ON document (updated_at) WHERE current_version IS NULL;

        CREATE TABLE version (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            document INTEGER NOT NULL REFERENCES document (ordinal),
            space INTEGER NOT NULL REFERENCES space (id),
            state TEXT NOT NULL CHECK (state IN ('staged', 'live', 'retired', 'collecting', 'collected')),
            state_at INTEGER NOT NULL,
            number INTEGER,
            digest BLOB NOT NULL CHECK (length(digest) = 32),
            byte_count INTEGER NOT NULL,
            fingerprint TEXT NOT NULL,
            media_type TEXT NOT NULL,
            folder TEXT NOT NULL,
            title TEXT,
            attributes TEXT NOT NULL,
            expires_at INTEGER,
            row_low INTEGER NOT NULL UNIQUE,
            chunk_count INTEGER NOT NULL CHECK (chunk_count >= 0),
            token_count INTEGER NOT NULL,
            born_sequence INTEGER,
            died_sequence INTEGER,
            job TEXT,
            created_at INTEGER NOT NULL,
            CHECK ((state IN ('live', 'retired', 'collected')) <= (born_sequence IS NOT NULL)),
            CHECK ((state IN ('retired', 'collected')) <= (died_sequence IS NOT NULL)),
            CHECK (state <> 'live' OR died_sequence IS NULL)
        ) STRICT;
        CREATE INDEX version_by_document ON version (document, id);
        CREATE UNIQUE INDEX version_live ON version (document) WHERE state = 'live';
        CREATE INDEX version_by_digest ON version (digest);
        CREATE INDEX version_by_state ON version (state, state_at);
        CREATE INDEX version_by_birth ON version (space, born_sequence, row_low, chunk_count)
            WHERE born_sequence IS NOT NULL;
        CREATE INDEX version_by_death ON version (space, died_sequence) WHERE died_sequence IS NOT NULL;

        CREATE TABLE embedding (
            id INTEGER PRIMARY KEY,
            space INTEGER NOT NULL REFERENCES space (id),
            role TEXT NOT NULL CHECK (role IN ('query', 'passage')),
            text_digest BLOB NOT NULL CHECK (length(text_digest) = 32),
            vector BLOB NOT NULL,
            UNIQUE (space, role, text_digest)
        ) STRICT;
        CREATE TABLE unreferenced_embedding (
            embedding INTEGER PRIMARY KEY REFERENCES embedding (id) ON DELETE CASCADE,
            since INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX unreferenced_embedding_by_age ON unreferenced_embedding (since);

        CREATE TABLE chunk (
            row INTEGER PRIMARY KEY,
            version INTEGER NOT NULL,
            embedding INTEGER NOT NULL REFERENCES embedding (id),
            id TEXT NOT NULL,
            byte_start INTEGER NOT NULL,
            byte_end INTEGER NOT NULL,
            line_start INTEGER NOT NULL,
            line_end INTEGER NOT NULL,
            token_count INTEGER NOT NULL,
            source_digest BLOB NOT NULL CHECK (length(source_digest) = 32),
            heading_path TEXT NOT NULL,
            text TEXT NOT NULL
        ) STRICT;
        CREATE INDEX chunk_by_embedding ON chunk (embedding);
        CREATE INDEX chunk_by_id ON chunk (id);

        CREATE TABLE commit_record (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            document INTEGER NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('put', 'delete')),
            version INTEGER,
            retired_version INTEGER,
            revision INTEGER NOT NULL,
            committed_at INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE segment (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            space INTEGER NOT NULL REFERENCES space (id),
            kind TEXT NOT NULL CHECK (kind IN ('vectors', 'postings', 'quantizer')),
            state TEXT NOT NULL CHECK (state IN ('allocated', 'live', 'retired')),
            state_at INTEGER NOT NULL,
            file_name TEXT NOT NULL,
            row_count INTEGER NOT NULL,
            sequence_low INTEGER NOT NULL,
            sequence_high INTEGER NOT NULL,
            byte_count INTEGER NOT NULL,
            digest BLOB NOT NULL
        ) STRICT;
        CREATE INDEX segment_by_space ON segment (space, state, number);
        CREATE INDEX segment_by_state ON segment (state, state_at);

        CREATE TABLE job (
            ordinal INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            kind TEXT NOT NULL,
            state TEXT NOT NULL,
            source TEXT NOT NULL,
            checkpoint TEXT,
            counts TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX job_by_state ON job (state, ordinal);

        CREATE TABLE charge (
            ordinal INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            sequence INTEGER NOT NULL,
            kind TEXT NOT NULL,
            units INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            carried_at INTEGER
        ) STRICT;
        CREATE INDEX charge_pending ON charge (ordinal) WHERE carried_at IS NULL;
        CREATE INDEX charge_carried ON charge (carried_at) WHERE carried_at IS NOT NULL;
        """

    /// A space may be `previous`, kept after a migration, and `dropped`, remembered without its vectors. Which one
    /// is live is told by the space alone, so births and deaths are looked up without it: rows are of every space
    /// that has their texts' vectors.
    ///
    /// SQLite changes no check of a column: the column gives way to another one of its name.
    private static let version2 = """
        DROP INDEX space_by_state;
        ALTER TABLE space ADD COLUMN newer_state TEXT NOT NULL DEFAULT 'dropped'
            CHECK (newer_state IN ('live', 'building', 'previous', 'dropped'));
        UPDATE space SET newer_state = state;
        ALTER TABLE space DROP COLUMN state;
        ALTER TABLE space RENAME COLUMN newer_state TO state;
        CREATE UNIQUE INDEX space_by_state ON space (state) WHERE state <> 'dropped';
        DROP INDEX version_by_birth;
        CREATE INDEX version_by_birth ON version (born_sequence, row_low, chunk_count)
            WHERE born_sequence IS NOT NULL;
        DROP INDEX version_by_death;
        CREATE INDEX version_by_death ON version (died_sequence) WHERE died_sequence IS NOT NULL;
        """

    /// A version whose original is no text has a rendition, a second blob, and its chunks are ranges of that
    /// one; where it has pages, a chunk knows on which it begins.
    private static let version3 = """
        ALTER TABLE version ADD COLUMN rendition_digest BLOB
            CHECK (rendition_digest IS NULL OR length(rendition_digest) = 32);
        ALTER TABLE version ADD COLUMN rendition_byte_count INTEGER
            CHECK ((rendition_byte_count IS NULL) = (rendition_digest IS NULL));
        CREATE INDEX version_by_rendition ON version (rendition_digest) WHERE rendition_digest IS NOT NULL;
        ALTER TABLE chunk ADD COLUMN page INTEGER CHECK (page IS NULL OR page > 0);
        """

    /// A version knows the language that its words are stemmed by; without one each passage is looked at by itself.
    /// Postings are of no space: the space that their row names is the one that was live when they were written.
    private static let version6 = """
        ALTER TABLE version ADD COLUMN language TEXT;
        CREATE INDEX segment_postings ON segment (state, number) WHERE kind = 'postings';
        CREATE INDEX job_item_of_path ON job_item (path, id);
        """

    /// A segment knows whose rows it left out when it was written: those that had died by this sequence. Of those that
    /// were written before, nothing is known.
    private static let version7 = """
        ALTER TABLE segment ADD COLUMN purged_through INTEGER NOT NULL DEFAULT 0;
        """
}
