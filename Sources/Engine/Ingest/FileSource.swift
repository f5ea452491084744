import Documents
package import Foundation

/// Files of a folder, or one file, as documents to be.
package struct FileSource: Sendable {
    /// In order of path.
    package let items: [IngestItem]

    /// Files of types that are not read, and what is neither file nor folder, in order of path.
    package let skippedPaths: [String]

    /// More files than this in one source are refused: the list is held in memory.
    package static let fileCountMax = 1_000_000

    /// What the file types are called towards a person.
    package static let allowedTypes = MediaType.fileExtensions.map { "." + $0 }

    /// Looks at a file or, with all that is under it, at a folder.
    ///
    /// Files and folders whose name begins with a dot are passed over, and symbolic links are not followed:
    /// an ingest reads what is under the folder that was named, and nothing else.
    ///
    /// - Parameter name: what the source is called; it begins every path. The folder's own name where nil,
    ///   nothing for a single file.
    /// - Throws: `EngineError.pathNotFound`, `.unsupportedType` for a single file of another type,
    ///   `.tooManyFiles`.
    package init(at location: URL, name: String? = nil) throws {
        let url = location.resolvingSymlinksInPath().absoluteURL
        guard let values = try? url.resourceValues(forKeys: Self.keys),
            FileManager.default.fileExists(atPath: url.path)
        else { throw EngineError.pathNotFound(location.path) }
        if values.isDirectory == true {
            (items, skippedPaths) = try Self.walk(url, prefix: Self.prefix(name ?? url.lastPathComponent))
            return
        }
        let path = Self.prefix(name ?? "") + url.lastPathComponent
        guard values.isRegularFile == true, let item = Self.item(path, url, values) else {
            throw EngineError.unsupportedType(path: path, allowed: Self.allowedTypes)
        }
        items = [item]
        skippedPaths = []
    }

    private static let keys: Set<URLResourceKey> = [
        .isDirectoryKey, .isRegularFileKey, .isSymbolicLinkKey, .fileSizeKey,
    ]

    private static func prefix(_ name: String) -> String {
        name.isEmpty ? "" : name + "/"
    }

    private static func item(_ path: String, _ url: URL, _ values: URLResourceValues) -> IngestItem? {
        guard let type = MediaType.inferred(fromFileName: path) else { return nil }
        return IngestItem(
            path: path, mediaType: type, byteCount: values.fileSize ?? 0, origin: url.path,
            load: { try load(url) })
    }

    /// A file beyond the limit is refused unread: one byte more than allowed tells that it is too large.
    private static func load(_ url: URL) throws -> [UInt8] {
        let file = try FileHandle(forReadingFrom: url)
        defer { try? file.close() }
        let most = DocumentLimits.byteCountMax
        let bytes = try file.read(upToCount: most + 1) ?? Data()
        if bytes.count > most {
            let byteCount = try url.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? bytes.count
            throw DocumentError.tooLarge(byteCount: byteCount, byteCountMax: most)
        }
        return [UInt8](bytes)
    }

    private static func walk(_ folder: URL, prefix: String) throws -> ([IngestItem], [String]) {
        var items: [IngestItem] = []
        var skipped: [String] = []
        var pending = [(url: folder, path: prefix)]
        while let (directory, prefix) = pending.popLast() {
            let entries: [URL]
            do {
                entries = try FileManager.default.contentsOfDirectory(
                    at: directory, includingPropertiesForKeys: Array(keys))
            } catch {
                // A folder that cannot be read fails by itself, and by its name, as a file would.
                items.append(
                    IngestItem(path: prefix, mediaType: .plainText, byteCount: 0, load: { throw error }))
                continue
            }
            for entry in entries where !entry.lastPathComponent.hasPrefix(".") {
                let path = prefix + entry.lastPathComponent
                guard let values = try? entry.resourceValues(forKeys: keys) else {
                    skipped.append(path)
                    continue
                }
                if values.isDirectory == true, values.isSymbolicLink != true {
                    pending.append((entry, path + "/"))
                } else if values.isRegularFile == true, let item = item(path, entry, values) {
                    items.append(item)
                } else {
                    skipped.append(path)
                }
                guard items.count + skipped.count <= fileCountMax else {
                    throw EngineError.tooManyFiles(path: folder.path, countMax: fileCountMax)
                }
            }
        }
        return (items.sorted { $0.path < $1.path }, skipped.sorted())
    }
}
