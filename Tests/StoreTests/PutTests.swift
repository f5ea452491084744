import Documents
import Store
import Testing

struct PutTests {
    private let workspace: TestWorkspace

    init() throws {
        workspace = try TestWorkspace()
    }

    @discardableResult
    private func put(_ id: String, _ text: String, vectors: [[Float]]? = nil) throws -> CommitRecord {
        let chunks = TestWorkspace.chunks(of: text)
        return try workspace.store.put(
            workspace.draft(id, text), chunks,
            vectors: vectors ?? chunks.map { TestWorkspace.vector(of: $0.text) }, source: Array(text.utf8))
    }

    @Test func `a document put with its vectors reads as one that was staged and committed`() throws {
        let text = "one\ntwo\nthree"
        let record = try put("a.txt", text)
        let staged = try workspace.put("b.txt", text)
        #expect(record.sequence.rawValue == 1 && staged.sequence.rawValue == 2)
        #expect(try workspace.visible() == ["a.txt": text, "b.txt": text])
        let commits = try workspace.store.commits(after: .zero, in: workspace.space.id, limit: 10)
        let vectors = commits.map { $0.born.map(\.vector) }
        #expect(vectors.count == 2 && vectors[0].count == 3 && vectors[0] == vectors[1])
    }

    @Test func `a text that has a vector keeps it`() throws {
        try put("a.txt", "one", vectors: [[1, 0, 0, 0]])
        try put("b.txt", "one", vectors: [[0, 1, 0, 0]])
        let commits = try workspace.store.commits(after: .zero, in: workspace.space.id, limit: 10)
        #expect(commits.map { $0.born.map(\.vector) } == [[[1, 0, 0, 0]], [[1, 0, 0, 0]]])
    }

    @Test func `a vector of another dimension is refused before anything is written`() throws {
        #expect(throws: StoreError.dimensionMismatch(expected: 4, found: 2)) {
            try put("a.txt", "one", vectors: [[1, 0]])
        }
        #expect(try workspace.visible().isEmpty)
    }

    @Test func `a document that is put again replaces the one before`() throws {
        try put("a.txt", "one")
        let record = try put("a.txt", "two\nthree")
        #expect(record.retiredVersion != nil && record.revision == 2)
        #expect(try workspace.visible() == ["a.txt": "two\nthree"])
    }
}
