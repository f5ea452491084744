import Engine
import Testing

struct IngestProgressTests {
    private struct Failure: Error {}

    private func version(isReplacement: Bool) -> IngestedVersion {
        IngestedVersion(
            documentID: "doc_x", version: isReplacement ? 2 : 1, isReplacement: isReplacement, chunkCount: 3,
            embeddedCount: 2, tokenCount: 500, notices: [])
    }

    @Test func `progress adds up what became of each document`() {
        var progress = IngestProgress()
        progress.apply(.started(documentCount: 4, byteCount: 100, skippedPaths: ["a.png"]))
        progress.apply(.finished(path: "a", byteCount: 10, outcome: .ingested(version(isReplacement: false))))
        progress.apply(.finished(path: "b", byteCount: 20, outcome: .ingested(version(isReplacement: true))))
        progress.apply(.finished(path: "c", byteCount: 30, outcome: .unchanged))
        progress.apply(.finished(path: "d", byteCount: 40, outcome: .failed(Failure())))
        #expect(progress.finishedCount == progress.documentCount)
        #expect(progress.finishedByteCount == progress.byteCount)
        #expect(progress.ingestedCount == 2 && progress.replacedCount == 1 && progress.unchangedCount == 1)
        #expect(progress.chunkCount == 6 && progress.embeddedCount == 4 && progress.tokenCount == 1_000)
        #expect(progress.failures.map(\.path) == ["d"])
        #expect(progress.skippedPaths == ["a.png"])
    }
}
