import Foundation

/// What an answer of a reranking API comes to. Pure.
struct ScoreReader: Sendable {
    let redaction: Redaction

    /// The score of each passage, in their order.
    ///
    /// - Parameter count: of passages.
    func read(
        _ answer: TransportAnswer, _ headers: RateLimitHeaders, count: Int
    ) -> Result<[Double], CloudError> {
        let decoded = decode(answer.body)
        guard answer.status == 200 else {
            return .failure(refusal(answer.status, decoded?.failure, answer.body, headers))
        }
        let expected = "the scores of \(count) passages"
        guard let decoded else {
            return .failure(
                .wrongAnswer(
                    found: "\(answer.body.count) bytes that do not decode", expected: expected))
        }
        let entries = decoded.entries ?? []
        if decoded.isError || entries.isEmpty, let failure = decoded.failure {
            // Gateways pass errors on under 200, and state the status within.
            guard let status = failure.status ?? (failure.isExhaustedQuota ? 429 : nil) else {
                return .failure(
                    .wrongAnswer(
                        found: "the error '\(redaction.clean(failure.message))'", expected: expected))
            }
            return .failure(refusal(status, failure, answer.body, headers))
        }
        guard !decoded.isError else {
            return .failure(.wrongAnswer(found: "an error without words", expected: expected))
        }
        return Result { () throws(CloudError) in try Self.scores(of: entries, count: count) }
    }

    /// Every index must be there once: a score that belongs to nobody knows whose would decide the order.
    private static func scores(
        of entries: [RerankAnswer.Entry], count: Int
    ) throws(CloudError) -> [Double] {
        guard entries.count == count else {
            throw .wrongAnswer(found: "\(entries.count) scores", expected: "\(count)")
        }
        var scores = [Double?](repeating: nil, count: count)
        for entry in entries {
            guard let index = entry.index, scores.indices.contains(index), scores[index] == nil else {
                throw .wrongAnswer(
                    found: entry.index.map { "index \($0)" } ?? "a score without an index",
                    expected: "each of 0 to \(count - 1) once")
            }
            guard let score = entry.score, score.isFinite else {
                throw .wrongAnswer(
                    found: "\(entry.score.map { "\($0)" } ?? "no score") at index \(index)",
                    expected: "a finite number")
            }
            scores[index] = score
        }
        return scores.compactMap { $0 }
    }

    private func refusal(
        _ status: Int, _ failure: ProviderFailure?, _ body: Data, _ headers: RateLimitHeaders
    ) -> CloudError {
        .refusal(status, failure, message: redaction.message(of: failure, in: body), headers)
    }

    /// Some servers write numbers that are none (`NaN`, `Infinity`), which JSON does not have and JSON5 does.
    private func decode(_ body: Data) -> RerankAnswer? {
        let decoder = JSONDecoder()
        if let answer = try? decoder.decode(RerankAnswer.self, from: body) { return answer }
        decoder.allowsJSON5 = true
        return try? decoder.decode(RerankAnswer.self, from: body)
    }
}
