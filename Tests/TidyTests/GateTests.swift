import Foundation
import Testing

/// The gate that every change goes through, here and on the forge: the same one, and nothing beside it.
struct GateTests {
    private static let workflow = ".github/workflows/ci.yml"

    @Test(arguments: ["make lint", "make test"])
    func `the gate checks the form and runs every test`(command: String) throws {
        let lines = try SourceTree.text(of: ".ci/run").split(separator: "\n")
        #expect(lines.contains { $0 == command }, ".ci/run does not run `\(command)` plainly: put it back")
    }

    @Test func `the gate stops at the first failure`() throws {
        let text = try SourceTree.text(of: ".ci/run")
        #expect(
            text.contains("\nset -euo pipefail\n"), ".ci/run goes on after a failure: `set -euo pipefail`")
    }

    @Test func `the forge runs the gate once, and tests by nothing else`() throws {
        let commands = try Self.commands(in: SourceTree.text(of: Self.workflow))
        #expect(
            commands.filter { $0.contains(".ci/run") } == ["bash .ci/run"],
            "\(Self.workflow): one step runs `bash .ci/run`, so that a change is judged there as it is here"
        )
        let targets = try Set(Makefile.targets())
        for command in commands {
            let makes = command.matches(of: /\bmake ([\w-]+)/).contains {
                targets.contains(String($0.output.1))
            }
            #expect(
                !makes && !command.contains(/\bswift (?:build|test|run|format)\b|\bpytest\b|\bscript\//),
                "\(Self.workflow): `\(command)` judges beside .ci/run: do it in there"
            )
        }
    }

    @Test func `no change goes by the gate`() throws {
        let text = try SourceTree.text(of: Self.workflow)
        for event in ["push", "pull_request"] {
            #expect(
                text.contains(try Regex(#"(?m)^  \#(event):|^on: \[.*\b\#(event)\b.*\]"#)),
                "\(Self.workflow) does not run on \(event): add it under `on:`"
            )
        }
        #expect(
            !text.contains(/\bcontinue-on-error:|(?m)^\s*(?:- )?if:/),
            "\(Self.workflow): a condition or continue-on-error lets a change through unjudged: take it out"
        )
    }

    @Test func `make lint reads every folder that holds Swift`() throws {
        let recipe = try Makefile.recipe(of: "lint").joined(separator: "\n")
        #expect(recipe.contains("--strict"), "Makefile: `make lint` only warns without --strict: put it back")
        let words = Set(recipe.split(separator: " ").map(String.init))
        let top = try FileManager.default.contentsOfDirectory(atPath: SourceTree.root.path)
        for name in top.sorted() where !name.hasPrefix(".") {
            guard SourceTree.paths(under: name).contains(where: { $0.hasSuffix(".swift") }) else { continue }
            #expect(
                words.contains(name), "Makefile: `make lint` does not read \(name), which holds Swift: add it"
            )
            #expect(
                SourceTree.swiftFolders.contains(name),
                "the rules here do not see \(name), which holds Swift: add it to SourceTree.swiftFolders"
            )
        }
    }

    /// What the steps of a workflow run, line by line.
    private static func commands(in workflow: String) -> [String] {
        var commands: [String] = []
        var blockIndentation: Int?
        for line in workflow.split(separator: "\n") {
            let indentation = line.prefix { $0 == " " }.count
            if let block = blockIndentation, indentation > block {
                commands.append(line.trimmingCharacters(in: .whitespaces))
                continue
            }
            blockIndentation = nil
            guard let command = line.firstMatch(of: /^\s*(?:- )?run:\s*(.*?)\s*$/)?.output.1 else { continue }
            if command.contains(/^[|>]/) {
                blockIndentation = indentation
            } else {
                commands.append(String(command))
            }
        }
        return commands
    }
}
