import Documents
import Engine
import Store

/// What stands behind the sign of `year=2026`, where conditions and attributes are written on a command line. A number,
/// `true` and `false` are themselves, and so is a text in quotation marks, which a number may be put in.
enum AttributeClause {
    static func value(_ text: some StringProtocol) -> PlainValue {
        let text = String(text)
        if let quoted = unquoted(text) { return .string(quoted) }
        // Dates stay as they are written: whoever takes them reads them.
        if case .date = AttributeValue(unquoted: text) { return .string(text) }
        return AttributeValue(unquoted: text).plain
    }

    static func unquoted(_ text: String) -> String? {
        guard text.count >= 2, let first = text.first, first == text.last, first == "\"" || first == "'"
        else { return nil }
        return String(text.dropFirst().dropLast())
    }
}

extension PlainValue {
    /// A list of this one and the other; a list takes one more.
    func appended(_ value: PlainValue) -> PlainValue {
        if case .list(let values) = self { .list(values + [value]) } else { .list([self, value]) }
    }
}
