import Engine

/// What is wrong with how a search was asked for, in words.
enum SearchErrorText {
    static func describe(_ fault: SearchFault) -> String {
        switch fault {
        case .outOfRange(let parameter, let found, let allowed):
            "\(parameter.rawValue) is \(found); \(allowed.lowerBound) to \(allowed.upperBound) is allowed"
        case .weightsZero: "both weights are 0; at least one must be above"
        case .languageInvalid(let found):
            "the language is '\(found)'; two or three small letters are allowed, as in 'de'"
        case .snapshotUnknown(let found, let newest):
            "there is no snapshot \(found); the newest is \(newest)"
        case .snapshotExpired(let found, let oldest):
            "snapshot \(found) is not kept any more; the oldest is \(oldest)"
        case .snapshotTooFar(let found, let most):
            "\(found) passages were taken away since then; up to \(most) are brought back"
        case .momentOutside: "the workspace had no commit at that time, or the time is to come"
        case .cursorInvalid: "the cursor is none, or belongs to another question"
        case .rerankerMissing: "no reranker is set up: name one with --reranker-url or --reranker-model"
        }
    }
}
