import Foundation

/// The right to write documents into one workspace, which any number of ingests hold at once, in this process
/// and in others; or the right to be alone in it.
///
/// A killed ingest leaves nothing to clear away (`AdvisoryLock`). Whoever is alone may take every staged
/// version for dead.
final class IngestLock: Sendable {
    static let fileName = "ingest.lock"

    private let lock: AdvisoryLock

    /// Joins the ingests that are running. Blocks while somebody is alone in the workspace: milliseconds.
    ///
    /// - Parameter whileAlone: called first if nobody else is there. Between it and the shared hold another may
    ///   come in and be alone too, which does no harm: nothing of this ingest is staged yet.
    init(joining directory: URL, whileAlone: () throws -> Void) throws {
        lock = try AdvisoryLock(path: directory.appending(path: Self.fileName).path)
        if try lock.tryToTake(.alone) { try whileAlone() }
        try lock.take(.shared)
    }

    /// Alone in the workspace; nil if anybody is ingesting.
    init?(aloneIn directory: URL) throws {
        lock = try AdvisoryLock(path: directory.appending(path: Self.fileName).path)
        guard try lock.tryToTake(.alone) else { return nil }
    }
}
