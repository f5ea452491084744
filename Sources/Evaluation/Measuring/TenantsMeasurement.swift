/// What many small indexes cost that are open at once, each asked now and then.
public struct TenantsRecord: Sendable, Equatable, Codable {
    public var engine: String
    public var tenants: Int
    public var rowsEach: Int

    /// Opening one, from files that the system remembers.
    public var open: Percentiles

    /// Resident memory that one more open index costs which nobody has asked yet, and one that was asked.
    public var residentBytesIdle: Double
    public var residentBytesAsked: Double

    /// The first search of each, and searches of random ones afterwards.
    public var first: Percentiles
    public var search: Percentiles
    public var searchesPerSecond: Double

    /// Of the random searches, those that found no row.
    public var empty: Int

    enum CodingKeys: String, CodingKey {
        case engine, tenants, open, first, search, empty
        case rowsEach = "rows_each"
        case residentBytesIdle = "rss_bytes_per_idle_tenant"
        case residentBytesAsked = "rss_bytes_per_tenant"
        case searchesPerSecond = "qps"
    }
}

/// Opens many indexes, asks each once, then random ones.
public struct TenantsMeasurement: Sendable {
    public var tenants: Int
    public var rowsEach: Int
    public var queries: [[Float]]
    public var k: Int
    public var point: OperatingPoint

    /// How long to ask random ones.
    public var seconds: Double
    public var seed: UInt64

    public init(
        tenants: Int, rowsEach: Int, queries: [[Float]], k: Int, point: OperatingPoint, seconds: Double,
        seed: UInt64
    ) {
        precondition(tenants >= 1 && !queries.isEmpty, "\(tenants) tenants, \(queries.count) queries")
        (self.tenants, self.rowsEach, self.queries) = (tenants, rowsEach, queries)
        (self.k, self.point, self.seconds, self.seed) = (k, point, seconds, seed)
    }

    /// - Parameter index: the index of each tenant, on the disk.
    public func measure(_ index: (Int) -> any StoredIndex) throws -> TenantsRecord {
        let before = ProcessFigures.residentBytes
        var opening = LatencyHistogram()
        var engines: [any SearchEngine] = []
        for tenant in 0..<tenants {
            let stored = index(tenant)
            try Self.time(into: &opening) { engines.append(try stored.open()) }
        }
        let idle = ProcessFigures.residentBytes
        var first = LatencyHistogram()
        for (tenant, engine) in engines.enumerated() {
            let query = queries[tenant % queries.count]
            try Self.time(into: &first) { _ = try engine.search(query, k: k, at: point) }
        }
        let asked = ProcessFigures.residentBytes
        let sweep = try askRandomly(engines)
        return TenantsRecord(
            engine: engines[0].name, tenants: tenants, rowsEach: rowsEach, open: Percentiles(opening),
            residentBytesIdle: Double(idle - before) / Double(tenants),
            residentBytesAsked: Double(asked - before) / Double(tenants), first: Percentiles(first),
            search: Percentiles(sweep.latencies),
            searchesPerSecond: Double(sweep.latencies.count) / sweep.seconds, empty: sweep.empty)
    }

    private func askRandomly(
        _ engines: [any SearchEngine]
    ) throws -> (latencies: LatencyHistogram, seconds: Double, empty: Int) {
        var random = SeededRandom(seed: seed)
        var latencies = LatencyHistogram()
        var empty = 0
        let start = ProcessFigures.nanoseconds
        let end = start + UInt64(max(seconds, 0) * 1e9)
        repeat {
            let engine = engines[random.below(engines.count)]
            let query = queries[random.below(queries.count)]
            try Self.time(into: &latencies) {
                if try engine.search(query, k: k, at: point).ids.isEmpty { empty += 1 }
            }
        } while ProcessFigures.nanoseconds < end
        return (latencies, max(Double(ProcessFigures.nanoseconds - start) / 1e9, 1e-9), empty)
    }

    private static func time(into histogram: inout LatencyHistogram, _ body: () throws -> Void) throws {
        let start = ProcessFigures.nanoseconds
        try body()
        histogram.record(nanoseconds: ProcessFigures.nanoseconds - start)
    }
}
