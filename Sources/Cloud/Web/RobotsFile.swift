/// What a `robots.txt` allows one crawler (RFC 9309). Pure.
package struct RobotsFile: Sendable, Equatable {
    /// Bytes that are read; the RFC asks for 500 KiB at least (2.5).
    package static let byteCountMax = 512 * 1_024

    /// Rules for one crawler. Files in the wild have some hundred.
    static let ruleCountMax = 10_000

    private struct Rule: Sendable, Equatable {
        let pattern: [UInt8]
        let allows: Bool

        /// Whether `$` stood at its end: nothing may follow.
        let isWhole: Bool
    }

    private let rules: [Rule]

    /// - Parameter product: the crawler's name, compared without regard to case.
    package init(_ bytes: [UInt8], for product: String) {
        // A byte order mark is no part of the first line.
        let start = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
        let text = String(decoding: bytes.prefix(Self.byteCountMax)[start...], as: UTF8.self)
        var (own, others): ([Rule], [Rule]) = ([], [])
        // Whom the group is for: lines with names that follow one another are of one group.
        var (isOwn, isForAll, isReadingNames, hasOwnGroup) = (false, false, false, false)
        for line in text.split(whereSeparator: \.isNewline) {
            guard let (field, value) = Self.field(in: line) else { continue }
            switch field {
            case "user-agent":
                if !isReadingNames { (isOwn, isForAll) = (false, false) }
                isReadingNames = true
                isOwn = isOwn || Self.product(in: value) == product.lowercased()
                isForAll = isForAll || value == "*"
                hasOwnGroup = hasOwnGroup || isOwn
            case "allow", "disallow":
                isReadingNames = false
                guard !value.isEmpty else { continue }
                let rule = Self.rule(value, allows: field == "allow")
                if isOwn, own.count < Self.ruleCountMax { own.append(rule) }
                if isForAll, others.count < Self.ruleCountMax { others.append(rule) }
            // Other records, a sitemap's say, part no group (2.2.4).
            default: break
            }
        }
        rules = hasOwnGroup ? own : others
    }

    /// The longest pattern that matches decides; of two that are as long, the one that allows (2.2.2).
    ///
    /// - Parameter path: with its query, as it stands in the address.
    package func allows(_ path: String) -> Bool {
        let target = Self.normalized(path.isEmpty ? "/" : path)
        if target == Array("/robots.txt".utf8) { return true }
        var longest = -1
        var allows = true
        for rule in rules where Self.matches(rule, target) {
            let length = rule.pattern.count + (rule.isWhole ? 1 : 0)
            if length > longest || length == longest && rule.allows {
                (longest, allows) = (length, rule.allows)
            }
        }
        return allows
    }

    private static func field(in line: Substring) -> (name: String, value: Substring)? {
        let content = line.prefix { $0 != "#" }
        guard let colon = content.firstIndex(of: ":") else { return nil }
        let name = trimmed(content[..<colon]).lowercased()
        return (name, trimmed(content[content.index(after: colon)...]))
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }

    /// A version behind the name is none of it.
    private static func product(in value: Substring) -> String {
        String(value.prefix { $0.isLetter || $0 == "-" || $0 == "_" }).lowercased()
    }

    private static func rule(_ value: Substring, allows: Bool) -> Rule {
        let isWhole = value.hasSuffix("$")
        return Rule(
            pattern: normalized(String(isWhole ? value.dropLast() : value)), allows: allows, isWhole: isWhole)
    }

    /// Percent-encoded where it must be, and nowhere else, so that two spellings of one path are one (2.2.2).
    private static func normalized(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            var byte = bytes[index]
            var isEncoded = byte >= 0x80
            if byte == UInt8(ascii: "%"), index + 2 < bytes.count,
                let value = UInt8(String(decoding: bytes[index + 1...index + 2], as: UTF8.self), radix: 16)
            {
                byte = value
                isEncoded = !isUnreserved(value)
                index += 2
            }
            if isEncoded {
                let digits = String(byte, radix: 16, uppercase: true)
                result += Array(("%" + (digits.count == 1 ? "0" : "") + digits).utf8)
            } else {
                result.append(byte)
            }
            index += 1
        }
        return result
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        let scalar = Unicode.Scalar(byte)
        return scalar.properties.isASCIIHexDigit || ("a"..."z").contains(scalar)
            || ("A"..."Z").contains(scalar) || "-._~".unicodeScalars.contains(scalar)
    }

    /// From the path's beginning on; `*` is any run of characters. Takes the product of the two lengths at most.
    private static func matches(_ rule: Rule, _ path: [UInt8]) -> Bool {
        let pattern = rule.isWhole ? rule.pattern : rule.pattern + [UInt8(ascii: "*")]
        var (wanted, found) = (0, 0)
        var lastRun: (wanted: Int, found: Int)?
        while found < path.count {
            if wanted < pattern.count, pattern[wanted] == UInt8(ascii: "*") {
                lastRun = (wanted, found)
                wanted += 1
            } else if wanted < pattern.count, pattern[wanted] == path[found] {
                wanted += 1
                found += 1
            } else if let run = lastRun {
                lastRun = (run.wanted, run.found + 1)
                (wanted, found) = (run.wanted + 1, run.found + 1)
            } else {
                return false
            }
        }
        return pattern[wanted...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
