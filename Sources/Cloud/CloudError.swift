import Embedding

/// What can go wrong with another machine. What a provider says stands here with every key blotted out.
package indirect enum CloudError: EmbedderFailure, Sendable, Equatable {
    // Mend the configuration.
    case invalidEndpoint(found: String, expected: String)

    /// Of the setting `name`.
    case invalidLimit(name: String, found: Int, allowed: ClosedRange<Int>)

    /// The key holds what no header can carry. It is not shown.
    case invalidKey(expected: String)
    case invalidProxy(expected: String)
    case certificatesUnreadable(path: String, reason: String)

    /// Mend the request: more texts than are taken at once.
    case tooManyTexts(found: Int, max: Int)

    /// Mend the request: texts of more bytes together than one call takes.
    case textsTooLarge(found: Int, max: Int)

    /// The provider does not embed these texts, while it embeds others: the first of them, and why.
    case textsRefused(count: Int, index: Int, reason: String)

    /// The provider refused, and not because of a text. 5xx are worth another try; others mean that key, model
    /// or settings are wrong.
    case refused(status: Int, message: String)

    /// The provider refuses all texts, a harmless word among them, for a reason that it gives for each.
    case refusesAll(reason: String)

    /// Too much at once, or too soon. `retryAfter` where the provider says when to come back.
    case throttled(status: Int, message: String, retryAfter: Duration?)

    /// No answer within the deadline. Try again.
    case deadlineExceeded(milliseconds: Int64)

    /// No connection was made: nothing was sent. Try again.
    case unreachable(reason: String)

    /// The connection ended before the answer did. Try again.
    case connectionLost(reason: String)

    /// The body was larger than any right answer can be.
    case answerTooLarge(byteCountMax: Int)

    /// The provider answered something that is not what was asked for. Nothing of it was used.
    case wrongAnswer(found: String, expected: String)

    /// Called again as often and as long as is reasonable, and the last of it.
    case gaveUp(callCount: Int, after: Duration, last: CloudError)

    /// To wait for `needed` is more than is left of the time that this may take. Try later.
    case patienceExhausted(needed: Duration, left: Duration)

    /// The provider is not asked: it failed too often in a row.
    case circuitOpen(CircuitReport)

    /// The call would take more tokens than may be spent. Nothing was sent.
    case spendCapReached(spent: Int, needed: Int, max: Int)

    /// Whether the same call may succeed if it is made again.
    package var isRetriable: Bool {
        switch self {
        case .refused(let status, _): Self.isPassing(status)
        case .throttled, .deadlineExceeded, .unreachable, .connectionLost, .wrongAnswer, .patienceExhausted:
            true
        case .gaveUp(_, _, let last): last.isRetriable
        case .circuitOpen(let report): report.lastFailure?.isRetriable ?? true
        case .invalidEndpoint, .invalidLimit, .invalidKey, .invalidProxy, .certificatesUnreadable,
            .tooManyTexts, .textsTooLarge, .textsRefused, .refusesAll, .answerTooLarge, .spendCapReached:
            false
        }
    }

    /// Faults of the provider or of what stands before it, and collisions: 501 and 505 stay as they are.
    private static func isPassing(_ status: Int) -> Bool {
        switch status {
        case 408, 409, 425, 429: true
        case 501, 505: false
        default: status >= 500
        }
    }

    var isThrottle: Bool {
        if case .throttled = self { true } else { false }
    }

    var isDeadlineMissed: Bool {
        if case .deadlineExceeded = self { true } else { false }
    }

    /// Whether fewer texts may do better.
    var mayBeTooMuch: Bool {
        if case .gaveUp(_, _, let last) = self { last.isDeadlineMissed } else { isDeadlineMissed }
    }

    var retryAfter: Duration? {
        if case .throttled(_, _, let moment) = self { moment } else { nil }
    }

    /// Whether one text may be the reason, though the provider does not say so: a fault that stays when all else
    /// was tried. Ollama, for one, answers 500 to a whole batch in which one text gives no numbers.
    var mayBeOneText: Bool {
        switch self {
        case .refused(let status, _): status == 500
        case .wrongAnswer: true
        case .gaveUp(_, _, let last): last.mayBeOneText
        default: false
        }
    }
}

extension CloudError {
    /// What a refusal comes to that is no text's affair.
    ///
    /// - Parameter message: fit to be shown.
    static func refusal(
        _ status: Int, _ failure: ProviderFailure?, message: String, _ headers: RateLimitHeaders
    ) -> CloudError {
        // Told as 429, but it is no matter of time.
        if failure?.isExhaustedQuota == true { return .refused(status: 402, message: message) }
        guard status == 429 || (status == 503 && headers.retryAfter != nil) else {
            return .refused(status: status, message: message)
        }
        return .throttled(status: status, message: message, retryAfter: headers.retryAfter)
    }
}
