import Documents
package import Foundation
package import Kernels
import Synchronization

/// How much an archive may hold. Beyond, the rest of it is refused; what was read before stays.
package struct ArchiveLimits: Sendable, Equatable {
    /// Of any kind, folders too.
    package var entryCountMax = 200_000

    /// All entries together, those that are not read too: they are unpacked all the same. A minute's work.
    package var expandedBytesMax = 8 * 1_073_741_824

    /// What a byte of the archive may become. Text packs to a fifth, a log to a fiftieth; gzip's most is 1,032.
    package var ratioMax = 200

    /// Up to so many bytes nobody asks for the ratio: a small archive of one long line is no bomb.
    package static let ratioFreeBytes = 32 * 1_048_576

    package init() {}

    /// - Throws: `ArchiveFault.expandsTooFar`, `.ratioTooHigh`.
    func check(read: Int, expanded: Int) throws(ArchiveFault) {
        guard expanded <= expandedBytesMax else { throw .expandsTooFar(byteCountMax: expandedBytesMax) }
        guard expanded > Self.ratioFreeBytes else { return }
        let ratio = expanded / max(read, 1)
        guard ratio <= ratioMax else { throw .ratioTooHigh(found: ratio, max: ratioMax) }
    }
}

/// The files of a tar, tar.gz or zip archive, one after the other, as documents to be.
///
/// Links and devices are skipped and reported, hidden files passed over as in a folder. A file that is too large or
/// whose path is none fails alone.
package final class ArchiveSource: IngestSource {
    private struct State: Sendable {
        var entryCount = 0

        /// What the entries have, as far as was read of them.
        var expandedBytes = 0
        var isAtEnd = false
    }

    private let file: FileHandle
    private let reader: ArchiveReader
    private let name: String
    private let prefix: String
    private let filter: PathFilter
    private let limits: ArchiveLimits
    private let state = Mutex(State())

    /// Names by which files of this kind go.
    package static let suffixes = [".tar", ".tar.gz", ".tgz", ".zip"]

    /// A name without its suffix; nil if it has none of an archive.
    package static func stem(of fileName: String) -> String? {
        let lower = fileName.lowercased()
        return suffixes.filter { lower.hasSuffix($0) && lower.count > $0.count }.max { $0.count < $1.count }
            .map { String(fileName.dropLast($0.count)) }
    }

    /// - Parameters:
    ///   - file: open for reading, at its beginning.
    ///   - name: where a person finds the archive.
    ///   - prefix: what every path begins with; a source's name and a slash, or nothing.
    /// - Throws: `EngineError.source`, for what is no archive.
    package init(
        _ file: FileHandle, named name: String, prefix: String = "", filter: PathFilter = PathFilter(),
        limits: ArchiveLimits = ArchiveLimits()
    ) throws {
        self.file = file
        self.name = name
        self.prefix = prefix
        self.filter = filter
        self.limits = limits
        do {
            reader = try ArchiveReader(descriptor: file.fileDescriptor)
        } catch {
            throw EngineError.source(.archive(error))
        }
    }

    package func next(on pool: ComputePool) async throws -> SourceStep? {
        try await pool.run(in: .background) {
            do {
                return try self.next()
            } catch let fault as ArchiveFault {
                throw EngineError.source(.archive(fault))
            }
        }
    }

    private func next() throws -> SourceStep? {
        while let entry = try nextEntry() {
            if entry.kind == .folder { continue }
            let path = Self.withoutDots(entry.path)
            guard entry.kind == .file else { return .skipped(path: prefix + path) }
            guard admits(path) else { continue }
            // What has no password is of no use without it, whichever entry it is.
            if entry.isEncrypted { throw ArchiveFault.encrypted(path: path) }
            guard let type = MediaType.inferred(fromFileName: path) else {
                return .skipped(path: prefix + path)
            }
            return try item(entry, path, type)
        }
        return nil
    }

    private func nextEntry() throws -> ArchiveEntry? {
        guard !state.withLock({ $0.isAtEnd }) else { return nil }
        let entry = try reader.nextEntry()
        let (count, expanded) = state.withLock { state in
            state.entryCount += 1
            state.isAtEnd = entry == nil
            return (state.entryCount, state.expandedBytes)
        }
        guard entry == nil || count <= limits.entryCountMax else {
            throw ArchiveFault.tooManyEntries(max: limits.entryCountMax)
        }
        // Of gzip the one figure counts what was skipped, of zip the other what was unpacked.
        let found = reader.byteCounts
        try limits.check(read: found.read, expanded: max(found.expanded, expanded))
        return entry
    }

    private func item(_ entry: ArchiveEntry, _ path: String, _ type: MediaType) throws -> SourceStep {
        let documentPath: DocumentPath
        do {
            documentPath = try DocumentPath(prefix + path)
        } catch {
            return .failed(path: prefix + path, byteCount: entry.byteCount ?? 0, error)
        }
        let most = DocumentLimits.byteCountMax
        let bytes = try reader.read(upTo: most + 1)
        let expanded = state.withLock { state in
            state.expandedBytes += bytes.count
            return state.expandedBytes
        }
        let found = reader.byteCounts
        try limits.check(read: found.read, expanded: max(found.expanded, expanded))
        guard bytes.count <= most else {
            return .failed(
                path: documentPath.text, byteCount: bytes.count,
                DocumentError.tooLarge(byteCount: max(entry.byteCount ?? 0, bytes.count), byteCountMax: most))
        }
        return .item(
            IngestItem(
                path: documentPath.text, mediaType: type, byteCount: bytes.count, origin: "\(name)!/\(path)",
                load: { bytes }))
    }

    /// `./a/b` is what tar calls `a/b`. An absolute path and one with `..` stay as they are, and are refused.
    private static func withoutDots(_ path: String) -> String {
        var path = path[...]
        while path.hasPrefix("./") { path = path.dropFirst(2) }
        return String(path)
    }

    /// Every folder on the way must be wanted as well.
    private func admits(_ path: String) -> Bool {
        // What is no path fails by itself, and is not passed over.
        guard (try? DocumentPath(path)) != nil else { return true }
        let names = path.split(separator: "/").map { Array($0.unicodeScalars) }
        return names.indices.allSatisfy { index in
            filter.admits(Array(names[...index]), isFolder: index < names.count - 1)
        }
    }
}
