import Foundation

/// The original bytes, one file for each digest, named by it. A file is whole or absent: bytes go to a
/// partial file in the same directory, are synced, and get their name in one step.
///
/// A file's time of change says when its bytes were last put; the collector keeps what is younger than its
/// horizon.
struct BlobDirectory: Sendable {
    let path: String

    private static let partialSuffix = ".partial"

    init(inWorkspace directoryPath: String) {
        path = directoryPath + "/blobs"
    }

    func filePath(of digest: ContentDigest) -> String {
        path + "/" + digest.hex
    }

    /// Does not write if the same bytes are there already; replaces a damaged file.
    func put(
        _ bytes: [UInt8], digest: ContentDigest, environment: StoreEnvironment
    ) throws(FileFailure) {
        let target = filePath(of: digest)
        if try SystemCalls.readFile(target) == bytes {
            try SystemCalls.touch(target, modified: environment.now())
        } else {
            let suffix = Base32.text(environment.randomBytes(10), characterCount: 16)
            let partial = target + "." + suffix + Self.partialSuffix
            try SystemCalls.createFile(partial, bytes: bytes, modified: environment.now())
            environment.reached(.blobWritten)
            try SystemCalls.renameFile(partial, to: target)
            environment.reached(.blobNamed)
        }
        // Also when nothing was written: the one who wrote it may not have come this far.
        try SystemCalls.syncDirectory(path)
        environment.reached(.blobDurable)
    }

    /// In no order.
    func fileNames() throws(StoreError) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: path)
        } catch {
            throw StoreError(FileFailure(operation: .list, path: path, underlying: error))
        }
    }

    /// What lies in a file of the directory.
    enum Entry: Equatable {
        case blob(ContentDigest)
        /// Left by a writer that died, or being written now.
        case partial
        case foreign

        init(fileName: String) {
            if let digest = ContentDigest(hex: fileName) {
                self = .blob(digest)
            } else {
                self = fileName.hasSuffix(BlobDirectory.partialSuffix) ? .partial : .foreign
            }
        }
    }
}

extension WorkspaceStore {
    /// Keeps `bytes` under their digest. Costs a read if they are there, else a write and two syncs.
    package func putBlob(_ bytes: [UInt8]) throws(StoreError) -> ContentDigest {
        let digest = ContentDigest(of: bytes)
        try perform { try blobs.put(bytes, digest: digest, environment: environment) }
        return digest
    }

    /// The bytes, hashed again before they are believed.
    ///
    /// - Throws: `.blobNotFound`; `.blobDamaged`, which putting the right bytes again repairs.
    package func readBlob(_ digest: ContentDigest) throws(StoreError) -> [UInt8] {
        guard let bytes = try perform({ try SystemCalls.readFile(blobs.filePath(of: digest)) }) else {
            throw .blobNotFound(digest)
        }
        let found = ContentDigest(of: bytes)
        guard found == digest else { throw .blobDamaged(expected: digest, found: found) }
        return bytes
    }
}
