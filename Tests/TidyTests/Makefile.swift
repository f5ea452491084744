/// The Makefile, read as text.
enum Makefile {
    /// What `make` can be called with.
    static func targets() throws -> [String] {
        try SourceTree.text(of: "Makefile").matches(of: /(?m)^([a-z][\w-]*):(?!=)/).map {
            String($0.output.1)
        }
    }

    /// The lines that `make target` runs.
    static func recipe(of target: String) throws -> [Substring] {
        let lines = try SourceTree.text(of: "Makefile").split(
            separator: "\n", omittingEmptySubsequences: false)
        return Array(lines.drop { !$0.hasPrefix(target + ":") }.dropFirst().prefix { $0.hasPrefix("\t") })
    }
}
