public import Foundation

/// What a search answered to every query, as it is kept in a file.
///
/// The file is a TREC run, which `trec_eval` and its like read: a line for each document, `query Q0 document rank score
/// tag`, parted by blanks, ranks from 1. Here the rank decides the order; `trec_eval` goes by the score.
public struct RankedRun: Sendable, Equatable {
    /// A document and how well it fits.
    public struct Entry: Sendable, Equatable {
        public var document: String
        public var score: Double

        public init(document: String, score: Double) {
            (self.document, self.score) = (document, score)
        }
    }

    /// Query id to documents, best first, no document twice.
    public var rankings: [String: [Entry]]

    public init(rankings: [String: [Entry]] = [:]) {
        self.rankings = rankings
    }

    /// Query id to document ids, best first.
    public var documents: [String: [String]] { rankings.mapValues { $0.map(\.document) } }

    /// Whether an id can stand in a file.
    public static func checkWritable(id: String) throws(DatasetError) {
        guard !id.isEmpty, !id.contains(where: \.isWhitespace) else { throw .idNotWritable(id: id) }
    }

    /// The file's text.
    ///
    /// - Parameter tag: a word for the run.
    public func text(tag: String) throws(DatasetError) -> String {
        try Self.checkWritable(id: tag)
        var lines: [String] = []
        for (query, entries) in rankings.sorted(by: { $0.key < $1.key }) {
            try Self.checkWritable(id: query)
            for (rank, entry) in zip(1..., entries) {
                try Self.checkWritable(id: entry.document)
                lines.append("\(query) Q0 \(entry.document) \(rank) \(entry.score) \(tag)\n")
            }
        }
        return lines.joined()
    }

    /// Reads a file whole.
    public init(file: URL) throws(DatasetError) {
        let name = file.lastPathComponent
        var ranked: [String: [(rank: Int, entry: Entry)]] = [:]
        var ranks = Set<[String]>()
        var documents = Set<[String]>()
        for (line, bytes) in try DatasetLines.read(name, in: file.deletingLastPathComponent()) {
            let fields = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
            guard fields.count == 6, let rank = Int(fields[3]), rank >= 0, let score = Double(fields[4]),
                score.isFinite
            else {
                throw .malformedLine(
                    name: name, line: line,
                    expected: "query, Q0, document, rank, score and tag, parted by blanks")
            }
            let (query, document) = (String(fields[0]), String(fields[2]))
            guard documents.insert([query, document]).inserted else {
                throw .duplicateID(name: name, line: line, id: document)
            }
            guard ranks.insert([query, "\(rank)"]).inserted else {
                throw .duplicateRank(name: name, line: line, rank: rank)
            }
            ranked[query, default: []].append((rank, Entry(document: document, score: score)))
        }
        guard !ranked.isEmpty else { throw .emptyRun(name: name) }
        rankings = ranked.mapValues { $0.sorted { $0.rank < $1.rank }.map(\.entry) }
    }
}
