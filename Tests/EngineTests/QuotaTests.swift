import Engine
import Foundation
import Store
import TestSupport
import Testing

struct QuotaTests {
    @Test func `a document too many is refused before it is embedded, and the others go on`() async throws {
        let test = try TestEngine()
        try await test.ingest(["a.md": "alpha"])
        try test.engine.library.setQuota(QuotaSummary(documentCountMax: 2), in: test.scope)
        let embedded = test.embedder.textCount
        let progress = try await test.ingest(["a.md": "alpha beta", "b.md": "gamma", "c.md": "delta"])
        #expect(progress.replacedCount == 1 && progress.failures.count == 1)
        #expect(progress.failures.first?.error as? StoreError == .quotaExceeded(.documents, found: 3, max: 2))
        #expect(test.embedder.textCount == embedded + 2)
    }

    @Test func `growth is bounded in bytes, also of a document that is there`() async throws {
        let test = try TestEngine()
        try test.engine.library.setQuota(QuotaSummary(byteCountMax: 20), in: test.scope)
        try await test.ingest(["a.md": "0123456789"])
        await #expect(throws: StoreError.quotaExceeded(.bytes, found: 25, max: 20)) {
            try await test.engine.put(
                TestEngine.item("a.md", bytes: Array(repeating: 0x61, count: 25)), in: test.scope)
        }
        _ = try await test.engine.put(
            TestEngine.item("a.md", bytes: Array("shorter".utf8)), in: test.scope)
        _ = try await test.engine.put(
            TestEngine.item("b.md", bytes: Array("0123456789".utf8)), in: test.scope)
        try test.engine.library.setQuota(nil, in: test.scope)
        _ = try await test.engine.put(
            TestEngine.item("c.md", bytes: Array(repeating: 0x61, count: 25)), in: test.scope)
    }

    @Test func `of many at once no more come in than there is room for`() async throws {
        let test = try TestEngine()
        try test.engine.library.setQuota(QuotaSummary(documentCountMax: 10), in: test.scope)
        let (engine, scope) = (test.engine, test.scope)
        let admitted = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<20 {
                group.addTask {
                    let item = TestEngine.item("d\(number).md", bytes: Array("text \(number)".utf8))
                    return (try? await engine.put(item, in: scope)) != nil
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        let held = try test.engine.library.summary(in: test.scope).documentCount
        #expect(held == admitted && held <= 10)
        // Whoever was turned away for a reservation that came to count twice finds its room now.
        for number in 0..<20 where held < 10 {
            let item = TestEngine.item("e\(number).md", bytes: Array("more \(number)".utf8))
            if (try? await engine.put(item, in: scope)) == nil { break }
        }
        #expect(try test.engine.library.summary(in: test.scope).documentCount == 10)
    }
}
