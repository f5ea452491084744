import Testing

/// Invariant 9. What a wire is, is said here by its modules: whoever has none of them has no type of one.
struct WireTests {
    /// The targets that speak to a network, all above layer 4.
    private static let speakers: Set<String> = ["Server", "Cloud", "CLI"]

    private static var wire: Regex<Substring> {
        #/NIO\w*|Hummingbird\w*|HTTPTypes\w*|AsyncHTTPClient|ServiceLifecycle|FoundationNetworking|WS\w+/#
    }

    @Test func `the wire stays outside: only Server, Cloud and CLI import one`() throws {
        for file in try SourceTree.swiftFiles(under: "Sources") {
            guard let target = file.target, !Self.speakers.contains(target) else { continue }
            for (number, line) in zip(1..., file.codeLines) {
                guard let module = Self.importedModule(in: line), module.wholeMatch(of: Self.wire) != nil
                else { continue }
                Issue.record(
                    """
                    \(file.path):\(number) imports \(module): \(target) knows no wire. Take a value of our own \
                    here, and translate it in Server (ours) or Cloud (other people's).
                    """)
            }
        }
    }

    @Test func `the wire stays outside: only Server, Cloud and CLI are linked with one`() throws {
        let manifest = try Manifest.read()
        let wires = manifest.productNames.filter { $0.module.wholeMatch(of: Self.wire) != nil }
        for entry in manifest.entries where entry.isInGraph && !Self.speakers.contains(entry.name) {
            let words = Set(entry.text.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map(String.init))
            for wire in wires where words.contains(wire.value) || words.contains(wire.module) {
                Issue.record(
                    "Package.swift: \(entry.name) depends on \(wire.module): take it out, it knows no wire")
            }
        }
    }

    @Test func `the wire stays outside: whoever speaks to a network stands above layer 4`() throws {
        for (name, layer) in try ModuleGraph.drawing().layers where Self.speakers.contains(name) {
            #expect(layer > 4, "ARCHITECTURE.md draws \(name) in layer \(layer), where no wire is known")
        }
    }

    private static func importedModule(in line: Substring) -> Substring? {
        guard line.contains("import ") else { return nil }
        return line.firstMatch(
            of: /\bimport (?:(?:struct|class|enum|protocol|func|let|var|typealias) )?(\w+)/)?.output.1
    }
}
