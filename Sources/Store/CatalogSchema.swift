/// The tables of `catalog.sqlite`, and all statements that run over them.
enum CatalogSchema {
    /// "CrCt".
    static let applicationID: Int32 = 0x4372_4374

    static let schema = Schema(applicationID: applicationID, steps: [version1, version2, version3])

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
