import Cloud

/// What goes wrong with an embeddings API, in words.
enum CloudErrorText {
    static func describe(_ error: CloudError) -> String {
        settings(error) ?? "the embeddings API " + call(error)
    }

    /// What the user's own settings are to blame for.
    private static func settings(_ error: CloudError) -> String? {
        switch error {
        case .invalidEndpoint(let found, let expected): "embedder.url: found '\(found)', expected \(expected)"
        case .invalidLimit(let name, let found, let allowed):
            "embedder.\(name) is \(found); this API takes \(allowed.lowerBound) to \(allowed.upperBound)"
        case .invalidKey(let expected): "embedder.key: expected \(expected)"
        case .invalidProxy(let expected): "the proxy of the embeddings API: expected \(expected)"
        case .certificatesUnreadable(let path, let reason):
            "embedder.ca-file: \(path) cannot be read: \(reason)"
        case .spendCapReached(let spent, let needed, let most):
            "no more is embedded: \(Figure.count(spent, "token")) are spent, the next call needs about \(needed), "
                + "and embedder.tokens-max is \(most)"
        case .tooManyTexts(let found, let most): "\(found) texts at once; up to \(most) are embedded"
        default: nil
        }
    }

    private static func call(_ error: CloudError) -> String {
        switch error {
        case .textsRefused(let count, _, let reason): "refuses \(Figure.count(count, "text")): \(reason)"
        case .refused(let status, let message): "refuses with status \(status): \(message)\(hint(status))"
        case .refusesAll(let reason): "refuses all texts: \(reason)"
        case .throttled(let status, let message, let moment):
            "says that it is too much (status \(status)"
                + (moment.map { ", come back in \(Figure.seconds($0))" } ?? "") + "): \(message)"
        case .deadlineExceeded(let milliseconds): "did not answer within \(milliseconds) ms"
        case .unreachable(let reason): "cannot be reached: \(reason)"
        case .connectionLost(let reason): "broke off: \(reason)"
        case .answerTooLarge(let most): "sends an answer of more than \(most) bytes"
        case .wrongAnswer(let found, let expected):
            "answers wrongly: found \(found), expected \(expected)\(hint(found, expected))"
        case .gaveUp(let count, let time, let last):
            "failed \(count) times in \(Figure.seconds(time)); the last time it " + call(last)
        case .patienceExhausted(let needed, _):
            "wants \(Figure.seconds(needed)) of waiting, which is more than is left"
        case .circuitOpen(let report): circuit(report)
        default: "failed: \(error)"
        }
    }

    private static func circuit(_ report: CircuitReport) -> String {
        let last = report.lastFailure.map { "; the last time it " + call($0) } ?? ""
        return
            "is not asked: the circuit is \(report.phase.rawValue) since \(Figure.seconds(report.openFor)), after "
            + "\(Figure.count(report.failureCount, "failure")) in a row, and is tried again in "
            + Figure.seconds(report.nextTryIn) + last
    }

    private static func hint(_ status: Int) -> String {
        switch status {
        case 401, 403: ". Is CARREL_EMBEDDER_KEY its key?"
        case 404, 405: ". Are embedder.url and embedder.model right?"
        default: ""
        }
    }

    private static func hint(_ found: String, _ expected: String) -> String {
        expected.hasPrefix("dimension")
            ? ". Set embedder.dimension to what the model has, or embedder.ask-dimension to true if it can shorten"
            : ""
    }
}
