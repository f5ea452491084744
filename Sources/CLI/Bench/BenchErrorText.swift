import Evaluation

/// What goes wrong with vectors and measurements, in words.
enum BenchErrorText {
    static func vectorFile(_ error: VectorFileError) -> String {
        switch error {
        case .unreadable(let path, let code): "'\(path)' cannot be read: \(ErrorText.reason(code))"
        case .unwritable(let path, let code): "'\(path)' cannot be written: \(ErrorText.reason(code))"
        case .unknownFormat(let path, let allowed):
            "'\(path)' has no ending that is known; these are: \(allowed.joined(separator: " "))"
        case .empty(let path): "'\(path)' holds no row"
        case .sizeMismatch(let path, let expected, let found):
            "'\(path)' has \(found) bytes, expected \(expected) by what it says of itself; is it whole?"
        case .wrongMagic(let path, let found, let expected):
            "'\(path)' begins with \(hexadecimal(found)), expected \(hexadecimal(expected))"
        case .headerField(let path, let field, let found, let expected):
            "'\(path)': \(field) is \(Terminal.harmless(found)), expected \(expected)"
        case .countOutOfRange(let path, let found, let allowed):
            "'\(path)' says it has \(found) rows; \(allowed.lowerBound) to \(allowed.upperBound) are allowed"
        case .dimensionOutOfRange(let path, let found, let allowed):
            "'\(path)' says its dimension is \(found); \(allowed.lowerBound) to \(allowed.upperBound) are allowed"
        case .rowDimension(let path, let row, let expected, let found):
            "'\(path)': row \(row) says its dimension is \(found), expected \(expected) as in the first"
        case .elementType(let path, let found, let expected):
            "'\(path)' is for \(found.rawValue), expected \(expected.map(\.rawValue).joined(separator: " or "))"
        case .notFinite(let path, let row): "'\(path)': row \(row) holds a component that is no finite number"
        case .rowsMismatch(let path, let expected, let found):
            "'\(path)' was to get \(expected) rows and got \(found)"
        case .integerOutOfRange(let path, let found):
            "'\(path)' holds ids up to \(Int32.max), not \(found); write .npy instead"
        }
    }

    static func benchmark(_ error: BenchmarkError) -> String {
        switch error {
        case .dimensionMismatch(let base, let query):
            "the base vectors have dimension \(base), the queries \(query)"
        case .kOutOfRange(let found, let allowed):
            "k is \(found); \(allowed.lowerBound) to \(allowed.upperBound) are possible with these base vectors"
        case .heldOutOfRange(let found, let allowed):
            "\(found) rows are to be held out; \(allowed.lowerBound) to \(allowed.upperBound) can be"
        case .sampleHoldsQueries(let count):
            "all \(count) vectors of the sample are queries that recall is judged by; take others"
        case .truthCountMismatch(let expected, let found):
            "the truth answers \(found) queries, and there are \(expected)"
        case .truthDepthMismatch(let ids, let scores):
            "the truth names \(ids) neighbors of a query and \(scores) similarities"
        case .truthTooShallow(let depth, let needed):
            "the truth names \(depth) neighbors of a query; \(needed) are needed"
        case .truthOutOfRange(let query, let id, let rowCount):
            "the truth of query \(query) names row \(id), and the base has \(rowCount) rows; was it cut by --limit?"
        case .truthNotDescending(let query, let rank, let score, let before):
            "the truth cannot be of these vectors: neighbor \(rank) of query \(query) has similarity \(score), the "
                + "one before it \(before). \(euclidean)"
        case .truthContradicted(let query, let id, let score, let best):
            "the truth cannot be of these vectors: row \(id) has similarity \(score) to query \(query), the truth's "
                + "best \(best). \(euclidean)"
        case .unknownID(let query, let id, let rowCount):
            "the engine answered query \(query) with row \(id), and the base has \(rowCount) rows"
        case .answerCountMismatch(let expected, let found):
            "the engine gave \(found) answers to \(expected) queries"
        case .notOffered(let engine, let ability): "\(engine) does not offer \(ability)"
        }
    }

    private static let euclidean =
        "Truth by Euclidean distance fits only vectors of length 1; with --normalize it must be of normalized ones"

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { (0x10...).contains($0) ? String($0, radix: 16) : "0" + String($0, radix: 16) }
            .joined(separator: " ")
    }
}
