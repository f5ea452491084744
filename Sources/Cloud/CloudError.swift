import Embedding

/// What can go wrong with another machine.
package enum CloudError: EmbedderFailure, Sendable, Equatable {
    /// Mend the configuration.
    case invalidEndpoint(found: String, expected: String)

    /// Mend the request: more texts than one call may carry.
    case tooManyTexts(found: Int, max: Int)

    /// The provider refused. 429 and 5xx are worth another try later; others mean that key or request is
    /// wrong.
    case refused(status: Int, message: String)

    /// No answer within the deadline. Try again.
    case deadlineExceeded(milliseconds: Int64)

    /// The connection failed. Try again.
    case unreachable(reason: String)

    /// The body was larger than any right answer can be.
    case answerTooLarge(byteCountMax: Int)

    /// The provider answered something that is not what was asked for. Nothing of it was used.
    case wrongAnswer(found: String, expected: String)

    /// Whether the same call may succeed if it is made again.
    package var isRetriable: Bool {
        switch self {
        case .refused(let status, _): status == 429 || status >= 500
        case .deadlineExceeded, .unreachable, .wrongAnswer: true
        case .invalidEndpoint, .tooManyTexts, .answerTooLarge: false
        }
    }
}
