/// Which files of a source are wanted: what its user says, and what the folders themselves do.
package struct PathFilter: Sendable {
    /// Of these one must match, where there are any.
    package var included: [PathPattern]

    /// Of these none may; of a folder neither.
    package var excluded: [PathPattern]

    /// Whether `.gitignore` and `.carrelignore` in the source's folders are heeded.
    package var heedsIgnoreFiles: Bool

    /// A command line has no more.
    package static let patternCountMax = 1_000

    package init(
        included: [PathPattern] = [], excluded: [PathPattern] = [], heedsIgnoreFiles: Bool = true
    ) {
        self.included = included
        self.excluded = excluded
        self.heedsIgnoreFiles = heedsIgnoreFiles
    }

    /// Whether a file is wanted, or a folder worth looking into.
    ///
    /// - Parameter path: within the source.
    package func admits(_ path: String, isFolder: Bool) -> Bool {
        admits(path.split(separator: "/").map { Array($0.unicodeScalars) }, isFolder: isFolder)
    }

    func admits(_ names: [[Unicode.Scalar]], isFolder: Bool) -> Bool {
        // A name that begins with a dot is for programs, not for readers.
        if names.last?.first == "." { return false }
        if excluded.contains(where: { $0.matches(names, isFolder: isFolder) }) { return false }
        guard !included.isEmpty else { return true }
        return included.contains { pattern in
            isFolder ? pattern.mayMatch(inside: names) : Self.includes(pattern, names)
        }
    }

    /// A pattern that matches a folder includes what is in it.
    private static func includes(_ pattern: PathPattern, _ names: [[Unicode.Scalar]]) -> Bool {
        pattern.matches(names, isFolder: false)
            || (1..<max(names.count, 1)).contains { pattern.matches(Array(names.prefix($0)), isFolder: true) }
    }
}
