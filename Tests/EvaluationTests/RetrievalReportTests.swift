import Evaluation
import Foundation
import FoundationXML
import Testing

struct RetrievalReportTests {
    private static let origin = EvaluationOrigin(
        command: "carrel eval set", commit: "0123456789ab", date: "2026-01-01T00:00:00Z", machine: .init(),
        model: .init(id: "m <&>", revision: "r", precision: "float32", dimension: 8),
        dataset: .init(name: "a < b", documents: 3, queries: 2, files: ["qrels.tsv": "00"]), seed: 1,
        resamples: 10_000)

    private static func measures(_ names: [String], _ mean: Double) -> [String: Estimate] {
        var measures: [String: Estimate] = [:]
        for name in names { measures[name] = Estimate(mean: mean, lower: mean - 0.1, upper: mean + 0.1) }
        return measures
    }

    private static func retrieval(runs: Int) -> RetrievalReport {
        RetrievalReport(
            origin: origin, chunking: "standard", judgedQueries: 2,
            ingest: .init(chunks: 3, tokens: 30, seconds: 1),
            runs: (0..<runs).map { run in
                .init(
                    mode: "mode \(run) & Co",
                    measures: measures(QualityMeasure.allCases.map(\.rawValue), 0.1 * Double(run + 1)),
                    queriesPerSecond: 10)
            }, comparisons: [])
    }

    private static func chunking(sizes: [Int]) -> ChunkingReport {
        ChunkingReport(
            origin: origin, k: 5,
            points: sizes.map { size in
                .init(
                    tokensTarget: size, overlap: 0.15, mode: "vector",
                    ingest: .init(chunks: 3, tokens: 30, seconds: 1),
                    measures: measures(PassageMeasure.allCases.map(\.rawValue), 0.5),
                    bestPrecision: Estimate(mean: 0.3, lower: 0.2, upper: 0.4), queriesPerSecond: 10)
            })
    }

    /// How often each element is there.
    private func elements(of svg: String) throws -> [String: Int] {
        let reader = ElementCounter()
        let parser = XMLParser(data: Data(svg.utf8))
        parser.delegate = reader
        #expect(parser.parse(), "\(String(describing: parser.parserError))")
        #expect(!svg.contains("nan") && !svg.contains("inf"))
        return reader.counts
    }

    @Test func `reports come back from their JSON, and say how to repeat them`() throws {
        let (retrieval, chunking) = (Self.retrieval(runs: 2), Self.chunking(sizes: [100, 200]))
        let texts = try (retrieval.json(), chunking.json())
        #expect(try JSONDecoder().decode(RetrievalReport.self, from: Data(texts.0.utf8)) == retrieval)
        #expect(try JSONDecoder().decode(ChunkingReport.self, from: Data(texts.1.utf8)) == chunking)
        for key in ["command", "commit", "date", "machine", "model", "files", "seed", "resamples"] {
            #expect(texts.0.contains("\"\(key)\" : ") && texts.1.contains("\"\(key)\" : "), "\(key)")
        }
    }

    @Test(arguments: [0, 1, 3])
    func `a picture of runs has a bar for each run and measure`(runs: Int) throws {
        let counts = try elements(of: Self.retrieval(runs: runs).plot().svg())
        // One rectangle is the ground.
        #expect(counts["rect", default: 0] == 1 + runs * QualityMeasure.allCases.count)
    }

    @Test(arguments: [[200], [400, 100, 200]])
    func `a picture of a sweep has a line for each measure, over the sizes in order`(sizes: [Int]) throws {
        let plot = Self.chunking(sizes: sizes).plot()
        #expect(plot.categories == sizes.sorted().map(String.init))
        #expect(plot.series.map(\.name) == ["recall@5", "precision@5", "IoU@5", "coverage@5"])
        let counts = try elements(of: plot.svg())
        #expect(counts["polyline", default: 0] == PassageMeasure.allCases.count)
    }

    private final class ElementCounter: NSObject, XMLParserDelegate {
        var counts: [String: Int] = [:]

        func parser(
            _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
            qualifiedName: String?, attributes: [String: String]
        ) {
            counts[name, default: 0] += 1
        }
    }
}
