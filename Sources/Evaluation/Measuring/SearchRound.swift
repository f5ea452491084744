/// One client after the other asks, or several at once, each its next query as soon as it has its answer.
///
/// A closed loop: times are of the engine, not of a queue before it.
struct SearchRound: Sendable {
    /// A round goes on until it has seen every query once, but no longer than this many times its length, if
    /// searches are slow; then this many are enough.
    static let lengthsMax = 4.0
    static let searchesMin = 100

    struct Result: Sendable {
        var latencies = LatencyHistogram()
        var seconds = 0.0
        var processorSeconds = 0.0

        var searchesPerSecond: Double { Double(latencies.count) / max(seconds, 1e-9) }
        var searchesPerProcessorSecond: Double { Double(latencies.count) / max(processorSeconds, 1e-6) }
    }

    let engine: any SearchEngine
    let queries: [[Float]]
    let k: Int
    let point: OperatingPoint
    let clients: Int

    /// How long to go on.
    let length: Double

    func run() throws -> Result {
        let processorStart = ProcessFigures.processorSeconds
        let start = ProcessFigures.nanoseconds
        let histograms = try ClientThreads.run(clients) { try run(client: $0, since: start) }
        var result = Result()
        result.seconds = Double(ProcessFigures.nanoseconds - start) / 1e9
        result.processorSeconds = ProcessFigures.processorSeconds - processorStart
        for histogram in histograms { result.latencies.add(histogram) }
        return result
    }

    /// What one client does. Each begins elsewhere among the queries.
    func run(client: Int, since start: UInt64) throws -> LatencyHistogram {
        var latencies = LatencyHistogram()
        var next = client * queries.count / clients
        var asked = start
        repeat {
            asked = ProcessFigures.nanoseconds
            _ = try engine.search(queries[next], k: k, at: point)
            let answered = ProcessFigures.nanoseconds
            latencies.record(nanoseconds: answered - asked)
            next = next + 1 == queries.count ? 0 : next + 1
            asked = answered
        } while !isEnough(latencies.count, seconds: Double(asked - start) / 1e9)
        return latencies
    }

    private func isEnough(_ count: Int, seconds: Double) -> Bool {
        if seconds < length { return false }
        if count * clients >= queries.count { return true }
        return count * clients >= Self.searchesMin && seconds >= Self.lengthsMax * length
    }
}

/// All queries at once, shared out among clients.
struct BatchRound: Sendable {
    let engine: any SearchEngine
    let queries: [[Float]]
    let k: Int
    let point: OperatingPoint
    let clients: Int

    /// Batches are repeated until this has passed.
    let length: Double

    struct Result: Sendable {
        var searchesPerSecond: Double
        var searchesPerProcessorSecond: Double
    }

    func run() throws -> Result {
        let shares = (0..<clients).map { client in
            Array(
                queries[(client * queries.count / clients)..<((client + 1) * queries.count / clients)])
        }
        let processorStart = ProcessFigures.processorSeconds
        let start = ProcessFigures.nanoseconds
        var batches = 0
        var seconds = 0.0
        repeat {
            _ = try ClientThreads.run(clients) { [engine, k, point] client in
                try engine.search(batch: shares[client], k: k, at: point).count
            }
            batches += 1
            seconds = Double(ProcessFigures.nanoseconds - start) / 1e9
        } while seconds < length
        let count = Double(batches * queries.count)
        let processorSeconds = ProcessFigures.processorSeconds - processorStart
        return Result(
            searchesPerSecond: count / max(seconds, 1e-9),
            searchesPerProcessorSecond: count / max(processorSeconds, 1e-6))
    }
}
