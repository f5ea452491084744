/// The durable half of one workspace: documents, versions, chunks, embeddings, jobs and charges in one SQLite
/// file, original bytes beside it. It decides what is true; indexes follow its log.
///
/// Several stores, in this process or others, may have the same directory open: writers take turns, readers
/// never wait. Every verb blocks its thread on the disk, so call them off the cooperative threads. A verb
/// that returned is durable; one that threw did nothing, unless it says that it works in batches.
package final class WorkspaceStore: Sendable {
    /// Rows a staging transaction writes at most: it holds the write lock for milliseconds.
    package static let batchRowsMax = 512

    let database: DatabaseFile
    let blobs: BlobDirectory
    package let environment: StoreEnvironment

    /// The workspace's own directory.
    package let directoryPath: String

    /// Opens the workspace in `directoryPath`, bringing its schema up to date.
    ///
    /// - Throws: `.workspaceFilesMissing` where none was created; `.schemaTooNew`; `.foreignDatabase`.
    package convenience init(opening directoryPath: String, environment: StoreEnvironment) throws(StoreError)
    {
        let path = Self.databasePath(in: directoryPath)
        // SQLite would take an empty file for a new database, and nobody would learn of the loss.
        guard let status = try perform({ try SystemCalls.status(path) }), status.byteCount > 0 else {
            throw .workspaceFilesMissing(path: path)
        }
        try self.init(directoryPath: directoryPath, environment: environment)
    }

    /// Makes `directoryPath`, whose parent exists, a workspace; one that is a workspace already is only
    /// opened.
    package static func create(
        at directoryPath: String, environment: StoreEnvironment
    ) throws(StoreError) -> WorkspaceStore {
        let blobs = BlobDirectory(inWorkspace: directoryPath)
        try perform {
            try SystemCalls.makeDirectory(directoryPath)
            try SystemCalls.makeDirectory(blobs.path)
        }
        let store = try WorkspaceStore(directoryPath: directoryPath, environment: environment)
        try perform {
            try SystemCalls.syncDirectory(directoryPath)
            try SystemCalls.syncDirectory(parent(of: directoryPath))
        }
        return store
    }

    private init(directoryPath: String, environment: StoreEnvironment) throws(StoreError) {
        self.directoryPath = directoryPath
        self.environment = environment
        blobs = BlobDirectory(inWorkspace: directoryPath)
        database = try DatabaseFile(
            path: Self.databasePath(in: directoryPath), schema: WorkspaceSchema.schema)
    }

    /// Waits for what is running and closes the files; every later verb throws.
    package func close() throws(StoreError) {
        try database.close()
    }

    /// Gives back the pages that SQLite keeps of what was read and written; calls that are running go on first.
    package func releaseMemory() {
        database.releaseMemory()
    }

    private static func databasePath(in directoryPath: String) -> String {
        directoryPath + "/workspace.sqlite"
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
