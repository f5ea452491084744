import Foundation

/// What building and opening an index costs.
public struct IndexFigures: Sendable, Equatable, Codable {
    /// Wall time from vectors in a file to an index that is safe on the disk; nil if somebody else built it.
    public var buildSeconds: Double?

    /// Processor time of the same, over all threads.
    public var buildProcessorSeconds: Double?

    /// Of all its files.
    public var indexBytes: Int

    /// From closed files, which the system had forgotten, to the first answer, in milliseconds.
    public var coldOpen: Spread?

    /// The same from files that the system has in memory.
    public var warmOpen: Spread?

    enum CodingKeys: String, CodingKey {
        case buildSeconds = "build_s"
        case buildProcessorSeconds = "build_cpu_s"
        case indexBytes = "index_bytes"
        case coldOpen = "cold_open_ms"
        case warmOpen = "warm_open_ms"
    }

    public init(
        buildSeconds: Double? = nil, buildProcessorSeconds: Double? = nil, indexBytes: Int = 0,
        coldOpen: Spread? = nil, warmOpen: Spread? = nil
    ) {
        self.buildSeconds = buildSeconds
        self.buildProcessorSeconds = buildProcessorSeconds
        self.indexBytes = indexBytes
        self.coldOpen = coldOpen
        self.warmOpen = warmOpen
    }
}

/// Opens an index and asks it once.
public enum FirstAnswer {
    /// Where the files are when the clock starts.
    public enum Start: Sendable {
        /// On the disk only: the system was made to forget them.
        case cold
        /// In the system's memory, all of them.
        case warm
    }

    /// The bytes of an index's files.
    public static func bytes(of index: any StoredIndex) -> Int {
        index.files.reduce(0) { sum, path in
            let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
            return sum + (size ?? 0)
        }
    }

    /// Milliseconds from nothing to the first answer, several times over.
    ///
    /// Nobody may have the index open: the system does not forget what is mapped.
    public static func measure(
        _ index: any StoredIndex, from begin: Start, query: [Float], k: Int, at point: OperatingPoint?,
        times: Int
    ) throws -> Spread? {
        var milliseconds: [Double] = []
        for _ in 0..<times {
            for file in index.files {
                switch begin {
                case .cold: PageCache.forget(path: file)
                case .warm: try readThrough(file)
                }
            }
            let start = ProcessFigures.nanoseconds
            let engine = try index.open()
            if let point = point ?? engine.points.first {
                _ = try engine.search(query, k: k, at: point)
            }
            milliseconds.append(Double(ProcessFigures.nanoseconds - start) / 1e6)
        }
        return Spread(of: milliseconds)
    }

    private static func readThrough(_ path: String) throws {
        let handle = try FileHandle(forReadingFrom: URL(filePath: path))
        defer { try? handle.close() }
        while let portion = try handle.read(upToCount: 1 << 20), !portion.isEmpty {}
    }
}
