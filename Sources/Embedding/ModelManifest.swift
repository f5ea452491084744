package import Foundation

/// `model.json`: what a model's directory holds, where it came from, and how it wants to be used.
package struct ModelManifest: Sendable, Codable, Equatable {
    package static let name = "model.json"

    package let id: String

    /// What the model is for: to make vectors of texts, or to score pairs of them.
    package let task: ModelTask
    package let architecture: String

    /// How weights and vocabulary are stored.
    package let format: ModelFormat

    /// Components of its vectors, or of a token's between its layers if it makes none.
    package let dimension: Int

    /// Tokens of one text, or of a pair, special tokens included.
    package let windowTokens: Int

    /// This, `normalized` and `prefixes` are of models that make vectors; those of others need not state them.
    package let pooling: Pooling

    /// Whether vectors are scaled to unit length.
    package let normalized: Bool
    package let prefixes: Prefixes

    /// How the model can be computed, the most exact first.
    package let precisions: [Precision]

    /// The languages that it was trained on, as BCP 47 primary subtags; nil where those are many, or nobody says.
    package let languages: [String]?

    /// Where its cosines lie; nil where nobody has measured that.
    package let cosines: CosineScale?

    /// An SPDX identifier; nil where nobody stated one.
    package let licence: String?

    /// The name under which its authors publish the model.
    package let upstream: String?

    /// Nil for a model that somebody put there by hand.
    package let source: Source?
    package let files: [File]

    /// What to put before a text, by role.
    package struct Prefixes: Sendable, Codable, Equatable {
        package let query: String
        package let passage: String

        package init(query: String, passage: String) {
            (self.query, self.passage) = (query, passage)
        }
    }

    /// The package that carries the model's files, by the names of its index.
    package struct Source: Sendable, Codable, Equatable {
        package let index: String
        package let package: String
        package let version: String

        /// Of the package's file.
        package let sha256: String

        /// The tag of the package's platform where it has one: the model in it is the same for all.
        package let platform: String?

        /// The member of the package that is an archive of the files; nil if they are members themselves.
        package let member: String?
    }

    package struct File: Sendable, Codable, Equatable {
        package let name: String
        package let byteCount: Int
        package let sha256: String

        /// Its name in the archive; nil if that is `name`.
        package let member: String?

        package init(name: String, byteCount: Int, sha256: String, member: String? = nil) {
            (self.name, self.byteCount, self.sha256, self.member) = (name, byteCount, sha256, member)
        }
    }

    private enum CodingKeys: String, CodingKey {
        case id, task, architecture, format, dimension, windowTokens, pooling, normalized, prefixes,
            precisions,
            languages, cosines, licence
        case upstream, source, files
    }

    /// Whether all files are there in the sizes stated.
    package func isInstalled(in directory: URL) -> Bool {
        files.allSatisfy { (try? ModelFile.checkByteCount(of: $0, in: directory)) != nil }
    }

    package var byteCount: Int { files.reduce(0) { $0 + $1.byteCount } }

    /// Reads `model.json` and checks that every file it names is there in the size it states. Checksums are
    /// the installer's affair: hashing 90 MB at each start would take longer than everything else.
    ///
    /// - Throws: `fileMissing`, `fileUnreadable`, `malformedJSON`, `byteCountMismatch`, `unsupportedModel`.
    package static func load(from directory: URL) throws(EmbeddingError) -> ModelManifest {
        let manifest = try read(from: directory)
        for file in manifest.files {
            try ModelFile.checkByteCount(of: file, in: directory)
        }
        return manifest
    }

    /// Reads `model.json`; the files that it names need not be there.
    ///
    /// - Throws: `fileMissing`, `fileUnreadable`, `malformedJSON`, `unsupportedModel`.
    package static func read(from directory: URL) throws(EmbeddingError) -> ModelManifest {
        let bytes = try ModelFile.load(name, from: directory)
        do {
            return try JSONDecoder().decode(ModelManifest.self, from: bytes)
        } catch let error as EmbeddingError {
            throw error
        } catch {
            throw .malformedJSON(file: name, cause: error)
        }
    }

    /// The file of the weights.
    var weightsFile: File {
        // Decoding and deriving make no manifest without one.
        files.first { $0.name == ModelFile.weights } ?? files[0]
    }

    /// The first 12 hexadecimal digits of the weights' sha256, which name the revision of the model.
    package var revision: String { String(weightsFile.sha256.prefix(12)) }

    /// - Throws: `unsupportedModel` for a model that is for something else.
    func check(task wanted: ModelTask) throws(EmbeddingError) {
        guard task == wanted else { throw Self.unsupported(.task, task.rawValue, wanted.rawValue) }
    }

    func prefix(for role: EmbeddingRole) -> String {
        switch role {
        case .query: prefixes.query
        case .passage: prefixes.passage
        }
    }
}

extension ModelManifest {
    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        func choice<Choice: RawRepresentable & CaseIterable>(
            _ key: CodingKeys, or absent: Choice? = nil
        ) throws -> Choice where Choice.RawValue == String {
            if let absent, !fields.contains(key) { return absent }
            return try Self.parsed(try fields.decode(String.self, forKey: key), key)
        }
        id = try fields.decode(String.self, forKey: .id)
        task = try choice(.task, or: .embed)
        architecture = try fields.decode(String.self, forKey: .architecture)
        format = try choice(.format, or: .safetensors)
        dimension = try fields.decode(Int.self, forKey: .dimension)
        windowTokens = try fields.decode(Int.self, forKey: .windowTokens)
        if task == .embed {
            pooling = try choice(.pooling)
            normalized = try fields.decode(Bool.self, forKey: .normalized)
            prefixes = try fields.decode(Prefixes.self, forKey: .prefixes)
        } else {
            pooling = try choice(.pooling, or: .cls)
            normalized = try fields.decodeIfPresent(Bool.self, forKey: .normalized) ?? false
            prefixes =
                try fields.decodeIfPresent(Prefixes.self, forKey: .prefixes)
                ?? Prefixes(query: "", passage: "")
        }
        // A manifest that does not say is of a model that may be of any: its shape decides.
        precisions =
            try fields.decodeIfPresent([String].self, forKey: .precisions)?
            .map { try Self.parsed($0, .precisions) } ?? Precision.allCases
        cosines = try fields.decodeIfPresent(CosineScale.self, forKey: .cosines)
        languages = try fields.decodeIfPresent([String].self, forKey: .languages)
        licence = try fields.decodeIfPresent(String.self, forKey: .licence)
        upstream = try fields.decodeIfPresent(String.self, forKey: .upstream)
        source = try fields.decodeIfPresent(Source.self, forKey: .source)
        files = try fields.decode([File].self, forKey: .files)
        try checkSupported()
    }

    private static func parsed<Choice: RawRepresentable & CaseIterable>(
        _ text: String, _ key: CodingKeys
    ) throws(EmbeddingError) -> Choice where Choice.RawValue == String {
        guard let choice = Choice(rawValue: text) else {
            throw unsupported(key, text, Choice.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return choice
    }

    private func checkSupported() throws(EmbeddingError) {
        var checks: [(field: CodingKeys, found: String, expected: String)] = [
            (.architecture, architecture, "bert")
        ]
        switch task {
        case .embed: checks.append((.normalized, "\(normalized)", "true"))
        // Pairs are framed as BERT's, which models in the other format are not asked with.
        case .rerank: checks.append((.format, format.rawValue, ModelFormat.safetensors.rawValue))
        }
        for check in checks where check.found != check.expected {
            throw Self.unsupported(check.field, check.found, check.expected)
        }
        guard !precisions.isEmpty else { throw Self.unsupported(.precisions, "none", "one or more") }
        for file in files where file.name.contains("/") || file.name.hasPrefix(".") || file.name.isEmpty {
            throw Self.unsupported(.files, file.name, "a name without a directory")
        }
        let listed = files.map(\.name)
        for needed in Self.filesNeeded(format) where !needed.contains(where: listed.contains) {
            throw Self.unsupported(
                .files, listed.joined(separator: ", "), needed.joined(separator: " or "))
        }
        guard !files.isEmpty else { throw Self.unsupported(.files, "none", "the weights' file") }
    }

    /// Of each the model needs one.
    private static func filesNeeded(_ format: ModelFormat) -> [[String]] {
        switch format {
        case .safetensors:
            [
                [ModelFile.weights], [ModelFile.tokenizer, ModelFile.vocabulary], [ModelFile.configuration],
            ]
        case .e5s1: []
        }
    }

    private static func unsupported(
        _ field: CodingKeys, _ found: String, _ expected: String
    ) -> EmbeddingError {
        .unsupportedModel(file: name, field: field.rawValue, found: found, expected: expected)
    }
}

/// What a model is for.
package enum ModelTask: String, Sendable, Codable, CaseIterable {
    /// A vector of each text.
    case embed

    /// A score of a question and a passage that were read together.
    case rerank
}

extension Pooling: Codable {}

/// The files of a model's directory.
enum ModelFile {
    static let weights = "model.safetensors"
    static let tokenizer = "tokenizer.json"
    static let configuration = "config.json"

    /// In place of `tokenizer.json` in older models, with the settings that it leaves open.
    static let vocabulary = "vocab.txt"
    static let tokenizerSettings = "tokenizer_config.json"

    /// What sentence-transformers writes beside a model.
    static let pooling = "1_Pooling/config.json"
    static let window = "sentence_bert_config.json"
    static let prompts = "config_sentence_transformers.json"

    static func exists(_ name: String, in directory: URL) -> Bool {
        FileManager.default.fileExists(atPath: directory.appending(path: name).path)
    }

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
