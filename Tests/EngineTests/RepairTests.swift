import Columnar
import Engine
import Foundation
import TestSupport
import Testing

struct RepairTests {
    /// An engine whose rows are all in one sealed segment.
    private func sealed() async throws -> (test: TestEngine, answer: [Answer]) {
        let test = try TestEngine(tailRowsSealedAtClose: 1)
        try await test.ingest(Texts.documents(count: 12, paragraphs: 8, seed: 20))
        try await test.engine.close()
        let reopened = try TestEngine(folder: test.folder)
        return (reopened, try await Self.answer(reopened))
    }

    /// A sealed file is read-only, so damage comes as another file of its name.
    private static func overwrite(_ file: URL, with bytes: [UInt8]) throws {
        try FileManager.default.removeItem(at: file)
        try Data(bytes).write(to: file)
    }

    private struct Answer: Equatable {
        var chunk: String
        var similarity: Float?
    }

    private static func answer(_ test: TestEngine) async throws -> [Answer] {
        try await test.search("w11 w12 own3x2", limit: 20).hits.map {
            Answer(chunk: $0.citation.chunkID, similarity: $0.similarity)
        }
    }

    @Test
    func `a byte flipped anywhere in a segment changes no answer: it is found and the segment written anew`()
        async throws
    {
        let (test, expected) = try await sealed()
        #expect(expected.count == 20)
        var generator = SplitMix64(seed: 21)
        for _ in 0..<200 {
            let file = try #require(try test.segmentFiles().first)
            var bytes = [UInt8](try Data(contentsOf: file))
            let place = Int.random(in: bytes.indices, using: &generator)
            bytes[place] ^= UInt8.random(in: 1...255, using: &generator)
            try Self.overwrite(file, with: bytes)
            let reopened = try TestEngine(folder: test.folder)
            let report = try reopened.engine.library.verify(in: reopened.scope)
            #expect(report.findings.count == 1, "byte \(place): \(report.findings)")
            #expect(try await Self.answer(reopened) == expected, "byte \(place)")
            // A search mends what it meets. A column that no search reads waits for the operator.
            if try !reopened.engine.library.verify(in: reopened.scope).findings.isEmpty {
                _ = try reopened.engine.library.rebuild(in: reopened.scope)
            }
            #expect(try reopened.engine.library.verify(in: reopened.scope).findings.isEmpty)
        }
    }

    @Test(arguments: [0, 1, 100, 4_096])
    func `a truncated or missing segment is written anew`(byteCount: Int) async throws {
        let (test, expected) = try await sealed()
        let file = try #require(try test.segmentFiles().first)
        if byteCount == 0 {
            try FileManager.default.removeItem(at: file)
        } else {
            try Self.overwrite(file, with: [UInt8](try Data(contentsOf: file).prefix(byteCount)))
        }
        let reopened = try TestEngine(folder: test.folder)
        #expect(try await Self.answer(reopened) == expected)
        #expect(try await reopened.search("w1").searched.isComplete)
    }

    @Test func `a rebuild gives the same answers from one new segment`() async throws {
        let (test, expected) = try await sealed()
        let before = try test.segmentFiles()
        let report = try test.engine.library.rebuild(in: test.scope)
        #expect(report.segmentCount == 1 && report.rowCount > 0)
        let after = try test.segmentFiles()
        #expect(after.count == 1 && after != before, "a segment's name is never used again")
        #expect(try await Self.answer(test) == expected)
        let reopened = try TestEngine(folder: test.folder)
        #expect(try await Self.answer(reopened) == expected)
    }

    @Test func `rows that died after sealing stay dead through a rebuild and a restart`() async throws {
        let (test, _) = try await sealed()
        try await test.ingest(["d3.md": "nothing of what was there"])
        func paths(_ test: TestEngine) async throws -> [String] {
            try await test.search("own3x2 w11", limit: 1_000).hits
                .filter { $0.text.contains("own3x") }.map(\.citation.path)
        }
        #expect(try await paths(test).isEmpty)
        _ = try test.engine.library.rebuild(in: test.scope)
        #expect(try await paths(test).isEmpty)
        let reopened = try TestEngine(folder: test.folder)
        #expect(try await paths(reopened).isEmpty)
        #expect(try await reopened.search("w1").searched.isComplete)
    }

    @Test func `rows that died before they were sealed stay dead through a rebuild`() async throws {
        let test = try TestEngine(tailRowsMax: 24)
        try await test.ingest(["a.md": "gone before anything is sealed", "b.md": "stays"])
        try await test.ingest(["a.md": "what took its place"])
        try await test.ingest(Texts.documents(count: 20, paragraphs: 8, seed: 22))
        #expect(try await test.search("w1").searched.sealed > 0, "nothing was sealed")
        for _ in 0..<2 {
            _ = try test.engine.library.rebuild(in: test.scope)
            let response = try await test.search("gone before anything is sealed", limit: 1_000)
            #expect(!response.hits.contains { $0.text.contains("gone before") })
            #expect(response.searched.isComplete, "\(response.searched)")
        }
    }

    @Test func `a segment in an older version of the format is written anew from the database`() async throws
    {
        let (test, expected) = try await sealed()
        let file = try #require(try test.segmentFiles().first)
        let number = try #require(Int64(file.deletingPathExtension().lastPathComponent))
        // Version 1 had the same columns; what is in them is not looked at.
        let columns = [(1, ColumnElementType.int64, 1), (2, .int64, 1), (3, .int64, 1), (4, .float32, 64)]
        try FileManager.default.removeItem(at: file)
        let writer = try ColumnFileWriter(
            creating: file.path,
            identity: ColumnFileIdentity(
                kind: 1, kindVersion: 1, number: number, rowCount: 0, dimension: 64, sequences: 1...12),
            columns: columns.map { id, type, elements in
                ColumnDescription(
                    id: ColumnID(rawValue: UInt32(id)), elementType: type,
                    shape: ColumnShape(rowCount: 0, rowElements: elements))
            })
        _ = try writer.finish()
        let reopened = try TestEngine(folder: test.folder)
        let findings = try reopened.findings()
        #expect(findings.count == 1 && findings[0].contains("version"), "\(findings)")
        #expect(try await Self.answer(reopened) == expected)
        #expect(try reopened.findings() == [])
        #expect(!FileManager.default.fileExists(atPath: file.path))
    }

    @Test func `a deleted workspace is gone, and its name free`() async throws {
        let (test, _) = try await sealed()
        try test.engine.library.deleteWorkspace(in: test.scope)
        #expect(try test.segmentFiles().isEmpty)
        #expect(throws: EngineError.workspaceNotFound("notes")) {
            try test.engine.library.operatorScope(forWorkspace: "notes")
        }
        try test.engine.library.createWorkspace(named: "notes")
        let scope = try test.engine.library.operatorScope(forWorkspace: "notes")
        let response = try await test.engine.search(SearchRequest(query: "w1"), in: scope)
        #expect(response.hits.isEmpty)
    }
}
