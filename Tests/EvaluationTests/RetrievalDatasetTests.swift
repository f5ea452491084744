import Evaluation
import Foundation
import Testing

struct RetrievalDatasetTests {
    static let corpus = """
        {"id":"d1","title":"One","text":"first"}

        {"_id":"d2","text":"second"}

        """
    static let queries = #"{"id":"q1","text":"which?"}"# + "\n" + #"{"id":"q2","text":"unjudged"}"# + "\n"
    static let judgements = "query-id\tcorpus-id\tscore\nq1\td2\t1\n"

    private func dataset(
        corpus: String = corpus, queries: String = queries, judgements: String? = judgements
    ) throws -> RetrievalDataset {
        let folder = FileManager.default.temporaryDirectory.appending(path: "dataset-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(corpus.utf8).write(to: folder.appending(path: "corpus.jsonl"))
        try Data(queries.utf8).write(to: folder.appending(path: "queries.jsonl"))
        if let judgements { try Data(judgements.utf8).write(to: folder.appending(path: "qrels.tsv")) }
        return try RetrievalDataset(folder: folder)
    }

    @Test func `a folder is read with either name of the id, and only judged queries are kept`() throws {
        let dataset = try dataset()
        #expect(dataset.documents.map(\.id) == ["d1", "d2"])
        #expect(dataset.documents.map(\.title) == ["One", ""])
        #expect(dataset.queries == [.init(id: "q1", text: "which?")])
        #expect(dataset.judgements == ["q1": ["d2": 1]])
    }

    @Test func `a malformed line is named by file and number`() throws {
        #expect {
            try dataset(corpus: Self.corpus + "{\"id\": 7}\n")
        } throws: { error in
            guard case .malformedLine("corpus.jsonl", 4, _) = error as? DatasetError else { return false }
            return true
        }
        #expect {
            try dataset(judgements: "q1\td2\n")
        } throws: { error in
            guard case .malformedLine("qrels.tsv", 1, _) = error as? DatasetError else { return false }
            return true
        }
    }

    @Test func `a repeated id and missing judgements are refused`() throws {
        #expect(throws: DatasetError.duplicateID(name: "corpus.jsonl", line: 4, id: "d1")) {
            try dataset(corpus: Self.corpus + #"{"id":"d1","text":"again"}"#)
        }
        #expect(throws: DatasetError.noJudgements(name: "qrels.tsv")) {
            try dataset(judgements: "query-id\tcorpus-id\tscore\n")
        }
        #expect {
            try dataset(judgements: nil)
        } throws: { error in
            guard case .fileMissing("qrels.tsv", _) = error as? DatasetError else { return false }
            return true
        }
    }
}
