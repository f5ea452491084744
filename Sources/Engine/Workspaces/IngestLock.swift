import Foundation

/// The right to ingest into one workspace, held by one process at a time.
///
/// An advisory lock on a file (`flock`): the system frees it when the process ends, however it ends, so that
/// a killed ingest leaves nothing to clear away. Whoever holds it may take every staged version for dead.
final class IngestLock: Sendable {
    static let fileName = "ingest.lock"

    private let file: FileHandle

    /// - Throws: `EngineError.ingestRunning` if another ingest holds it.
    init(directory: URL, workspace: String) throws {
        let url = directory.appending(path: Self.fileName)
        if !FileManager.default.fileExists(atPath: url.path) {
            _ = FileManager.default.createFile(atPath: url.path, contents: nil)
        }
        file = try FileHandle(forUpdating: url)
        guard flock(file.fileDescriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw EngineError.ingestRunning(workspace: workspace)
        }
    }

    deinit {
        try? file.close()
    }
}
