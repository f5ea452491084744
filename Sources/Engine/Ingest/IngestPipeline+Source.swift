import Documents
import Embedding
import Kernels

extension IngestPipeline {
    /// Bytes of documents that are worked on at once, but for a single one that has more. What is made of a document
    /// takes some ten times its bytes.
    private static let bytesInHandMax = 16 * 1_048_576

    /// Takes in all that a source has, a few documents at once, and reports each as it is done.
    ///
    /// The source is asked for the next only when there is room for it. Of two documents of one path the later one
    /// waits for the earlier, so that it is the one that stays. Cancelling the task, or calling the job off, stops
    /// after the documents in hand.
    func run(
        _ source: any IngestSource, of job: JobRun, report: @escaping @Sendable (IngestEvent) -> Void
    ) async {
        // Where there is no embedder, each document says so.
        let callsAtOnce = (try? await pool.run { try self.model().embedder.callsAtOnce }) ?? 1
        var hand = DocumentsInHand(
            countMax: pool.threadCount + callsAtOnce, byteCountMax: Self.bytesInHandMax)
        await withTaskGroup(of: String.self) { group in
            while await !isCalledOff(job), let step = await next(of: source, report: report) {
                switch step {
                case .skipped(let path): report(.skipped(path: path))
                case .failed(let path, let byteCount, let error):
                    await note(error, at: path, byteCount: byteCount, job)
                    report(.finished(path: path, byteCount: byteCount, outcome: .failed(error)))
                case .item(let item):
                    while !hand.hasRoom(for: item), let done = await group.next() { hand.remove(done) }
                    hand.add(item)
                    group.addTask {
                        report(await outcome(of: item, job))
                        return item.path
                    }
                }
            }
        }
    }

    /// What should have been a document is the job's dead letter as one is.
    private func note(_ error: any Error, at path: String, byteCount: Int, _ job: JobRun) async {
        let item = IngestItem(path: path, mediaType: .plainText, byteCount: byteCount, load: { throw error })
        _ = try? await ingest(item, of: job)
    }

    private func next(
        of source: any IngestSource, report: @Sendable (IngestEvent) -> Void
    ) async -> SourceStep? {
        do {
            return try await source.next(on: pool)
        } catch {
            report(.interrupted(error))
            return nil
        }
    }
}

/// The documents that are worked on. Pure.
struct DocumentsInHand: Sendable {
    private let countMax: Int
    private let byteCountMax: Int
    private var byteCounts: [String: Int] = [:]
    private var byteCount = 0

    init(countMax: Int, byteCountMax: Int) {
        self.countMax = countMax
        self.byteCountMax = byteCountMax
    }

    /// One alone has room, whatever it has.
    func hasRoom(for item: IngestItem) -> Bool {
        byteCounts.isEmpty
            || byteCounts.count < countMax && byteCounts[item.path] == nil
                && byteCount + item.byteCount <= byteCountMax
    }

    mutating func add(_ item: IngestItem) {
        byteCounts[item.path] = item.byteCount
        byteCount += item.byteCount
    }

    mutating func remove(_ path: String) {
        byteCount -= byteCounts.removeValue(forKey: path) ?? 0
    }
}
