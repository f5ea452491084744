public import Foundation

/// A retrieval test collection in BEIR's form (Thakur et al. 2021): a folder with `corpus.jsonl`,
/// `queries.jsonl` and `qrels.tsv` (or `qrels/test.tsv`).
public struct RetrievalDataset: Sendable {
    /// A document of the collection.
    public struct Document: Sendable, Equatable {
        public var id: String
        public var title: String
        public var text: String
    }

    /// A question put to the collection.
    public struct Query: Sendable, Equatable {
        public var id: String
        public var text: String

        public init(id: String, text: String) {
            self.id = id
            self.text = text
        }
    }

    public var documents: [Document]

    /// The queries that have judgements, in the file's order.
    public var queries: [Query]

    /// Query id to judgements.
    public var judgements: [String: Judgements]

    /// The files it was read from, by their paths in the folder.
    public var fileNames: [String]

    /// A file larger than this is refused: the whole of it is held in memory.
    public static let fileBytesMax = DatasetLines.fileBytesMax

    /// Reads a folder whole.
    ///
    /// Fields beyond `id` (or BEIR's `_id`), `title` and `text` are passed over; an empty line ends nothing.
    public init(folder: URL) throws {
        let corpus = try Self.records(named: "corpus.jsonl", in: folder)
        documents = corpus.map { Document(id: $0.id, title: $0.title ?? "", text: $0.text) }
        let nested = FileManager.default.fileExists(atPath: folder.appending(path: "qrels/test.tsv").path)
        let qrels = nested ? "qrels/test.tsv" : "qrels.tsv"
        let judgements = try Self.readJudgements(named: qrels, in: folder)
        self.judgements = judgements
        fileNames = ["corpus.jsonl", "queries.jsonl", qrels]
        queries = try Self.records(named: "queries.jsonl", in: folder)
            .filter { judgements[$0.id] != nil }
            .map { Query(id: $0.id, text: $0.text) }
    }

    private struct Record: Decodable {
        var id: String
        var title: String?
        var text: String

        enum CodingKeys: String, CodingKey {
            case id, title, text
            case underscoredID = "_id"
        }

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            id =
                try fields.decodeIfPresent(String.self, forKey: .id)
                ?? fields.decode(String.self, forKey: .underscoredID)
            title = try fields.decodeIfPresent(String.self, forKey: .title)
            text = try fields.decode(String.self, forKey: .text)
        }
    }

    private static func records(named name: String, in folder: URL) throws -> [Record] {
        let lines = try DatasetLines.read(name, in: folder)
        let decoder = JSONDecoder()
        var seen = Set<String>()
        var records: [Record] = []
        for (number, line) in lines {
            guard let record = try? decoder.decode(Record.self, from: line) else {
                throw DatasetError.malformedLine(
                    name: name, line: number, expected: #"{"id": "…", "text": "…"}"#)
            }
            guard seen.insert(record.id).inserted else {
                throw DatasetError.duplicateID(name: name, line: number, id: record.id)
            }
            records.append(record)
        }
        return records
    }

    /// Judgements by themselves, in the form of `qrels.tsv`: query id to judgements.
    public static func judgements(file: URL) throws -> [String: Judgements] {
        try readJudgements(named: file.lastPathComponent, in: file.deletingLastPathComponent())
    }

    private static func readJudgements(
        named name: String, in folder: URL
    ) throws(DatasetError) -> [String: Judgements] {
        var judgements: [String: Judgements] = [:]
        for (number, line) in try DatasetLines.read(name, in: folder) {
            let fields = String(decoding: line, as: UTF8.self)
                .split(separator: "\t", omittingEmptySubsequences: false)
            if number == 1, fields.first == "query-id" { continue }
            guard fields.count == 3, let grade = Int(fields[2]) else {
                throw DatasetError.malformedLine(
                    name: name, line: number,
                    expected: "query-id, corpus-id and a whole score, parted by tabs")
            }
            judgements[String(fields[0]), default: [:]][String(fields[1])] = grade
        }
        guard judgements.values.contains(where: { $0.values.contains { $0 > 0 } }) else {
            throw DatasetError.noJudgements(name: name)
        }
        return judgements
    }
}
