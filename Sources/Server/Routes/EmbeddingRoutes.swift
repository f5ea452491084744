import Engine
import HTTPTypes

/// The local model for others, in the shape of OpenAI's API: whatever speaks that can have its vectors from here,
/// another Carrel too.
enum EmbeddingRoutes {
    static let routes: [Route] = [
        Route(
            method: .post, path: "/v1/embeddings", operation: "createEmbeddings",
            summary: "Embeds texts, as OpenAI's API does. Nothing of them is kept.",
            body: .json(EmbeddingsObject.self),
            answers: [(.ok, "The vectors.", .json(.reference(EmbeddingsResultObject.self)))],
            problems: [
                .modelNotFound, .dimensionUnsupported, .inputCountOutOfRange, .inputEmpty, .inputTooLong,
                .tooManyInputTokens, .tokenUnknown, .embedderUnavailable, .embedderFailed,
            ],
            errorForm: .openAI,
            // Who may put documents makes the server embed as much as he likes anyway; who may only read does not.
            door: .key(.write, embed)),
        Route(
            method: .get, path: "/v1/models", operation: "listModels",
            summary: "The models whose vectors can be had, as OpenAI's API lists them.",
            answers: [(.ok, "All of them.", .json(.reference(ModelListObject.self)))],
            errorForm: .openAI, door: .key(.read, list)),
        Route(
            method: .get, path: "/v1/models/{model...}", operation: "getModel",
            summary: "A model, as OpenAI's API shows it.",
            answers: [(.ok, "The model.", .json(.reference(ServedModelObject.self)))],
            problems: [.modelNotFound], errorForm: .openAI, door: .key(.read, get)),
    ]

    @Sendable private static func list(_ call: Call, _: Principal) async throws -> Answer {
        try .json(ModelListObject(call.engine.models))
    }

    @Sendable private static func get(_ call: Call, _: Principal) async throws -> Answer {
        let id = call.parameter("model")
        let models = call.engine.models
        guard let model = models.first(where: { $0.id == id }) else {
            throw EngineError.modelNotFound(id, served: models.map(\.id))
        }
        return try .json(ServedModelObject(model))
    }

    /// A large body is read only when there is room for it.
    @Sendable private static func embed(_ call: Call, _ principal: Principal) async throws -> Answer {
        guard call.mayExceed(ServerLimits.smallBodyBytesMax) else { return try await embed(call) }
        return try await call.embeddings.run(for: principal.tenant) { try await embed(call) }
    }

    private static func embed(_ call: Call) async throws -> Answer {
        let object = try await call.json(
            EmbeddingsObject.self, upTo: ServerLimits.embeddingsBytesMax,
            atOnceUpTo: ServerLimits.smallBodyBytesMax)
        let (request, format) = (try object.request(), try object.format())
        let response: EmbeddingResponse
        do {
            response = try await call.engine.embed(request)
        } catch  where object.input.isAlone {
            throw Refusal(error).ofLoneInput
        }
        let result = EmbeddingsResultObject(response: response, format: format)
        guard response.values.count > ServerLimits.smallAnswerNumbersMax else {
            return .json(try result.json())
        }
        return .json(try await call.engine.inBackground { try result.json() })
    }
}

extension Refusal {
    /// `input` was no list: what is wrong stands in it, not in its first element.
    fileprivate var ofLoneInput: Refusal {
        var refusal = self
        let first = "/input/0"
        if let pointer, pointer == first || pointer.hasPrefix(first + "/") {
            refusal.pointer = "/input" + pointer.dropFirst(first.count)
        }
        return refusal
    }
}
