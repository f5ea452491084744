import Foundation

/// What searches cost while rows come in, and what rows cost while searches go on.
public struct InsertingRecord: Sendable, Equatable, Codable {
    public var engine: String
    public var point: String
    public var threads: Int

    /// Rows in one insertion.
    public var batchRows: Int
    public var rowsInserted: Int

    /// Of the time spent in insertions: what the engine could take, not what came.
    public var rowsPerSecond: Double

    /// Of all the time: what came.
    public var rowsArrivedPerSecond: Double

    /// Files that the engine wrote meanwhile, as far as it says.
    public var segmentsWritten: Int?
    public var insert: Percentiles

    /// The same searches before the first insertion, and beside them.
    public var quiet: Percentiles
    public var inserting: Percentiles
    public var quietSearchesPerSecond: Double
    public var insertingSearchesPerSecond: Double

    /// Insertions after which the next search did not find the row that was just inserted. 0, or the engine
    /// is not fresh.
    public var notFoundAtOnce: Int

    enum CodingKeys: String, CodingKey {
        case engine, point, threads, insert, quiet, inserting
        case batchRows = "batch_rows"
        case rowsInserted = "rows_inserted"
        case rowsPerSecond = "rows_per_s"
        case rowsArrivedPerSecond = "rows_arrived_per_s"
        case segmentsWritten = "segments_written"
        case quietSearchesPerSecond = "quiet_qps"
        case insertingSearchesPerSecond = "inserting_qps"
        case notFoundAtOnce = "not_found_at_once"
    }
}

/// Percentiles of times, in milliseconds.
public struct Percentiles: Sendable, Equatable, Codable {
    public var p50: Double
    public var p90: Double
    public var p99: Double
    public var p99_9: Double
    public var max: Double
    public var count: Int

    enum CodingKeys: String, CodingKey {
        case count
        case p50 = "p50_ms"
        case p90 = "p90_ms"
        case p99 = "p99_ms"
        case p99_9 = "p99_9_ms"
        case max = "max_ms"
    }

    public init(_ latencies: LatencyHistogram) {
        p50 = latencies.milliseconds(atPercentile: 50)
        p90 = latencies.milliseconds(atPercentile: 90)
        p99 = latencies.milliseconds(atPercentile: 99)
        p99_9 = latencies.milliseconds(atPercentile: 99.9)
        max = latencies.milliseconds(atPercentile: 100)
        count = latencies.count
    }
}

/// Searches while a writer inserts without pause.
public struct InsertingMeasurement: Sendable {
    public var queries: [[Float]]
    public var k: Int
    public var point: OperatingPoint
    public var threads: Int

    /// How long to measure quiet, and again how long to insert.
    public var seconds: Double

    /// Rows in one insertion.
    public var batchRows: Int

    /// Rows that come in a second, so that engines are compared under the same load; nil for as fast as they
    /// can.
    public var rowsPerSecondMax: Double?

    public init(
        queries: [[Float]], k: Int, point: OperatingPoint, threads: Int, seconds: Double, batchRows: Int,
        rowsPerSecondMax: Double? = nil
    ) {
        precondition(!queries.isEmpty && batchRows >= 1, "\(queries.count) queries, batch \(batchRows)")
        (self.queries, self.k, self.point, self.threads) = (queries, k, point, threads)
        (self.seconds, self.batchRows, self.rowsPerSecondMax) = (seconds, batchRows, rowsPerSecondMax)
    }

    /// - Parameters:
    ///   - firstID: the first id that the engine has not used.
    ///   - vectors: new vectors, unlike each other; made between insertions and not timed.
    public func measure(
        _ engine: any InsertingEngine, firstID: Int64,
        vectors: @escaping @Sendable (_ batch: Int, _ count: Int) throws -> [[Float]]
    ) throws -> InsertingRecord {
        let quiet = try round(engine, length: seconds).run()
        let writer = Writer(
            engine: engine, measurement: self, firstID: firstID, vectors: vectors,
            deadline: ProcessFigures.nanoseconds + UInt64(seconds * 1e9))
        // The last client is the writer, the others search as before.
        let searches = round(engine, length: seconds)
        let start = ProcessFigures.nanoseconds
        let results = try ClientThreads.run(threads + 1) { client in
            client == threads
                ? try writer.run() : Part(searches: try searches.run(client: client, since: start))
        }
        let elapsed = Double(ProcessFigures.nanoseconds - start) / 1e9
        return record(engine, quiet: quiet, parts: results, seconds: elapsed)
    }

    private func round(_ engine: any SearchEngine, length: Double) -> SearchRound {
        SearchRound(
            engine: engine, queries: queries, k: k, point: point, clients: threads, length: length)
    }

    private func record(
        _ engine: any InsertingEngine, quiet: SearchRound.Result, parts: [Part], seconds: Double
    ) -> InsertingRecord {
        var searches = LatencyHistogram()
        var insertions = LatencyHistogram()
        for part in parts {
            searches.add(part.searches)
            insertions.add(part.insertions)
        }
        let rows = parts.reduce(0) { $0 + $1.rows }
        let spent = parts.reduce(0) { $0 + $1.insertSeconds }
        return InsertingRecord(
            engine: engine.name, point: point.name, threads: threads, batchRows: batchRows,
            rowsInserted: rows, rowsPerSecond: Double(rows) / max(spent, 1e-9),
            rowsArrivedPerSecond: Double(rows) / max(seconds, 1e-9), insert: Percentiles(insertions),
            quiet: Percentiles(quiet.latencies),
            inserting: Percentiles(searches), quietSearchesPerSecond: quiet.searchesPerSecond,
            insertingSearchesPerSecond: Double(searches.count) / max(seconds, 1e-9),
            notFoundAtOnce: parts.reduce(0) { $0 + $1.notFound })
    }

    /// What one thread did.
    private struct Part: Sendable {
        var searches = LatencyHistogram()
        var insertions = LatencyHistogram()
        var insertSeconds = 0.0
        var rows = 0
        var notFound = 0
    }

    private struct Writer: Sendable {
        let engine: any InsertingEngine
        let measurement: InsertingMeasurement
        let firstID: Int64
        let vectors: @Sendable (Int, Int) throws -> [[Float]]
        let deadline: UInt64

        func run() throws -> Part {
            var part = Part()
            var batch = 0
            let began = ProcessFigures.nanoseconds
            while waitForTurn(part.rows, since: began) {
                let rows = try vectors(batch, measurement.batchRows)
                let start = ProcessFigures.nanoseconds
                try engine.insert(rows, firstID: firstID + Int64(part.rows))
                let taken = ProcessFigures.nanoseconds - start
                part.insertions.record(nanoseconds: taken)
                part.insertSeconds += Double(taken) / 1e9
                let found = try engine.search(rows[0], k: measurement.k, at: measurement.point)
                if !found.ids.contains(firstID + Int64(part.rows)) { part.notFound += 1 }
                part.rows += rows.count
                batch += 1
            }
            return part
        }

        /// Waits until the next rows are due; false if that is too late.
        private func waitForTurn(_ rows: Int, since began: UInt64) -> Bool {
            let now = ProcessFigures.nanoseconds
            guard let rate = measurement.rowsPerSecondMax else { return now < deadline }
            let due = began + UInt64(Double(rows) / rate * 1e9)
            guard max(now, due) < deadline else { return false }
            if due > now { Thread.sleep(forTimeInterval: Double(due - now) / 1e9) }
            return true
        }
    }
}
