import Engine

extension SearchFault {
    /// In the words of the wire.
    var words: String {
        switch self {
        case .outOfRange(_, let found, let allowed):
            """
            Found \(Self.text(found)); \(Self.text(allowed.lowerBound)) to \(Self.text(allowed.upperBound)) is \
            allowed.
            """
        case .weightsZero: "Both weights are 0; at least one must be above."
        case .languageInvalid(let found):
            "Found '\(found.prefix(16))'; two or three small letters are allowed, as in 'de'."
        case .snapshotUnknown(let found, let newest): "Found \(found); the newest is \(newest)."
        case .snapshotExpired(let found, let oldest):
            "Found \(found); what was there before \(oldest) is not kept."
        case .snapshotTooFar(let found, let most):
            "\(found) passages were taken away since; up to \(most) are brought back."
        case .momentOutside: "The workspace had no commit at that time, or the time is to come."
        case .cursorInvalid: "The cursor is none, or belongs to another question."
        case .rerankerMissing: "The server has no reranker; leave out rerank, or set one up."
        }
    }

    /// The field at fault; nil where it is none.
    var pointer: String? {
        switch self {
        case .outOfRange(let parameter, _, _): "/" + parameter.rawValue.replacing(".", with: "/")
        case .weightsZero: "/weights"
        case .languageInvalid: "/language"
        case .snapshotUnknown, .snapshotExpired, .snapshotTooFar, .momentOutside: "/as_of"
        case .cursorInvalid: "/cursor"
        case .rerankerMissing: "/rerank"
        }
    }

    /// Without the point where it is whole.
    private static func text(_ number: Double) -> String {
        number.rounded() == number && abs(number) < 1e15 ? "\(Int(number))" : "\(number)"
    }
}
