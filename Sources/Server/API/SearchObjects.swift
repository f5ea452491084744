import Engine
import Foundation

/// A question.
struct SearchObject: RequestObject {
    /// What either side of a hybrid search counts.
    struct Weights: Decodable, Sendable {
        var vector: Double
        var keyword: Double
    }

    var query: String
    var limit: Int?
    var recallTarget: Double?
    var nprobe: Int?
    var mode: String?
    var fusion: String?
    var fusionK: Double?
    var weights: Weights?
    var language: String?
    var minScore: Double?
    var diversity: Double?
    var collapseDuplicates: Bool?
    var neighbors: Int?
    var section: Bool?
    var asOf: SnapshotObject?
    var cursor: String?
    var rerank: Bool?
    var rerankDepth: Int?
    var filter: PlainValue?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case query, limit, nprobe, mode, fusion, weights, language, diversity, neighbors, section, cursor,
            rerank, filter
        case recallTarget = "recall_target"
        case fusionK = "fusion_k"
        case minScore = "min_score"
        case collapseDuplicates = "collapse_duplicates"
        case asOf = "as_of"
        case rerankDepth = "rerank_depth"
    }

    /// - Throws: `ServerError.fieldInvalid`; `EngineError.search`.
    func request() throws -> SearchRequest {
        var request = SearchRequest(
            query: query, limit: limit ?? SearchRequest.limitDefault,
            recallTarget: recallTarget ?? SearchRequest.recallTargetDefault, nprobe: nprobe,
            mode: try Self.choice(mode, "mode", SearchMode.allCases) ?? .hybrid)
        request.filter = try filter.map { (json) throws(EngineError) in try DocumentFilter(json: json) }
        request.fusion = try fusionMethod()
        request.weights = weights.map { FusionWeights(vector: $0.vector, keyword: $0.keyword) }
        request.language = language
        request.minScore = minScore
        request.diversity = diversity ?? 0
        request.collapsesDuplicates = collapseDuplicates ?? false
        request.neighborCount = neighbors ?? 0
        request.showsSection = section ?? false
        request.asOf = asOf?.reference
        if rerank ?? (rerankDepth != nil) {
            request.rerankDepth = rerankDepth ?? SearchRequest.rerankDepthDefault
        }
        return request
    }

    private func fusionMethod() throws -> FusionMethod {
        let name: FusionName? = try Self.choice(fusion, "fusion", FusionName.allCases)
        return switch name {
        case .normalized: .normalized
        case .reciprocalRank: fusionK.map { .reciprocalRank(k: $0) } ?? .reciprocalRankDefault
        case nil: fusionK.map { .reciprocalRank(k: $0) } ?? FusionMethod.standard
        }
    }

    private static func choice<Choice: RawRepresentable & CaseIterable>(
        _ found: String?, _ field: String, _ all: Choice.AllCases
    ) throws -> Choice? where Choice.RawValue == String {
        guard let found else { return nil }
        guard let choice = Choice(rawValue: found) else {
            throw ServerError.fieldInvalid(
                pointer: "/" + field, expected: "one of " + all.map(\.rawValue).joined(separator: ", "))
        }
        return choice
    }

    static let schemaName = "Search"
    static let fields = questionFields + rankingFields + presentationFields
}

/// What a fusion is called on the wire.
enum FusionName: String, CaseIterable, Sendable {
    case normalized
    case reciprocalRank = "rrf"

    init(_ method: FusionMethod) {
        switch method {
        case .normalized: self = .normalized
        case .reciprocalRank: self = .reciprocalRank
        }
    }
}

/// A moment: a snapshot's number, or a time.
enum SnapshotObject: Decodable, Sendable {
    case sequence(Int64)
    case time(Date)

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if let sequence = try? value.decode(Int64.self) {
            self = .sequence(sequence)
        } else if let text = try? value.decode(String.self), let time = WireDate.date(text) {
            self = .time(time)
        } else {
            throw ServerError.fieldInvalid(
                pointer: JSONPointer.text(decoder.codingPath),
                expected: "a snapshot's number, or a time as in 2026-01-31T12:00:00Z")
        }
    }

    var reference: SnapshotReference {
        switch self {
        case .sequence(let sequence): .sequence(sequence)
        case .time(let time): .time(time)
        }
    }
}
