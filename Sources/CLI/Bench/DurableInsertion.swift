import Documents
import Evaluation
import Foundation
import Store
import VectorIndex

/// How many rows a second are made safe on the disk and found by the next search.
///
/// The steps are those of an ingest after embedding: the Store commits (SQLite, WAL, `synchronous=FULL`), the
/// index follows its log. What an ingest does before (reading, chunks, vectors) is not measured, nor what the
/// rows themselves are made of here.
struct DurableInsertion {
    /// Rows of one transaction.
    static let batchRows = 1_000

    /// Bytes of a row's text in the second measurement: about what a chunk of 200 tokens has.
    static let textBytes = 800

    let vectors: InsertedVectors
    let rowCount: Int
    let folder: URL

    func measure() throws -> DurableRecord {
        let bare = try run(textBytes: 0, in: folder.appending(path: "durable"))
        let texts = try run(textBytes: Self.textBytes, in: folder.appending(path: "durable-text"))
        return DurableRecord(
            rows: rowCount, batchRows: Self.batchRows, rowsPerSecond: bare.rowsPerSecond,
            batch: Percentiles(bare.batches), textBytes: Self.textBytes,
            rowsWithTextPerSecond: texts.rowsPerSecond, batchWithText: Percentiles(texts.batches),
            storeShare: bare.storeShare, notFoundAtOnce: bare.notFound + texts.notFound)
    }

    private struct Run {
        var batches = LatencyHistogram()
        var rows = 0
        var seconds = 0.0
        var storeSeconds = 0.0
        var notFound = 0

        var rowsPerSecond: Double { Double(rows) / max(seconds, 1e-9) }
        var storeShare: Double { storeSeconds / max(seconds, 1e-9) }
    }

    private func run(textBytes: Int, in directory: URL) throws -> Run {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let store = try WorkspaceStore.create(
            at: directory.appending(path: "workspace").path(percentEncoded: false), environment: .system)
        let dimension = vectors.base.dimension
        let space = try store.ensureLiveSpace(
            SpaceKey(model: "bench", revision: "1", precision: "float32", dimension: dimension))
        let index = VectorIndex(configuration: .init(dimension: dimension))
        let maintenance = IndexMaintenance(of: index, in: directory, after: 0)
        var run = Run()
        for batch in 0..<((rowCount + Self.batchRows - 1) / Self.batchRows) {
            let count = min(Self.batchRows, rowCount - run.rows)
            let document = DurableDocument(
                number: batch, vectors: try vectors.vectors(batch: batch, count: count), textBytes: textBytes)
            if index.tailState.isFull { try maintenance.wait() }
            let start = ProcessFigures.nanoseconds
            let record = try store.put(
                document.draft(in: space.id), document.chunks, vectors: document.vectors,
                source: document.source)
            let committed = ProcessFigures.nanoseconds
            let row = try Self.follow(store, space.id, record, index)
            try maintenance.sealIfNeeded()
            let end = ProcessFigures.nanoseconds
            run.batches.record(nanoseconds: end - start)
            run.seconds += Double(end - start) / 1e9
            run.storeSeconds += Double(committed - start) / 1e9
            run.rows += count
            let found = try index.snapshot.search(document.vectors[0], k: 10, options: SearchOptions())
            if !found.neighbors.contains(where: { $0.row == row }) { run.notFound += 1 }
        }
        try maintenance.wait()
        try store.close()
        return run
    }

    /// Applies what the log has beyond the index, read back from the Store as the engine does.
    ///
    /// - Returns: the first row of the batch.
    private static func follow(
        _ store: WorkspaceStore, _ space: SpaceID, _ record: CommitRecord, _ index: VectorIndex
    ) throws -> RowID? {
        let before = SequenceNumber(rawValue: record.sequence.rawValue - 1)
        let commits = try store.commits(after: before, in: space, limit: 1)
        try index.apply(
            commits.map { commit in
                IndexChange(
                    sequence: commit.record.sequence.rawValue,
                    insertions: commit.born.map {
                        IndexRow(
                            row: RowID(rawValue: $0.row.rawValue), document: $0.documentOrdinal,
                            bornSequence: $0.born.rawValue, vector: $0.vector)
                    })
            })
        return commits.first?.born.first.map { RowID(rawValue: $0.row.rawValue) }
    }
}

/// A batch of rows as a document, whose texts are all unlike each other.
struct DurableDocument {
    let name: String
    let vectors: [[Float]]
    let chunks: [Chunk]
    let source: [UInt8]

    /// - Parameter textBytes: of each row; the row's number alone if it is longer.
    init(number: Int, vectors: [[Float]], textBytes: Int) {
        name = "batch/\(number)"
        self.vectors = vectors
        var random = SeededRandom(seed: UInt64(number))
        var (source, chunks): ([UInt8], [Chunk]) = ([], [])
        for ordinal in vectors.indices {
            var text = "\(number) \(ordinal)"
            while text.utf8.count < textBytes { text += " " + Self.words[random.below(Self.words.count)] }
            let range = source.count..<(source.count + text.utf8.count)
            chunks.append(
                Chunk(
                    ordinal: ordinal, byteRange: range, lineRange: (ordinal + 1)...(ordinal + 1),
                    headingPath: [], text: text, tokenCount: max(1, text.utf8.count / 4)))
            source += Array(text.utf8) + [UInt8(ascii: "\n")]
        }
        (self.source, self.chunks) = (source, chunks)
    }

    func draft(in space: SpaceID) -> VersionDraft {
        VersionDraft(
            externalID: name, mediaType: "text/plain", content: ContentDigest(of: source),
            byteCount: source.count, fingerprint: "bench/1", space: space, chunkCount: chunks.count)
    }

    private static let words = [
        "lists", "of", "rows", "are", "sealed", "while", "searches", "go", "on", "beside", "every", "commit",
    ]
}
