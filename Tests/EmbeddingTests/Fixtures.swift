import Foundation

/// Where tests find what they read: the model that `script/bootstrap` installs, goldens beside the tests, and
/// data that may lie beside the package.
enum Fixtures {
    static let packageRoot = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static let modelDirectory = packageRoot.appending(path: "Models/all-minilm-l6-v2")

    static func golden(_ name: String) throws -> Data {
        try Data(contentsOf: packageRoot.appending(path: "Tests/EmbeddingTests/Goldens/\(name)"))
    }

    /// A file of the model.
    static func model(_ name: String) throws -> URL {
        let file = modelDirectory.appending(path: name)
        guard FileManager.default.fileExists(atPath: file.path) else { throw Missing.model(file.path) }
        return file
    }

    /// Runs `body` with a directory of its own, gone afterwards.
    @discardableResult
    static func withDirectory<Result>(_ body: (URL) throws -> Result) throws -> Result {
        let directory = FileManager.default.temporaryDirectory.appending(
            path: "embedding-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        return try body(directory)
    }

    enum Missing: Error, CustomStringConvertible {
        case model(String)

        var description: String {
            switch self {
            case .model(let path): "\(path) is missing: run script/bootstrap, which installs the local model"
            }
        }
    }

    /// Reference data beside the package or where `CARREL_SHARED` says; nil where there is none.
    static func shared(_ path: String) -> URL? {
        let directory =
            ProcessInfo.processInfo.environment["CARREL_SHARED"].map { URL(filePath: $0) }
            ?? packageRoot.deletingLastPathComponent().appending(path: "shared")
        let file = directory.appending(path: path)
        return FileManager.default.fileExists(atPath: file.path) ? file : nil
    }
}
