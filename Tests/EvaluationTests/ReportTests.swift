import Evaluation
import Foundation
import FoundationXML
import Testing

struct ReportTests {
    private static func report(shares: [Double] = [0.5, 1]) throws -> BenchmarkReport {
        let vectors = try ToyVectors(seed: 1)
        let engine = ToyEngine(vectors.rows, shares: shares, name: "toy <&>")
        let sweep = PointSweep(
            queries: vectors.queries, judge: vectors.judge(), settings: .quick(threads: 1))
        let figures = IndexFigures(
            buildSeconds: 1.5, buildProcessorSeconds: 3, indexBytes: 4096, coldOpen: Spread(of: [1, 2, 3]),
            warmOpen: Spread(of: [1, 1, 2]))
        var records = try sweep.measure(engine, index: figures)
        var filtered = Array(records.prefix(1))
        for index in filtered.indices { filtered[index].selectivity = 0.1 }
        records.swapAt(0, records.count - 1)
        return BenchmarkReport(
            command: "carrel bench", commit: "0123456789ab", seed: 1, machine: .init(),
            dataset: .init(
                name: "toy", rows: 200, dimension: 8, queries: 20, truth: "given",
                difficulty: vectors.truth.difficulty),
            points: records, filtered: filtered)
    }

    @Test(arguments: [
        "recall@1", "recall@10", "recall@100", "qps", "batched_qps", "p50_ms", "p90_ms", "p99_ms",
        "p99_9_ms", "build_s", "index_bytes", "rss_bytes", "cold_open_ms", "warm_open_ms",
    ])
    func `every operating point has the figure under the key that is promised`(key: String) throws {
        let json = try JSONSerialization.jsonObject(with: Data(try Self.report().json().utf8))
        let points = try #require((json as? [String: Any])?["points"] as? [[String: Any]])
        #expect(points.count == 2)
        for point in points {
            #expect(point[key] is NSNumber, "\(key)")
            #expect((point["parameters"] as? [String: Any])?["share"] is NSNumber)
        }
    }

    @Test func `a report comes back from its JSON`() throws {
        let report = try Self.report()
        let read = try JSONDecoder().decode(BenchmarkReport.self, from: Data(report.json().utf8))
        #expect(read == report)
    }

    @Test func `a report says how to repeat it`() throws {
        let json = try Self.report().json()
        for key in ["command", "commit", "machine", "seed"] { #expect(json.contains("\"\(key)\" : ")) }
    }

    @Test func `every row of a table has as many cells as its head`() throws {
        let markdown = ReportTable.markdown(try Self.report())
        let blocks = markdown.split(separator: "\n\n").filter { $0.hasPrefix("|") }
        #expect(blocks.count == 2)
        for block in blocks {
            let cells = block.split(separator: "\n").map { line in line.count { $0 == "|" } }
            #expect(cells.count >= 3 && Set(cells).count == 1, "\(block)")
        }
        #expect(markdown.contains("| 10 % |") && markdown.contains("commit 0123456789ab"))
    }

    @Test func `the points that count are those that no other beats in both`() {
        let points = [(0.9, 100.0), (0.95, 120), (0.95, 80), (0.99, 50), (0.97, 40), (1, 10)]
            .map { PlotSeries.Point(recall: $0.0, qps: $0.1) }
        let front = PlotSeries(name: "a", points: points).paretoPoints
        #expect(front.map(\.recall) == [0.95, 0.99, 1])
        #expect(front.map(\.qps) == [120, 50, 10])
    }

    @Test(arguments: [0, 1, 2, 9])
    func `the picture is sound XML, with a line and a name for every engine`(engines: Int) throws {
        let series = (0..<engines).map { engine in
            PlotSeries(
                name: "engine <\(engine)> & Co",
                points: (0..<5).map { step in
                    let qps = Double(engine + 1) * 1_000 / Double(step + 1)
                    return .init(
                        recall: 0.8 + 0.05 * Double(step), qps: qps, extent: qps * 0.9...qps * 1.1,
                        label: "p\(step)")
                })
        }
        let svg = RecallPlot(title: "a < b", subtitle: "\"k\" = 10", series: series).svg()
        let reader = ElementCounter()
        let parser = XMLParser(data: Data(svg.utf8))
        parser.delegate = reader
        #expect(parser.parse(), "\(String(describing: parser.parserError))")
        #expect(reader.counts["polyline", default: 0] == engines)
        #expect(!svg.contains("nan") && !svg.contains("inf"))
        for engine in 0..<engines { #expect(svg.contains(">engine &lt;\(engine)&gt; &amp; Co</text>")) }
    }

    @Test func `a report becomes one series for each engine`() throws {
        var report = try Self.report()
        report.points[1].engine = "other"
        let series = PlotSeries.all(of: report)
        #expect(series.map(\.name) == ["toy <&>", "other"])
        #expect(series[0].points[0].recall == 1)
        #expect(series[0].points[0].extent?.contains(series[0].points[0].qps) == true)
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
