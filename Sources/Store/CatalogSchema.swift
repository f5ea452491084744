/// The tables of `catalog.sqlite`, and all statements that run over them.
enum CatalogSchema {
    /// "CrCt".
    static let applicationID: Int32 = 0x4372_4374

    static let schema = Schema(applicationID: applicationID, steps: [version1])

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
}
