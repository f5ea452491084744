import Embedding
import Foundation
import Store

/// Compares a model's files with what its manifest says of them.
enum ModelVerification {
    /// What is wrong with each file of the model; nothing if all are right.
    static func problems(
        of manifest: ModelManifest, in directory: URL
    ) throws -> [(file: String, problem: String)] {
        try manifest.files.compactMap { file in
            let url = directory.appending(path: file.name)
            guard FileManager.default.fileExists(atPath: url.path) else {
                return (file.name, "\(file.name) is missing")
            }
            do {
                try check(file, at: url)
                return nil
            } catch let error as ModelError {
                return (file.name, error.text)
            }
        }
    }

    /// - Throws: `ModelError.byteCountMismatch`, `.digestMismatch`; what the file system does.
    static func check(_ file: ModelManifest.File, at url: URL) throws {
        let attributes = try FileManager.default.attributesOfItem(atPath: url.resolvingSymlinksInPath().path)
        let byteCount = (attributes[.size] as? NSNumber)?.intValue ?? 0
        guard byteCount == file.byteCount else {
            throw ModelError.byteCountMismatch(file: file.name, found: byteCount, expected: file.byteCount)
        }
        let found = try ContentDigest(ofFile: url).hex
        guard found == file.sha256 else {
            throw ModelError.digestMismatch(file: file.name, found: found, expected: file.sha256)
        }
    }
}
