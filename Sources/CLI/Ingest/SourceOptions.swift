import ArgumentParser
import Engine

/// Which documents are meant, and what becomes of those that are gone.
struct SourceOptions: ParsableArguments {
    /// What the bytes that are named are.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        /// What their names say.
        case auto

        /// Streams of documents, a JSON object a line.
        case ndjson
    }

    @Option(
        help: "What the source is called; it begins every document's path. (default: the folder's name)")
    var source: String?

    @Option(
        help: ArgumentHelp(
            "Only files that match, as in .gitignore: '**/*.md', 'docs/'. May be given several times.",
            valueName: "pattern"))
    var include: [String] = []

    @Option(
        help: ArgumentHelp(
            "No files that match, and nothing in folders that do: 'drafts/**'. May be given several times.",
            valueName: "pattern"))
    var exclude: [String] = []

    @Flag(name: .customLong("no-ignore"), help: "Do not heed .gitignore and .carrelignore.")
    var heedsNothing = false

    @Option(help: "What standard input, or a page, is called as a document: notes.md.")
    var name: String?

    @Option(
        help: """
            auto: by name; ndjson: what is named are streams of JSON objects, one a line, with id, one of text, \
            markdown and html, and if wanted folder, title and attributes.
            """)
    var format = Format.auto

    @Option(
        name: .customLong("attribute"),
        help: ArgumentHelp(
            """
            What searches may filter all these documents by: 'team=power', 'year=2026', 'draft=true', \
            'due=2026-03-01'. Of a name that is given several times the values are a list.
            """,
            valueName: "name=value"))
    var attributes: [String] = []

    @Flag(help: "Also delete the folder's documents that are in it no more, or not wanted any more.")
    var sync = false

    @Flag(help: "Go on: take in what changes in the folder, until interrupted. Deletes with --sync only.")
    var watch = false

    @Flag(help: "With --sync: delete even if nothing of the folder is left.")
    var allowEmpty = false

    @Option(help: ArgumentHelp("With --sync: delete nothing if it would be more than this.", valueName: "n"))
    var deleteMax: Int?

    func validate() throws {
        guard deleteMax.map({ $0 >= 0 }) ?? true else {
            throw ValidationError("--delete-max takes 0 or more, found \(deleteMax ?? 0).")
        }
        guard include.count + exclude.count <= PathFilter.patternCountMax else {
            throw ValidationError(
                "Found \(include.count + exclude.count) patterns; up to \(PathFilter.patternCountMax) are taken."
            )
        }
        do {
            _ = try given
        } catch {
            throw ValidationError(ErrorText.describe(error))
        }
        guard sync || (!allowEmpty && deleteMax == nil) else {
            throw ValidationError("--allow-empty and --delete-max say what --sync may delete: give --sync.")
        }
    }

    var filter: PathFilter {
        get throws {
            PathFilter(
                included: try include.map { try PathPattern($0) },
                excluded: try exclude.map { try PathPattern($0) }, heedsIgnoreFiles: !heedsNothing)
        }
    }

    /// - Throws: `EngineError.attributesInvalid`; `ValidationError` for what has no sign.
    var given: GivenAttributes {
        get throws {
            var members: [String: PlainValue] = [:]
            for text in attributes {
                guard let sign = text.firstIndex(of: "=") else {
                    throw ValidationError("--attribute takes NAME=VALUE, found '\(text)'.")
                }
                let name = String(text[..<sign])
                let value = AttributeClause.value(text[text.index(after: sign)...])
                members[name] = members[name].map { $0.appended(value) } ?? value
            }
            return try GivenAttributes(json: members)
        }
    }

    var deletionGuard: DeletionGuard {
        DeletionGuard(countMax: deleteMax ?? .max, allowsAll: allowEmpty)
    }
}
