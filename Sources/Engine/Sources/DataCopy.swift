package import Foundation
import Store

/// A copy of the databases that planning an ingest reads: the catalog and one workspace's, without originals and
/// segments.
///
/// Whoever opens a database writes into it, if only a counter; what is planned must not change a byte. The copy is as
/// large as the workspace's database, and is gone with the last reference.
package final class DataCopy: Sendable {
    package let directory: URL

    /// Names of SQLite's files: the database first, so that its log is no older than it is.
    private static let suffixes = ["", "-wal"]

    /// - Parameters:
    ///   - original: a data directory; what is not there is not copied.
    ///   - workspace: the name of the one that is planned for.
    package init(of original: URL, workspace: String) throws {
        directory = FileManager.default.temporaryDirectory.appending(
            path: "carrel-plan-\(UUID().uuidString)", directoryHint: .isDirectory)
        try FileManager.default.createDirectory(
            at: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        try Self.copy("catalog.sqlite", from: original, to: directory)
        let catalog = try Catalog(dataPath: directory.path, environment: .system)
        let id = try catalog.workspace(named: workspace)?.id.rawValue
        try catalog.close()
        guard let id else { return }
        let place = "workspaces/\(id)"
        try FileManager.default.createDirectory(
            at: directory.appending(path: place), withIntermediateDirectories: true)
        try Self.copy("\(place)/workspace.sqlite", from: original, to: directory)
    }

    deinit {
        try? FileManager.default.removeItem(at: directory)
    }

    private static func copy(_ name: String, from original: URL, to directory: URL) throws {
        for suffix in suffixes {
            let file = original.appending(path: name + suffix)
            guard FileManager.default.fileExists(atPath: file.path) else { continue }
            try FileManager.default.copyItem(at: file, to: directory.appending(path: name + suffix))
        }
    }
}
