/// Which target imports which: once as Package.swift says it, once as ARCHITECTURE.md draws it.
struct ModuleGraph: Equatable {
    /// Target name to the targets and products it names.
    var edges: [String: Set<String>]

    /// The targets of Package.swift that hold code of ours; tests and benchmarks stand outside the graph.
    static func manifest() throws -> ModuleGraph {
        let entries = try Manifest.read().entries.filter(\.isInGraph)
        return ModuleGraph(
            edges: Dictionary(uniqueKeysWithValues: entries.map { ($0.name, $0.dependencies) }))
    }

    /// The drawing between the first ```text fence of ARCHITECTURE.md and its end: `layer name ─► names
    /// [packages]`.
    static func drawing() throws -> (graph: ModuleGraph, layers: [String: Int]) {
        let text = try SourceTree.text(of: "ARCHITECTURE.md")
        guard let drawing = text.firstMatch(of: /```text\n([\s\S]*?)```/)?.output.1 else {
            return (ModuleGraph(edges: [:]), [:])
        }
        var edges: [String: Set<String>] = [:]
        var layers: [String: Int] = [:]
        for line in drawing.split(separator: "\n") {
            guard let match = line.firstMatch(of: /^(\d)\s+(\w+)\s*(?:─*►\s*([\w, ]+))?/),
                let layer = Int(match.output.1)
            else { continue }
            let name = String(match.output.2)
            layers[name] = layer
            edges[name] = Set((match.output.3 ?? "").split { ", ".contains($0) }.map(String.init))
        }
        return (ModuleGraph(edges: edges), layers)
    }
}
