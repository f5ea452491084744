import ArgumentParser
import Documents
import Engine
import Store

/// Which documents a search on the command line looks in: `--filter` and every `--where`, all of which must hold.
struct SearchFilterOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Only documents that match, as JSON: {\"type\": \"eq\", \"key\": \"team\", \"value\": \"power\"}.",
            valueName: "json"))
    var filter: String?

    @Option(
        name: .customLong("where"),
        help: ArgumentHelp(
            """
            Only documents of which this is true: 'year>=2020', 'team=power', 'title~How'. The signs are = != > >= < \
            <= and ~ for "begins with". May be given several times; all must be true.
            """,
            valueName: "condition"))
    var conditions: [String] = []

    /// Nil where nothing was said.
    func documentFilter() throws -> DocumentFilter? {
        var filters = try filter.map { [try DocumentFilter(jsonText: $0)] } ?? []
        filters += try conditions.map { try WhereClause.filter($0) }
        return filters.count > 1 ? .and(filters) : filters.first
    }
}

/// `year>=2020` as a filter.
enum WhereClause {
    /// Longer ones first, so that `>=` is not read as `>`.
    private static let signs = [
        ("!=", "ne"), (">=", "gte"), ("<=", "lte"), ("=", "eq"), (">", "gt"), ("<", "lt"), ("~", "prefix"),
    ]

    /// - Throws: `EngineError.filterInvalid`.
    static func filter(_ text: String) throws(EngineError) -> DocumentFilter {
        guard let start = text.firstIndex(where: { "!=<>~".contains($0) }),
            let (sign, type) = signs.first(where: { text[start...].hasPrefix($0.0) })
        else {
            throw .filterInvalid(
                FilterFault(
                    at: "--where", found: "'\(text)'",
                    expected: "a name, one of = != > >= < <= ~, and a value"))
        }
        let name = text[..<start].trimmed
        let value = text[start...].dropFirst(sign.count).trimmed
        return try DocumentFilter(
            json: .object([
                "type": .string(type), "key": .string(name),
                "value": type == "prefix"
                    ? .string(AttributeClause.unquoted(value) ?? value) : AttributeClause.value(value),
            ]))
    }
}

extension Substring {
    fileprivate var trimmed: String {
        var text = self
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text.drop(while: \.isWhitespace))
    }
}
