package import Documents

/// What is wrong with attributes that came from outside: fix the request.
package enum AttributeFault: Error, Sendable, Equatable {
    case nameLength(byteCount: Int, byteCountMax: Int)

    /// It has a colon, begins with `@`, or holds NUL. Such names are Carrel's own.
    case nameReserved(String)

    /// Neither string, number, truth nor a list of strings.
    case valueUnsupported(name: String, found: String)
    case holdsNUL(name: String)
    case stringTooLong(name: String, byteCount: Int, byteCountMax: Int)
    case tooManyStrings(name: String, found: Int, max: Int)
    case tooMany(found: Int, max: Int)

    /// Names and values together.
    case tooLarge(byteCount: Int, byteCountMax: Int)
}

extension AttributeValue {
    /// A value of JSON as an attribute: a string that is a date is that date, and a whole number that a Double does not
    /// hold is a string of its digits. Nil for what is none.
    init?(_ value: PlainValue) {
        switch value {
        case .string(let text): self.init(datedText: text)
        case .boolean(let truth): self = .bool(truth)
        case .integer(let number):
            let isExact = number.magnitude <= Self.exactIntegerMax.magnitude
            self = isExact ? .number(Double(number)) : .string(String(number))
        case .number(let number):
            guard number.isFinite else { return nil }
            self = .number(number)
        case .list(let values):
            var texts: [String] = []
            for value in values {
                guard case .string(let text) = value else { return nil }
                texts.append(text)
            }
            self = .strings(texts)
        case .null, .object: return nil
        }
    }

    /// As JSON; a date is a string of RFC 3339.
    package var plain: PlainValue {
        switch self {
        case .string(let text): .string(text)
        case .number(let number): .number(number)
        case .bool(let truth): .boolean(truth)
        case .date(let milliseconds): .string(AttributeDate.text(milliseconds: milliseconds))
        case .strings(let texts): .list(texts.map { .string($0) })
        }
    }
}

/// Attributes from outside, checked.
enum AttributeInput {
    /// - Throws: `AttributeFault`.
    static func attributes(
        _ members: [String: PlainValue]
    ) throws(AttributeFault) -> [String: AttributeValue] {
        let most = DocumentLimits.attributeCountMax
        guard members.count <= most else { throw .tooMany(found: members.count, max: most) }
        var attributes: [String: AttributeValue] = [:]
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            attributes[name] = try attribute(name, value)
        }
        try checkSize(attributes)
        return attributes
    }

    /// What a merge patch (RFC 7396) leaves of attributes: null takes one away.
    static func merged(
        _ patch: [String: PlainValue], into attributes: [String: AttributeValue]
    ) throws(AttributeFault) -> [String: AttributeValue] {
        var merged = attributes
        for (name, value) in patch.sorted(by: { $0.key < $1.key }) {
            guard value != .null else {
                try checkName(name)
                merged[name] = nil
                continue
            }
            merged[name] = try attribute(name, value)
        }
        // Those that Carrel gives itself are beside the allowance.
        let own = merged.filter { !DocumentAttribute.all.contains($0.key) }
        let most = DocumentLimits.attributeCountMax
        guard own.count <= most else { throw .tooMany(found: own.count, max: most) }
        try checkSize(own)
        return merged
    }

    static func checkName(_ name: String) throws(AttributeFault) {
        let (byteCount, most) = (name.utf8.count, DocumentLimits.attributeNameBytesMax)
        guard (1...most).contains(byteCount) else {
            throw .nameLength(byteCount: byteCount, byteCountMax: most)
        }
        guard !name.contains(":"), !name.hasPrefix("@"), !name.utf8.contains(0) else {
            throw .nameReserved(name)
        }
    }

    private static func attribute(
        _ name: String, _ value: PlainValue
    ) throws(AttributeFault) -> AttributeValue {
        try checkName(name)
        guard let attribute = AttributeValue(value) else {
            throw .valueUnsupported(name: name, found: value.kindWords)
        }
        switch attribute {
        case .string(let text): try check(text, name)
        case .strings(let texts):
            let most = DocumentLimits.attributeStringsMax
            guard texts.count <= most else {
                throw .tooManyStrings(name: name, found: texts.count, max: most)
            }
            for text in texts { try check(text, name) }
        case .number, .bool, .date: break
        }
        return attribute
    }

    private static func check(_ text: String, _ name: String) throws(AttributeFault) {
        let (byteCount, most) = (text.utf8.count, DocumentLimits.attributeStringBytesMax)
        guard byteCount <= most else {
            throw .stringTooLong(name: name, byteCount: byteCount, byteCountMax: most)
        }
        guard !text.utf8.contains(0) else { throw .holdsNUL(name: name) }
    }

    private static func checkSize(_ attributes: [String: AttributeValue]) throws(AttributeFault) {
        let (byteCount, most) = (attributes.attributeByteCount, DocumentLimits.attributesBytesMax)
        guard byteCount <= most else { throw .tooLarge(byteCount: byteCount, byteCountMax: most) }
    }
}
