import Testing

struct GraphTests {
    @Test func `the graph in ARCHITECTURE.md is the graph of Package.swift`() throws {
        let manifest = try ModuleGraph.manifest()
        let drawing = try ModuleGraph.drawing().graph
        #expect(!manifest.edges.isEmpty, "no targets were read from Package.swift: mend ModuleGraph.manifest")
        for name in Set(manifest.edges.keys).union(drawing.edges.keys).sorted() {
            #expect(
                manifest.edges[name] == drawing.edges[name],
                """
                \(name): Package.swift says \(manifest.edges[name]?.sorted().description ?? "no such target"), \
                ARCHITECTURE.md says \(drawing.edges[name]?.sorted().description ?? "no such target"). A new edge is a \
                design change: draw it there and say why, or take the dependency out.
                """)
        }
    }

    @Test func `a target imports only from lower layers`() throws {
        let (graph, layers) = try ModuleGraph.drawing()
        for (name, dependencies) in graph.edges {
            for dependency in dependencies {
                let own = try #require(layers[name])
                let other = try #require(layers[dependency], "\(dependency) has no line in ARCHITECTURE.md")
                #expect(
                    other < own,
                    "\(name) (layer \(own)) imports \(dependency) (layer \(other)): move the shared part down"
                )
            }
        }
    }

    @Test func `a file imports only what its target's manifest entry lists`() throws {
        let graph = try ModuleGraph.manifest()
        for file in try SourceTree.swiftFiles(under: "Sources") {
            guard let target = file.target, let allowed = graph.edges[target] else { continue }
            for line in file.codeLines {
                guard
                    let name = line.firstMatch(of: /^(?:package |public |internal )?import (\w+)/)?.output.1,
                    graph.edges[String(name)] != nil
                else { continue }
                #expect(
                    allowed.contains(String(name)),
                    "\(file.path) imports \(name), which Package.swift does not list: list it, or go without"
                )
            }
        }
    }

    @Test(arguments: ["Utils", "Util", "Common", "Core", "Helpers", "Helper", "Extensions", "Misc"])
    func `no target and no file is named for nothing`(name: String) throws {
        for file in try SourceTree.everySwiftFile() {
            let parts = file.path.split(separator: "/").map { String($0.replacing(".swift", with: "")) }
            #expect(
                !parts.contains(name),
                "\(file.path): a helper lives beside its one user; shared by three, it gets a name for its idea"
            )
        }
    }

    @Test func `every Swift target says what it is for in Module.md`() throws {
        for name in try ModuleGraph.manifest().edges.keys
        where try !SourceTree.swiftFiles(under: "Sources/\(name)").isEmpty {
            let path = "Sources/\(name)/\(name).docc/Module.md"
            #expect(
                SourceTree.exists(path),
                "\(path) is missing: the question it answers, what it does not know, where to start reading"
            )
        }
    }
}
