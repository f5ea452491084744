import ArgumentParser
import Documents
import Engine
import Foundation

/// What a command line names, as sources of documents.
struct SourceSelection {
    private enum Part {
        case files(FileSource, isPattern: Bool)
        case archive(URL)
        case records(URL)
        case page(String)
        case standardInput
    }

    private let parts: [Part]
    private let options: SourceOptions
    private let pages: any PageFetcher

    /// - Throws: where something that is named is not there, or cannot be what the flags say.
    init(_ names: [String], _ options: SourceOptions, pages: any PageFetcher) throws {
        self.options = options
        self.pages = pages
        // What the door would refuse as a part of a path must not come in here.
        if let source = options.source, !source.isEmpty { _ = try DocumentPath(source) }
        let filter = try options.filter
        parts = try names.map { try Self.part($0, options, filter) }
        if options.sync || options.watch {
            guard names.count == 1, folder != nil else {
                throw ValidationError("--sync and --watch follow one folder.")
            }
        }
        if names.contains("-"), options.format == .auto, options.name == nil {
            throw ValidationError("Say what standard input is: --name notes.md, or --format ndjson.")
        }
    }

    /// The folder that is named, if it is one alone and whole.
    var folder: FileSource? {
        guard parts.count == 1, case .files(let source, isPattern: false) = parts[0], source.isFolder else {
            return nil
        }
        return source
    }

    /// What is in folders and files. Of streams nobody knows, and then of nothing.
    func survey() throws -> SourceSurvey {
        var survey = SourceSurvey()
        for part in parts {
            guard case .files(let source, _) = part else { return SourceSurvey() }
            survey = survey + (try source.survey())
        }
        return survey
    }

    /// All of it, with the attributes that were given, to be read once.
    func source() async throws -> any IngestSource {
        var sources: [any IngestSource] = []
        for part in parts { sources.append(try await source(of: part)) }
        let source = sources.count == 1 ? sources[0] : ChainedSources(sources)
        return AttributedSource(source, giving: try options.given)
    }

    private var prefix: String { options.source.map { $0.isEmpty ? "" : $0 + "/" } ?? "" }

    private func source(of part: Part) async throws -> any IngestSource {
        switch part {
        case .files(let source, _): return try source.steps()
        case .page(let address):
            return PageSource(address, path: try options.name.map { try DocumentPath($0) }, by: pages)
        case .records(let file):
            return RecordSource(
                FileParts(try FileHandle(forReadingFrom: file)), named: file.lastPathComponent, prefix: prefix
            )
        case .archive(let file):
            let stem = ArchiveSource.stem(of: file.lastPathComponent) ?? file.lastPathComponent
            return try ArchiveSource(
                FileHandle(forReadingFrom: file), named: file.path,
                prefix: options.source == nil ? stem + "/" : prefix, filter: options.filter)
        case .standardInput:
            let input = FileParts(.standardInput)
            if options.format == .ndjson {
                return RecordSource(input, named: "standard input", prefix: prefix)
            }
            return ListedItems([try await document(in: input)])
        }
    }

    /// Standard input as one document. One byte more than allowed tells that it is too large.
    private func document(in input: FileParts) async throws -> IngestItem {
        var bytes: [UInt8] = []
        while bytes.count <= IngestItem.byteCountMax, let part = try await input.next() { bytes += part }
        guard bytes.count <= IngestItem.byteCountMax else {
            throw DocumentError.tooLarge(byteCount: bytes.count, byteCountMax: IngestItem.byteCountMax)
        }
        return try IngestItem(path: DocumentPath(prefix + (options.name ?? "")), mediaType: nil, bytes: bytes)
    }

    // MARK: Names

    private static func part(
        _ name: String, _ options: SourceOptions, _ filter: PathFilter
    ) throws -> Part {
        if name == "-" { return .standardInput }
        if name.hasPrefix("http://") || name.hasPrefix("https://") { return .page(name) }
        let location = URL(filePath: NSString(string: name).expandingTildeInPath)
        if !FileManager.default.fileExists(atPath: location.path) {
            if let pattern = try pattern(name, options, filter) { return pattern }
            throw EngineError.pathNotFound(location.path)
        }
        if try location.resourceValues(forKeys: [.isDirectoryKey]).isDirectory != true {
            if options.format == .ndjson { return .records(location) }
            if ArchiveSource.stem(of: location.lastPathComponent) != nil { return .archive(location) }
        }
        return .files(
            try FileSource(at: location, name: options.source, filter: filter), isPattern: false)
    }

    /// A pattern that the shell left as it is: the folders before its first `*`, `?` or `[`, and what is wanted in
    /// them. Nil if it is none.
    private static func pattern(
        _ name: String, _ options: SourceOptions, _ filter: PathFilter
    ) throws -> Part? {
        let names = name.split(separator: "/", omittingEmptySubsequences: false)
        guard let first = names.firstIndex(where: { $0.contains(where: "*?[".contains) }) else { return nil }
        let base = names[..<first].joined(separator: "/")
        let isRoot = first == 1 && names[0].isEmpty
        let folder = NSString(string: isRoot ? "/" : first == 0 ? "." : base).expandingTildeInPath
        var filter = filter
        filter.included = [try PathPattern("/" + names[first...].joined(separator: "/"))]
        return .files(
            try FileSource(
                at: URL(filePath: folder), name: options.source ?? (first == 0 ? "" : nil), filter: filter),
            isPattern: true)
    }
}
