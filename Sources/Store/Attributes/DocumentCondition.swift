package import Documents

/// One thing that a document may be asked for: a leaf of a filter.
package enum DocumentCondition: Hashable, Sendable {
    /// Never true where the value is of another type than the document's, or the document has none.
    ///
    /// Strings are compared by their bytes of UTF-8. One that is a date is compared with dates as that date, and with
    /// strings as itself.
    case compare(DocumentField, Comparison, AttributeValue)

    /// It is equal to one of these.
    case isAny(DocumentField, of: [AttributeValue])

    /// A list has this string among its own, or a string holds it.
    case contains(DocumentField, String)
    case exists(DocumentField)

    /// - Parameter isRecursive: whether what lies in its sub-folders counts. The root is "".
    case folder(String, isRecursive: Bool)
    case documents([DocumentID])
}

/// What of a document is compared.
package enum DocumentField: Hashable, Sendable {
    case attribute(String)
    case path, title, mediaType
    case created, updated
}

package enum Comparison: String, Hashable, Sendable, CaseIterable {
    case equal = "eq"
    case greater = "gt"
    case greaterOrEqual = "gte"
    case less = "lt"
    case lessOrEqual = "lte"

    /// Of strings only.
    case prefix
}

/// A comparison as an index answers it: everything from `lower` up to, but without, `upper`.
struct ValueRange: Equatable {
    let kind: AttributeKind
    let lower: SQLiteValue
    let upper: SQLiteValue

    /// One for each type that the value is compared with; none where the comparison can never be true.
    static func ranges(_ comparison: Comparison, _ value: AttributeValue) -> [ValueRange] {
        switch value {
        case .string(let text):
            let date = AttributeDate.milliseconds(of: text).flatMap { dates(comparison, $0) }
            return [strings(comparison, text), date].compactMap { $0 }
        case .number(let number): return [numbers(comparison, number)].compactMap { $0 }
        case .date(let milliseconds): return [dates(comparison, milliseconds)].compactMap { $0 }
        case .bool(let truth):
            guard comparison == .equal else { return [] }
            let bit: Int64 = truth ? 1 : 0
            return [ValueRange(kind: .bool, lower: .integer(bit), upper: .integer(bit + 1))]
        case .strings: return []
        }
    }

    /// The next text after one is that with U+0001 at its end: texts in the database hold no NUL. A blob comes after
    /// every text.
    static func strings(_ comparison: Comparison, _ text: String) -> ValueRange {
        let next = SQLiteValue.text(text + "\u{1}")
        let (lower, upper): (SQLiteValue, SQLiteValue) =
            switch comparison {
            case .equal: (.text(text), next)
            case .greater: (next, .afterText)
            case .greaterOrEqual: (.text(text), .afterText)
            case .less: (.text(""), .text(text))
            case .lessOrEqual: (.text(""), next)
            case .prefix: (.text(text), afterPrefix(text))
            }
        return ValueRange(kind: .string, lower: lower, upper: upper)
    }

    private static func numbers(_ comparison: Comparison, _ number: Double) -> ValueRange? {
        let (lower, upper): (Double, Double) =
            switch comparison {
            case .equal: (number, number.nextUp)
            case .greater: (number.nextUp, .infinity)
            case .greaterOrEqual: (number, .infinity)
            case .less: (-.infinity, number)
            case .lessOrEqual: (-.infinity, number.nextUp)
            case .prefix: (0, 0)
            }
        guard comparison != .prefix else { return nil }
        return ValueRange(kind: .number, lower: .real(lower), upper: .real(upper))
    }

    private static func dates(_ comparison: Comparison, _ date: Int64) -> ValueRange? {
        let (lower, upper): (Int64, Int64) =
            switch comparison {
            case .equal: (date, date + 1)
            case .greater: (date + 1, .max)
            case .greaterOrEqual: (date, .max)
            case .less: (.min, date)
            case .lessOrEqual: (.min, date + 1)
            case .prefix: (0, 0)
            }
        guard comparison != .prefix else { return nil }
        return ValueRange(kind: .date, lower: .integer(lower), upper: .integer(upper))
    }

    /// The first text after all that begin with `text`: its last scalar is one more. UTF-8 sorts as scalars do.
    static func afterPrefix(_ text: String) -> SQLiteValue {
        var scalars = Array(text.unicodeScalars)
        while let last = scalars.last {
            scalars.removeLast()
            // Behind U+D7FF there are none up to U+E000.
            let next = last.value == 0xD7FF ? 0xE000 : last.value + 1
            guard let scalar = Unicode.Scalar(next) else { continue }
            scalars.append(scalar)
            return .text(String(String.UnicodeScalarView(scalars)))
        }
        return .afterText
    }
}
