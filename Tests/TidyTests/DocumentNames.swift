/// What a Markdown document names in backquotes, in its code fences and in its links.
struct DocumentNames {
    /// A word and the line it stands on, from 1.
    struct Name {
        let line: Int
        let text: String
    }

    /// Words that claim to be paths of this repository.
    var paths: [Name] = []

    /// What `make` is called with.
    var makeTargets: [Name] = []

    /// Relative targets of links, without their fragment.
    var links: [Name] = []

    init(_ file: SourceFile) {
        var isFenced = false
        for (number, line) in zip(1..., file.lines) {
            if line.contains(/^\s*```/) {
                isFenced.toggle()
            } else if isFenced {
                // What stands behind a number sign in a fence explains, and names nothing.
                read(line.prefixMatch(of: /.*?(?=\s#\s|$)/)?.output ?? line, line: number)
            } else {
                for span in line.matches(of: /`([^`]+)`/) { read(span.output.1, line: number) }
                for link in line.matches(of: /\]\(([^)#\s]+)/) where !link.output.1.contains(":") {
                    links.append(Name(line: number, text: String(link.output.1)))
                }
            }
        }
    }

    private mutating func read(_ code: Substring, line: Int) {
        for call in code.matches(of: /(?:^|[\s;&|(])make ([a-z][\w-]*)/) {
            makeTargets.append(Name(line: line, text: String(call.output.1)))
        }
        for word in code.split(separator: /\s+/) {
            if let path = Self.path(in: word) { paths.append(Name(line: line, text: path)) }
        }
    }

    /// The path that a word claims to be (`CLI/Carrel`, `script/demo`, `Datasets/skerry/radio.md:13-17`);
    /// nil for placeholders, absolute paths, addresses and paths of other people's folders.
    static func path(in word: Substring) -> String? {
        let bare = word.trimmingPrefix(/[(]/).replacing(/(?::\d+(?:-\d+)?)?[),.;:]*$/, with: "")
        guard !bare.contains(/[<>*$~…{}|"'=\\:,()]|NNN|\.\.|^[\/-]/), !bare.isEmpty else { return nil }
        let parts = bare.split(separator: "/")
        let isOurs = folders.contains(String(parts[0])) || parts[0].hasSuffix(".docc")
        let isCode = bare.contains(/\w\.(?:swift|c|h)$/)
        return (bare.contains("/") && isOurs) || isCode ? String(bare) : nil
    }

    /// What a path of ours begins with: a folder at the root, or a target, as `Sources/` may be left out.
    /// `Models/` is not among them, as what stands there is fetched.
    private static let folders: Set<String> = {
        let targets = (try? ModuleGraph.manifest().edges.keys.map { $0 }) ?? []
        return Set(SourceTree.swiftFolders + ["Datasets", "script", ".ci", ".github"] + targets)
    }()
}
