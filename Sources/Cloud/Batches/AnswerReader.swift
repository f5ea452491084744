import Foundation

/// What an answer of a provider comes to. Pure.
struct AnswerReader: Sendable {
    let wire: any EmbeddingWire
    let dimension: Int
    let redaction: Redaction

    enum Reading: Equatable {
        case vectors(CheckedAnswer)

        /// Something about the texts is not to the provider's liking: one of them, or how many or how long they
        /// are.
        case textsRefused(status: Int, message: String)
        case failed(CloudError)
    }

    /// - Returns: what it is, and the tokens that it says are charged, which also an answer of no use may say.
    func read(
        _ answer: TransportAnswer, headers: RateLimitHeaders, count: Int
    ) -> (reading: Reading, tokenCount: Int?) {
        let decoded = decode(answer.body)
        if answer.status == 200 {
            let reading = vectors(decoded, answer, headers, count)
            return (reading, decoded?.tokenCount)
        }
        let failure = decoded?.failure ?? failure(in: answer.body)
        return (refusal(answer.status, failure, answer.body, headers), nil)
    }

    private func vectors(
        _ decoded: WireAnswer?, _ answer: TransportAnswer, _ headers: RateLimitHeaders, _ count: Int
    ) -> Reading {
        guard let decoded else {
            return .failed(
                .wrongAnswer(
                    found: "\(answer.body.count) bytes that do not decode", expected: "a list of embeddings"))
        }
        let entries = decoded.entries ?? []
        if entries.isEmpty, let failure = decoded.failure {
            guard let status = failure.status ?? (failure.isExhaustedQuota ? 429 : nil) else {
                return .failed(
                    .wrongAnswer(
                        found: "the error '\(redaction.clean(failure.message))'",
                        expected: "a list of embeddings"))
            }
            return refusal(status, failure, answer.body, headers)
        }
        do {
            let checked = try CheckedAnswer(entries, count: count, dimension: dimension)
            // Of one text it is the whole answer that is of no use, and worth the same patience.
            guard count == 1, let unusable = checked.unusable.first else { return .vectors(checked) }
            return .failed(.wrongAnswer(found: unusable.found, expected: "\(dimension) numbers"))
        } catch {
            return .failed(error)
        }
    }

    private func refusal(
        _ status: Int, _ failure: ProviderFailure?, _ body: Data, _ headers: RateLimitHeaders
    ) -> Reading {
        let message = redaction.message(of: failure, in: body)
        if [400, 413, 422].contains(status), failure?.isExhaustedQuota != true {
            return .textsRefused(status: status, message: message)
        }
        return .failed(.refusal(status, failure, message: message, headers))
    }

    /// Some servers write numbers that are none (`NaN`, `Infinity`), which JSON does not have and JSON5 does.
    private func decode(_ body: Data) -> WireAnswer? {
        let decoder = JSONDecoder()
        if let answer = try? wire.answer(in: body, with: decoder) { return answer }
        decoder.allowsJSON5 = true
        return try? wire.answer(in: body, with: decoder)
    }

    private func failure(in body: Data) -> ProviderFailure? {
        try? JSONDecoder().decode(ProviderFailure.self, from: body)
    }
}
