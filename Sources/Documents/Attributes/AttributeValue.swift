/// The value of a document's attribute.
///
/// As JSON it is what a person would write: `"x"`, `3.5`, `true`, `["a", "b"]`; a moment is
/// `{"date": "2026-01-31T00:00:00Z"}`, so that it is told from a string that looks like one.
package enum AttributeValue: Sendable, Hashable {
    case string(String)

    /// Finite.
    case number(Double)
    case bool(Bool)

    /// Since 1970, UTC.
    case date(milliseconds: Int64)
    case strings([String])

    /// The text of a string; nil for every other value.
    package var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// What of its document's allowance it takes, its name aside.
    package var byteCount: Int {
        switch self {
        case .string(let text): text.utf8.count
        case .number, .date: 8
        case .bool: 1
        case .strings(let texts): texts.reduce(0) { $0 + $1.utf8.count }
        }
    }
}

extension AttributeValue {
    /// Whole numbers beyond it a Double does not tell apart.
    package static let exactIntegerMax = 1 << 53

    /// What a scalar without quotation marks says, as in YAML and TOML: `true` and `false`, a number, a date, or else
    /// its text.
    ///
    /// Numbers are as in JSON: `007` and `+1` are texts, and so are whole numbers too long for a Double.
    package init(unquoted text: String) {
        switch text {
        case "true", "True", "TRUE": self = .bool(true)
        case "false", "False", "FALSE": self = .bool(false)
        default:
            if let number = Self.number(text) {
                self = .number(number)
            } else {
                self.init(datedText: text)
            }
        }
    }

    /// A date where the text is one, `2026-01-31` or RFC 3339, and else the text.
    package init(datedText text: String) {
        self =
            AttributeDate.milliseconds(of: text).map { .date(milliseconds: $0) } ?? .string(text)
    }

    private static func number(_ text: String) -> Double? {
        guard text.utf8.count <= 40,
            text.wholeMatch(of: /-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?/) != nil,
            let number = Double(text), number.isFinite
        else { return nil }
        return number.magnitude > Double(exactIntegerMax) && !text.contains(/[.eE]/) ? nil : number
    }

    /// Strings cut, and lists shortened, to what an attribute may hold.
    package var bounded: AttributeValue {
        let bytesMax = DocumentLimits.attributeStringBytesMax
        return switch self {
        case .string(let text): .string(text.prefix(byteCount: bytesMax))
        case .strings(let texts):
            .strings(texts.prefix(DocumentLimits.attributeStringsMax).map { $0.prefix(byteCount: bytesMax) })
        case .number, .bool, .date: self
        }
    }
}

extension [String: AttributeValue] {
    /// What all attributes together take of their document's allowance.
    package var attributeByteCount: Int {
        reduce(0) { $0 + $1.key.utf8.count + $1.value.byteCount }
    }

    /// These, and those of `others` under other names as long as there is room, in the order of their names.
    package func filled(from others: [String: AttributeValue]) -> [String: AttributeValue] {
        var filled = self
        var byteCount = attributeByteCount
        for (name, value) in others.sorted(by: { $0.key < $1.key }) where self[name] == nil {
            let more = name.utf8.count + value.byteCount
            guard filled.count < DocumentLimits.attributeCountMax,
                byteCount + more <= DocumentLimits.attributesBytesMax
            else { continue }
            filled[name] = value
            byteCount += more
        }
        return filled
    }
}

extension AttributeValue: Codable {
    private enum CodingKeys: String, CodingKey {
        case date
    }

    package init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if let text = try? value.decode(String.self) {
            self = .string(text)
        } else if let truth = try? value.decode(Bool.self) {
            self = .bool(truth)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let texts = try? value.decode([String].self) {
            self = .strings(texts)
        } else {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            let text = try container.decode(String.self, forKey: .date)
            guard let milliseconds = AttributeDate.milliseconds(of: text) else {
                throw DecodingError.dataCorruptedError(
                    forKey: .date, in: container, debugDescription: "no date of \(text.utf8.count) bytes")
            }
            self = .date(milliseconds: milliseconds)
        }
    }

    package func encode(to encoder: any Encoder) throws {
        if case .date(let milliseconds) = self {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(AttributeDate.text(milliseconds: milliseconds), forKey: .date)
            return
        }
        var container = encoder.singleValueContainer()
        switch self {
        case .string(let text): try container.encode(text)
        case .number(let number): try container.encode(number)
        case .bool(let value): try container.encode(value)
        case .date(let milliseconds): try container.encode(AttributeDate.text(milliseconds: milliseconds))
        case .strings(let texts): try container.encode(texts)
        }
    }
}

extension AttributeValue: ExpressibleByStringInterpolation, ExpressibleByFloatLiteral,
    ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(floatLiteral value: Double) { self = .number(value) }
    package init(integerLiteral value: Int) { self = .number(Double(value)) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(arrayLiteral elements: String...) { self = .strings(elements) }
}

extension String {
    /// As much as fits into `byteCount` bytes of UTF-8, cut between two characters.
    package func prefix(byteCount: Int) -> String {
        guard utf8.count > byteCount else { return self }
        var end = utf8.index(startIndex, offsetBy: byteCount)
        while end > startIndex, Index(end, within: self) == nil { end = utf8.index(before: end) }
        return String(self[..<end])
    }
}
