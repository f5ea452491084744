public import Foundation

/// What can be wrong with a dataset folder. All of them mean "mend the folder".
public enum DatasetError: Error, Sendable, Equatable {
    case fileMissing(name: String, folder: String)
    case fileTooLarge(name: String, byteCount: Int, byteCountMax: Int)
    case malformedLine(name: String, line: Int, expected: String)
    case duplicateID(name: String, line: Int, id: String)
    case noJudgements(name: String)
}

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

    /// A file larger than this is refused: the whole of it is held in memory.
    public static let fileBytesMax = 2 << 30

    /// Reads a folder whole.
    ///
    /// Fields beyond `id` (or BEIR's `_id`), `title` and `text` are passed over; an empty line ends nothing.
    public init(folder: URL) throws {
        let corpus = try Self.records(named: "corpus.jsonl", in: folder)
        documents = corpus.map { Document(id: $0.id, title: $0.title ?? "", text: $0.text) }
        let judgements = try Self.readJudgements(in: folder)
        self.judgements = judgements
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
        let lines = try lines(of: name, in: folder)
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

    private static func readJudgements(in folder: URL) throws -> [String: Judgements] {
        let nested = FileManager.default.fileExists(atPath: folder.appending(path: "qrels/test.tsv").path)
        let name = nested ? "qrels/test.tsv" : "qrels.tsv"
        var judgements: [String: Judgements] = [:]
        for (number, line) in try lines(of: name, in: folder) {
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
        guard !judgements.isEmpty else { throw DatasetError.noJudgements(name: name) }
        return judgements
    }

    /// The lines that hold anything, with their 1-based numbers. Only LF and CRLF end a line: JSON may hold
    /// others.
    private static func lines(of name: String, in folder: URL) throws -> [(Int, Data)] {
        let url = folder.appending(path: name)
        guard let byteCount = try? FileManager.default.attributesOfItem(atPath: url.path)[.size] as? Int
        else {
            throw DatasetError.fileMissing(name: name, folder: folder.path)
        }
        guard byteCount <= fileBytesMax else {
            throw DatasetError.fileTooLarge(name: name, byteCount: byteCount, byteCountMax: fileBytesMax)
        }
        let lines = try Data(contentsOf: url).split(
            separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        return zip(1..., lines).compactMap { number, line in
            let content = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            return content.allSatisfy { $0 == UInt8(ascii: " ") } ? nil : (number, content)
        }
    }
}
