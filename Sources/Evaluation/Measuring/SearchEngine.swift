/// A setting of an engine that trades recall for speed.
public struct OperatingPoint: Sendable, Hashable, Codable {
    /// Short, for a table and a plot: `recall_target=0.95`.
    public var name: String

    /// What is turned, by the engine's own words.
    public var parameters: [String: Double]

    /// The name is made from the parameters.
    public init(_ parameters: [String: Double]) {
        let words = parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\(Self.figure($0.value))" }
        self.init(name: words.joined(separator: ","), parameters: parameters)
    }

    public init(name: String, parameters: [String: Double]) {
        self.name = name
        self.parameters = parameters
    }

    private static func figure(_ value: Double) -> String {
        Int(exactly: value).map { String($0) } ?? String(value)
    }
}

/// What an engine found for one query.
public struct EngineAnswer: Sendable, Hashable {
    /// Row numbers in the base file, from 0, best first.
    public var ids: [Int64]

    /// The recall the engine itself expects of this answer, if it says so.
    public var expectedRecall: Double?

    public init(ids: [Int64], expectedRecall: Double? = nil) {
        self.ids = ids
        self.expectedRecall = expectedRecall
    }
}

/// An engine with an open index of the base file's rows. Any thread may search.
///
/// What `search` does is what is timed: no more than an application would do for one answer.
public protocol SearchEngine: Sendable {
    /// For the table and the legend.
    var name: String { get }

    /// The settings it can be measured at.
    var points: [OperatingPoint] { get }

    /// The nearest `k` rows, on the calling thread.
    func search(_ query: [Float], k: Int, at point: OperatingPoint) throws -> EngineAnswer

    /// The nearest `k` rows of each query, on the calling thread. Without an own way of it, one after the
    /// other.
    func search(batch queries: [[Float]], k: Int, at point: OperatingPoint) throws -> [EngineAnswer]
}

extension SearchEngine {
    /// One after the other.
    public func search(
        batch queries: [[Float]], k: Int, at point: OperatingPoint
    ) throws -> [EngineAnswer] {
        try queries.map { try search($0, k: k, at: point) }
    }
}

/// An engine that searches part of its rows.
public protocol FilteringEngine: SearchEngine {
    /// The same index, with searches that return rows of the subset only. What it prepares here is not timed,
    /// as an application would prepare a filter once for many queries.
    func restricted(to subset: RowSubset) throws -> any SearchEngine
}

/// An engine that takes rows while it is searched.
public protocol InsertingEngine: SearchEngine {
    /// Adds rows under the ids from `firstID` on; when it returns they are found by the next search. Called
    /// from one thread at a time, beside searches.
    func insert(_ vectors: [[Float]], firstID: Int64) throws
}

/// An index in files, that can be opened.
public protocol StoredIndex: Sendable {
    /// All files that belong to it.
    var files: [String] { get }

    /// Opens it anew, sharing nothing with an engine that is open already.
    func open() throws -> any SearchEngine
}
