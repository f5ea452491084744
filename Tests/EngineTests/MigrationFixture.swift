import Embedding
import Engine
import Foundation
import Store
import TestSupport
import Testing

/// Two models of the same shape whose vectors have nothing in common, and workspaces that go from one to the other.
enum Migrating {
    static let documents = Texts.documents(count: 32, paragraphs: 44, seed: 70)

    static var old: WordHashEmbedder { WordHashEmbedder() }
    static var new: WordHashEmbedder { WordHashEmbedder(model: "next", seed: 0x5eed) }

    /// An engine that knows both models, begins new workspaces with the old one, and makes lists early.
    static func engine(
        _ folder: TemporaryFolder? = nil, others: [any Embedder]? = nil,
        _ adjust: (inout EngineConfiguration) -> Void = { _ in }
    ) throws -> TestEngine {
        try TestEngine(
            folder: folder, embedder: old, others: others ?? [old, new], tailRowsMax: 64,
            tailRowsSealedAtClose: 40, trainingRowsMin: 200, adjust)
    }

    /// The documents, ingested with the old model and put in order.
    static func ingested() async throws -> TestEngine {
        let test = try engine()
        try await test.ingest(documents)
        try await test.engine.settle(in: test.scope)
        return test
    }

    /// What a fresh workspace of one model says to a few questions: flat, nothing migrated.
    static func reference(
        _ embedder: WordHashEmbedder, _ documents: [String: String] = documents
    ) async throws -> [[PlacedAnswer]] {
        let test = try TestEngine(embedder: embedder, trainingRowsMin: .max)
        try await test.ingest(documents)
        return try await test.placedAnswers()
    }

    static let more = Texts.documents(count: 5, paragraphs: 3, seed: 71)
        .reduce(into: [String: String]()) { $0["more/\($1.key)"] = $1.value }
}

/// A hit without ids that hold the model's name.
struct PlacedAnswer: Equatable {
    var path: String
    var start: Int
    var similarity: Float?
}

extension TestEngine {
    private static let questions = ["w11 w12 own3x2", "w500", "own7x1 own8x1 own9x1", "w1 w2 w3 w4 w5 w6"]

    /// The answer to one question with every passage compared, and the model that gave it.
    func placedAnswer(_ question: String) async throws -> (model: String?, hits: [PlacedAnswer]) {
        let response = try await search(question, limit: 40, recallTarget: 1)
        #expect(response.searched.isComplete, "\(response.searched)")
        return (
            response.model?.id,
            response.hits.map {
                PlacedAnswer(
                    path: $0.citation.path, start: $0.citation.byteRange.lowerBound, similarity: $0.similarity
                )
            }
        )
    }

    func placedAnswers() async throws -> [[PlacedAnswer]] {
        var answers: [[PlacedAnswer]] = []
        for question in Self.questions { answers.append(try await placedAnswer(question).hits) }
        return answers
    }

    /// Compares one answer with what its model says, `expected` by model and then by question.
    func checkAnswer(_ number: Int, _ expected: [String: [[PlacedAnswer]]]) async throws -> String? {
        let number = number % Self.questions.count
        let (model, hits) = try await placedAnswer(Self.questions[number])
        #expect(hits == expected[model ?? ""]?[number], "\(model ?? "no model")")
        return model
    }
}
