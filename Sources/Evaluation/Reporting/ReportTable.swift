import Foundation

/// A report in Markdown.
public enum ReportTable {
    /// What was measured and how, then a table of operating points, then one for each of the other
    /// measurements.
    public static func markdown(_ report: BenchmarkReport) -> String {
        let parts = [
            heading(report), points(report.points, title: "Operating points"),
            points(report.filtered, title: "Filtered"),
            report.inserting.map(inserting), report.durable.map(durable), report.tenants.map(tenants),
        ]
        return parts.compactMap { $0 }.joined(separator: "\n\n") + "\n"
    }

    private static func heading(_ report: BenchmarkReport) -> String {
        let dataset = report.dataset
        var lines = [
            "## \(dataset.name): \(dataset.rows) × \(dataset.dimension), \(dataset.queries) queries", "",
        ]
        let libraries = report.machine.libraries.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        let machine = ["\(report.machine.processor), \(report.machine.processors) cores"] + libraries
        lines.append("- machine: \(machine.joined(separator: ", "))")
        lines.append(
            "- load: \(figure(report.machine.loadAtStart)) at the start, "
                + "\(figure(report.machine.loadAtEnd)) at the end")
        lines.append("- queries: \(dataset.queryKind)")
        lines.append("- truth: \(dataset.truth)")
        if let calibration = report.calibration {
            lines.append(
                "- calibrated by: \(calibration.queries) queries of \(calibration.sample), in "
                    + "\(figure(calibration.seconds)) s")
        }
        if let difficulty = dataset.difficulty {
            lines.append("- difficulty: \(words(difficulty))")
        }
        if let point = report.points.first {
            lines.append("- index: \(index(point))")
            lines.append(
                "- memory: \(bytes(point.residentBytes)) resident, "
                    + "\(bytes(report.residentBytesBeforeOpen)) of them before the index was opened")
        }
        lines.append("- command: `\(report.command)`" + (report.commit.map { ", commit \($0)" } ?? ""))
        return lines.joined(separator: "\n")
    }

    /// How hard the queries are, in a line.
    public static func words(_ difficulty: QueryDifficulty) -> String {
        let deeper = [("10th", difficulty.similarityAt10), ("100th", difficulty.similarityAt100)]
            .compactMap { name, value in value.map { "\(name) \(figure($0))" } }
        return (["median similarity of the nearest \(figure(difficulty.similarityAt1))"] + deeper)
            .joined(separator: ", ") + "; intrinsic dimension \(figure(difficulty.intrinsicDimension))"
    }

    private static func index(_ point: OperatingPointRecord) -> String {
        var words: [String] = []
        if let seconds = point.buildSeconds { words.append("built in \(figure(seconds)) s") }
        if let seconds = point.buildProcessorSeconds {
            words.append("\(figure(seconds)) s of processor time")
        }
        words.append(bytes(point.indexBytes))
        if let cold = point.coldOpen { words.append("cold open to first answer \(figure(cold)) ms") }
        if let warm = point.warmOpen { words.append("warm \(figure(warm)) ms") }
        return words.joined(separator: ", ")
    }

    private static func points(_ records: [OperatingPointRecord], title: String) -> String? {
        guard let first = records.first else { return nil }
        let isFiltered = records.contains { $0.selectivity != nil }
        let head =
            ["engine", "point"] + (isFiltered ? ["kept"] : [])
            + [
                "recall@1", "recall@10", "recall@100", "expected", "QPS", "QPS least–most", "QPS per CPU s",
                "batched QPS", "batched QPS per CPU s", "p50 ms", "p90 ms", "p99 ms", "p99.9 ms",
            ]
        let rows = records.map { record in
            [record.engine, record.point] + (isFiltered ? [record.selectivity.map(share) ?? "all"] : [])
                + cells(record)
        }
        let note =
            "k = \(first.k), \(first.threads) \(first.threads == 1 ? "client" : "clients"), "
            + "medians of \(first.rounds) rounds."
        return "### \(title)\n\n\(note)\n\n" + table(head: head, textColumns: 2, rows: rows)
    }

    private static func cells(_ record: OperatingPointRecord) -> [String] {
        let extent = record.spread[OperatingPointRecord.CodingKeys.qps.rawValue]
        return [
            recall(record.recallAt1), recall(record.recallAt10), recall(record.recallAt100),
            recall(record.expectedRecall), figure(record.qps),
            extent.map { "\(figure($0.min))–\(figure($0.max))" } ?? "",
            figure(record.qpsPerProcessorSecond), figure(record.batchedQPS),
            figure(record.batchedQPSPerProcessorSecond), figure(record.p50), figure(record.p90),
            figure(record.p99), figure(record.p99_9),
        ]
    }

    private static func inserting(_ record: InsertingRecord) -> String {
        let rows =
            [("quiet", record.quietSearchesPerSecond, record.quiet)]
            + [("inserting", record.insertingSearchesPerSecond, record.inserting)]
        return """
            ### Search while inserting

            \(record.rowsInserted) rows in batches of \(record.batchRows): \
            \(figure(record.rowsArrivedPerSecond)) rows/s came, \(figure(record.rowsPerSecond)) rows/s could be \
            taken\(record.segmentsWritten.map { ", \($0) segments written beside" } ?? ""); a batch p50 \
            \(figure(record.insert.p50)) ms, p99 \(figure(record.insert.p99)) ms; \
            \(record.notFoundAtOnce) not found by the next search. At \(record.point), \(record.threads) \
            \(record.threads == 1 ? "client" : "clients").


            """
                + table(
                    head: ["searches", "QPS", "p50 ms", "p90 ms", "p99 ms", "p99.9 ms"], textColumns: 1,
                    rows: rows.map { [$0.0, figure($0.1)] + percentiles($0.2) })
    }

    private static func durable(_ record: DurableRecord) -> String {
        """
        ### Durable insertion

        \(record.rows) rows, each batch of \(record.batchRows) in one synced transaction and then in the index; \
        \(record.notFoundAtOnce) batches not found by the next search. Of the time of rows without text \
        \(share(record.storeShare)) passed until the commit was safe.


        """
            + table(
                head: ["rows of", "rows/s", "batch p50 ms", "p90 ms", "p99 ms", "p99.9 ms"], textColumns: 1,
                rows: [
                    ["id and vector", figure(record.rowsPerSecond)] + percentiles(record.batch),
                    ["the same and \(record.textBytes) bytes of text", figure(record.rowsWithTextPerSecond)]
                        + percentiles(record.batchWithText),
                ])
    }

    private static func tenants(_ record: TenantsRecord) -> String {
        """
        ### Many tenants

        \(record.tenants) indexes of \(record.rowsEach) rows, open at once: \
        \(bytes(record.residentBytesIdle)) of memory for each that was never asked, \
        \(bytes(record.residentBytesAsked)) for each that was. \(figure(record.searchesPerSecond)) searches/s of \
        random ones; \(record.empty) found nothing.


        """
            + table(
                head: ["", "p50 ms", "p90 ms", "p99 ms", "p99.9 ms"], textColumns: 1,
                rows: [
                    ["open"] + percentiles(record.open), ["first search"] + percentiles(record.first),
                    ["search of a random one"] + percentiles(record.search),
                ])
    }

    private static func percentiles(_ times: Percentiles) -> [String] {
        [times.p50, times.p90, times.p99, times.p99_9].map(figure)
    }

    private static func table(head: [String], textColumns: Int, rows: [[String]]) -> String {
        let rule = head.indices.map { $0 < textColumns ? "---" : "---:" }
        return ([head, rule] + rows).map { "| " + $0.joined(separator: " | ") + " |" }
            .joined(separator: "\n")
    }

    private static func recall(_ value: Double?) -> String {
        value.map { String(format: "%.4f", $0) } ?? ""
    }

    private static func share(_ value: Double) -> String {
        String(format: "%.3g %%", value * 100)
    }

    /// Three digits that matter, or all before the point.
    static func figure(_ value: Double) -> String {
        let decimals =
            switch abs(value) {
            case 100...: 0
            case 10..<100: 1
            case 1..<10: 2
            default: 3
            }
        return String(format: "%.\(decimals)f", value)
    }

    private static func bytes(_ count: some BinaryInteger) -> String { bytes(Double(count)) }

    private static func bytes(_ count: Double) -> String {
        var (value, unit) = (count, 0)
        let units = ["B", "KiB", "MiB", "GiB"]
        while abs(value) >= 1024, unit < units.count - 1 {
            value /= 1024
            unit += 1
        }
        return "\(figure(value)) \(units[unit])"
    }
}
