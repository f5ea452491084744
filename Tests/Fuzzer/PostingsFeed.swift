import Columnar
import Foundation
import TestSupport
import TextIndex

/// The reader of sealed postings: what it opens, it must be able to search, to explain, to check and to write anew.
struct PostingsFeed {
    private let folder: URL
    private let description: PostingsDescription

    private static let queries = [
        "tern gull petrel", "\"gull petrel\" tern", "te* -skua", "-\"tern gull\" petrel", "auk",
    ]

    init(in folder: URL) throws {
        var random = SplitMix64(seed: 5)
        let words = ["tern", "gull", "petrel", "skua", "auk", "puffin", "ERR_4711", "terns"]
        let rows = (0..<Int64(150)).map { row in
            let text = (0..<Int.random(in: 1...20, using: &random)).map { _ in
                words[min(Int.random(in: 0..<64, using: &random).trailingZeroBitCount, words.count - 1)]
            }
            return TextRow(
                row: row, document: row / 3, bornSequence: 1, language: row % 5 == 0 ? .unknown : .english,
                title: row % 7 == 0 ? "Auks" : "", headings: ["Birds"], text: text.joined(separator: " "))
        }
        let index = TextIndex()
        try index.apply([TextChange(sequence: 1, insertions: rows)])
        description = try index.writeSegment(number: 1, in: folder)
        self.folder = folder
    }

    var fileName: String { description.fileName }

    /// The file lies in its place.
    func read(_ file: ColumnFile) throws {
        let described = PostingsDescription(
            number: description.number, rowCount: description.rowCount, sequences: description.sequences,
            byteCount: Int64(file.byteCount), digest: file.hexadecimalDigest)
        let index = TextIndex()
        try index.open([described], in: folder)
        for text in Self.queries {
            let query = TextQuery(parsing: text, languages: [.english])
            let found = try index.snapshot.search(query, k: 10)
            _ = try index.snapshot.receipts(query, rows: found.map(\.row) + [3, 4])
            _ = try index.snapshot.search(
                query, k: 200, filter: TextFilter.rows { _, document in document % 3 == 0 })
        }
        let compacted = Result { () throws(TextIndexError) in
            try index.writeCompacted([described.number], number: 9, in: folder)
        }
        try? FileManager.default.removeItem(at: folder.appending(path: "9.postings"))
        try index.snapshot.verify(segment: described.number)
        _ = try compacted.get()
    }
}
