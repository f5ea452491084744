import ArgumentParser
import Engine

/// A way to search that is measured.
enum EvalMode: String, CaseIterable {
    case vector, keyword, hybrid

    /// Hybrid with the ranks fused, not the scores.
    case rrf

    /// A question asked so. What is measured is model, chunking and mode: every passage is compared.
    func request(_ query: String, limit: Int) -> SearchRequest {
        var request = SearchRequest(
            query: query, limit: limit, recallTarget: 1, mode: SearchMode(rawValue: rawValue) ?? .hybrid)
        if self == .rrf { request.fusion = .reciprocalRankDefault }
        return request
    }

    init?(argument: Substring) {
        // What it was called when there was no other.
        self.init(rawValue: argument == "dense" ? "vector" : String(argument))
    }
}

/// Some values in one argument, parted by commas.
struct ArgumentList<Value> {
    var values: [Value]

    /// nil unless every part is a value.
    private init?(_ argument: String, _ value: (Substring) -> Value?) {
        let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
        values = parts.compactMap(value)
        guard values.count == parts.count else { return nil }
    }
}

extension ArgumentList: ExpressibleByArgument where Value: EvalArgument {
    init?(argument: String) {
        self.init(argument) { Value(argument: $0) }
    }
}

/// What an `ArgumentList` may hold.
protocol EvalArgument {
    init?(argument: Substring)
}

extension EvalMode: EvalArgument {}

extension Int: EvalArgument {
    init?(argument: Substring) { self.init(argument) }
}

extension Double: EvalArgument {
    init?(argument: Substring) { self.init(argument) }
}

extension [ArgumentList<EvalMode>] {
    /// Each once, in the order in which they were asked for; the three of a search if none was.
    var modes: [EvalMode] {
        let all = flatMap(\.values)
        return all.isEmpty ? [.vector, .keyword, .hybrid] : all.uniqued
    }
}

extension Array where Element: Hashable {
    /// Each once, in the order of its first place.
    var uniqued: [Element] {
        var seen = Set<Element>()
        return filter { seen.insert($0).inserted }
    }
}
