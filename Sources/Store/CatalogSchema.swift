/// The tables of `catalog.sqlite`, and all statements that run over them.
enum CatalogSchema {
    /// "CrCt".
    static let applicationID: Int32 = 0x4372_4374

    static let schema = Schema(applicationID: applicationID, steps: [version1, version2, version3, version4])

    /// A name is free again as soon as its workspace is marked for deletion.
    private static let version1 = """
        CREATE TABLE workspace (
            id TEXT PRIMARY KEY NOT NULL,
            name TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('active', 'deleting', 'trashed')),
            created_at INTEGER NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX workspace_by_name ON workspace (name) WHERE state = 'active';
        CREATE INDEX workspace_leaving ON workspace (state, id) WHERE state <> 'active';
        """

    /// A key without a workspace is the operator's. The key itself is not kept, only its digest.
    private static let version2 = """
        CREATE TABLE api_key (
            id TEXT PRIMARY KEY NOT NULL,
            workspace TEXT REFERENCES workspace (id) ON DELETE CASCADE,
            permission TEXT NOT NULL CHECK (permission IN ('read', 'write', 'owner')),
            name TEXT NOT NULL,
            digest BLOB NOT NULL CHECK (length(digest) = 32),
            created_at INTEGER NOT NULL,
            expires_at INTEGER,
            revoked_at INTEGER,
            CHECK (workspace IS NOT NULL OR permission = 'owner')
        ) STRICT;
        CREATE INDEX api_key_by_workspace ON api_key (workspace, id);
        """

    /// Workspaces in which jobs may be waiting for somebody to do them. One too many costs a look.
    private static let version3 = """
        CREATE TABLE waiting_workspace (
            workspace TEXT PRIMARY KEY NOT NULL REFERENCES workspace (id) ON DELETE CASCADE
        ) STRICT;
        """

    /// How much workspaces may hold, and what is set aside of it for work that is being done.
    private static let version4 = """
        CREATE TABLE quota (
            workspace TEXT PRIMARY KEY NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
            document_count_max INTEGER,
            byte_count_max INTEGER
        ) STRICT;
        CREATE TABLE reservation (
            id TEXT PRIMARY KEY NOT NULL,
            workspace TEXT NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
            document_count INTEGER NOT NULL,
            byte_count INTEGER NOT NULL,
            expires_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX reservation_by_workspace ON reservation (workspace);
        CREATE INDEX reservation_by_expiry ON reservation (expires_at);
        """
}

package enum CatalogStatement: String, NamedStatement {
    case insert = """
        INSERT INTO workspace (id, name, state, created_at) VALUES (?, ?, 'active', ?)
        ON CONFLICT (name) WHERE state = 'active' DO NOTHING
        """
    case byName = "SELECT id, name, state, created_at FROM workspace WHERE name = ? AND state = 'active'"
    case byID = "SELECT id, name, state, created_at FROM workspace WHERE id = ?"
    case activeAfter = """
        SELECT id, name, state, created_at FROM workspace WHERE state = 'active' AND name > ? ORDER BY name
            LIMIT ?
        """
    case leaving = """
        SELECT id, name, state, created_at FROM workspace
        WHERE state = ? AND state <> 'active' AND id > ? ORDER BY id LIMIT ?
        """
    case mark = "UPDATE workspace SET state = 'deleting' WHERE id = ? AND state = 'active'"
    case trash = "UPDATE workspace SET state = 'trashed' WHERE id = ? AND state = 'deleting'"
    case delete = "DELETE FROM workspace WHERE id = ? AND state = 'trashed'"

    case quotaOf = "SELECT document_count_max, byte_count_max FROM quota WHERE workspace = ?"
    case setQuota = """
        INSERT INTO quota (workspace, document_count_max, byte_count_max) VALUES (?1, ?2, ?3)
        ON CONFLICT (workspace) DO UPDATE SET document_count_max = ?2, byte_count_max = ?3
        """
    case deleteQuota = "DELETE FROM quota WHERE workspace = ?"
    case reserve = """
        INSERT INTO reservation (id, workspace, document_count, byte_count, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (id) DO UPDATE SET document_count = ?3, byte_count = ?4, expires_at = ?5
        """
    case reserved = """
        SELECT coalesce(sum(document_count), 0), coalesce(sum(byte_count), 0) FROM reservation WHERE workspace = ?
        """
    case settleReservation = "DELETE FROM reservation WHERE id = ?"
    case sweepReservations = "DELETE FROM reservation WHERE expires_at <= ?"

    case noteWaiting =
        "INSERT INTO waiting_workspace (workspace) VALUES (?) ON CONFLICT (workspace) DO NOTHING"
    case forgetWaiting = "DELETE FROM waiting_workspace WHERE workspace = ?"
    case waitingAfter =
        "SELECT workspace FROM waiting_workspace WHERE workspace > ? ORDER BY workspace LIMIT ?"

    case insertKey = """
        INSERT INTO api_key (id, workspace, permission, name, digest, created_at, expires_at)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """
    case keyByID = """
        SELECT id, workspace, permission, name, digest, created_at, expires_at, revoked_at FROM api_key
        WHERE id = ?
        """
    case keysOfWorkspace = """
        SELECT id, workspace, permission, name, digest, created_at, expires_at, revoked_at FROM api_key
        WHERE workspace IS ? AND id > ? ORDER BY id LIMIT ?
        """
    case keyCount = "SELECT count(*) FROM api_key WHERE workspace IS ?"
    case deleteDeadKeys = """
        DELETE FROM api_key WHERE id IN (
            SELECT id FROM api_key WHERE workspace IS ? AND (revoked_at IS NOT NULL OR expires_at <= ?) LIMIT ?)
        """
    case revokeKey = "UPDATE api_key SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL"
}
