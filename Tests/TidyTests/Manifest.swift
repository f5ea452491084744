/// Package.swift, read as text: its targets, its libraries, and its names for other packages' products.
struct Manifest {
    /// One target as it is written there.
    struct Entry {
        /// `target`, `executableTarget`, `testTarget`, `systemLibrary`.
        let kind: String
        let name: String
        /// From the kind to the closing parenthesis.
        let text: Substring

        /// Where its files stand.
        var folder: String {
            if let path = text.firstMatch(of: /\bpath: "([^"]+)"/)?.output.1 { return String(path) }
            return (kind == "testTarget" ? "Tests/" : "Sources/") + name
        }

        /// Targets of ours that it names; products of packages are written as values or `.product(…)`.
        var dependencies: Set<String> {
            guard let list = text.firstMatch(of: /dependencies: \[([^\]]*)\]/)?.output.1 else { return [] }
            let withoutProducts = list.replacing(/\.product\([^)]*\)/, with: "")
            return Set(withoutProducts.matches(of: /"(\w+)"/).map { String($0.output.1) })
        }

        /// Tests and benchmarks stand outside the graph.
        var isInGraph: Bool { folder.hasPrefix("Sources/") }
    }

    let text: String
    let entries: [Entry]

    static func read() throws -> Manifest {
        Manifest(text: try SourceTree.text(of: "Package.swift"))
    }

    init(text: String) {
        self.text = text
        let opening = /\.(target|executableTarget|testTarget|systemLibrary|macro|plugin)\(\s*name: "(\w+)"/
        entries = text.matches(of: opening).map { match in
            Entry(
                kind: String(match.output.1), name: String(match.output.2),
                text: text[match.range.lowerBound..<Self.end(ofCallAt: match.range.lowerBound, in: text)])
        }
    }

    /// Behind the parenthesis that closes the first one opened at or after `start`.
    private static func end(ofCallAt start: String.Index, in text: String) -> String.Index {
        var depth = 0
        for index in text[start...].indices {
            if text[index] == "(" { depth += 1 }
            if text[index] == ")" {
                depth -= 1
                if depth == 0 { return text.index(after: index) }
            }
        }
        return text.endIndex
    }

    /// Targets that a `.library` product ships: their `public` is a promise.
    var libraryTargets: Set<String> {
        let lists = text.matches(of: /\.library\([^\[]*targets: \[([^\]]*)\]/).map(\.output.1)
        return Set(lists.flatMap { $0.matches(of: /"(\w+)"/).map { String($0.output.1) } })
    }

    /// The module behind each name that stands for a product of another package.
    var productNames: [(value: String, module: String)] {
        text.matches(of: /let (\w+) = Target\.Dependency\.product\(\s*name: "(\w+)"/).map {
            (String($0.output.1), String($0.output.2))
        }
    }
}
