import Engine
import Foundation
import TestSupport
import Testing

struct ContextTests {
    private static func guide() async throws -> TestEngine {
        let test = try TestEngine()
        let parts = (0..<8).map { "Step \($0): turn the valve number\($0) of the boiler, then wait." }
        try await test.ingest([
            "guide.md": "# Boiler\n\n" + parts.joined(separator: "\n\n"),
            "copy.md": "# Boiler\n\n" + parts.joined(separator: "\n\n"),
            "other.md": "# Garden\n\nThe valve of the garden hose is green.",
        ])
        return test
    }

    @Test(arguments: [64, 128, 512])
    func `a context keeps its budget, and every passage in it is cited`(budget: Int) async throws {
        let test = try await Self.guide()
        let block = try await test.engine.context(
            ContextRequest(search: SearchRequest(query: "boiler valve", limit: 20), tokenBudget: budget),
            in: test.scope)
        #expect(block.tokenCount <= budget && block.tokenBudget == budget)
        #expect(!block.sources.isEmpty)
        for source in block.sources {
            #expect(block.text.contains("[\(source.number)] "))
            for citation in source.citations { #expect(block.text.contains(citation.path)) }
        }
    }

    @Test func `what two documents say alike stands there once`() async throws {
        let test = try await Self.guide()
        let block = try await test.engine.context(
            ContextRequest(search: SearchRequest(query: "boiler valve", limit: 20), tokenBudget: 4_000),
            in: test.scope)
        #expect(block.text.components(separatedBy: "valve number3 ").count == 2)
        #expect(block.duplicateCount > 0)
    }

    @Test func `a budget out of range is refused`() async throws {
        let test = try await Self.guide()
        await #expect(throws: EngineError.search(.outOfRange(.tokenBudget, found: 63, allowed: 64...100_000)))
        {
            try await test.engine.context(
                ContextRequest(search: SearchRequest(query: "x"), tokenBudget: 63), in: test.scope)
        }
    }
}
