import Cloud

/// What goes wrong with another machine's API, in words.
struct CloudErrorText {
    /// Which of them it is, by the name of its settings.
    enum Service: String {
        case embedder, reranker

        var name: String {
            switch self {
            case .embedder: "embeddings API"
            case .reranker: "reranking API"
            }
        }
    }

    private let service: Service
    private var setting: String { service.rawValue }

    init(of service: Service) {
        self.service = service
    }

    func describe(_ error: CloudError) -> String {
        settings(error) ?? "the \(service.name) " + call(error)
    }

    /// What the user's own settings are to blame for.
    private func settings(_ error: CloudError) -> String? {
        switch error {
        case .invalidEndpoint(let found, let expected):
            "\(setting).url: found '\(found)', expected \(expected)"
        case .invalidLimit(let name, let found, let allowed):
            "\(setting).\(name) is \(found); this API takes \(allowed.lowerBound) to \(allowed.upperBound)"
        case .invalidKey(let expected): "\(setting).key: expected \(expected)"
        case .invalidProxy(let expected): "the proxy of the \(service.name): expected \(expected)"
        case .certificatesUnreadable(let path, let reason):
            "\(setting).ca-file: \(path) cannot be read: \(reason)"
        case .spendCapReached(let spent, let needed, let most):
            "no more is embedded: \(Figure.count(spent, "token")) are spent, the next call needs about \(needed), "
                + "and embedder.tokens-max is \(most)"
        case .tooManyTexts(let found, let most):
            "\(found) texts at once; the \(service.name) takes up to \(most)"
        case .textsTooLarge(let found, let most):
            "the texts have \(found) bytes together; the \(service.name) takes up to \(most)"
        default: nil
        }
    }

    private func call(_ error: CloudError) -> String {
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

    private func circuit(_ report: CircuitReport) -> String {
        let last = report.lastFailure.map { "; the last time it " + call($0) } ?? ""
        return
            "is not asked: the circuit is \(report.phase.rawValue) since \(Figure.seconds(report.openFor)), after "
            + "\(Figure.count(report.failureCount, "failure")) in a row, and is tried again in "
            + Figure.seconds(report.nextTryIn) + last
    }

    private func hint(_ status: Int) -> String {
        switch status {
        case 401, 403: ". Is CARREL_\(setting.uppercased())_KEY its key?"
        case 404, 405: ". Are \(setting).url and \(setting).model right?"
        default: ""
        }
    }

    private func hint(_ found: String, _ expected: String) -> String {
        expected.hasPrefix("dimension")
            ? ". Set embedder.dimension to what the model has, or embedder.ask-dimension to true if it can shorten"
            : ""
    }
}
