/// The attributes at the head of a Markdown file, between `---` (in the manner of YAML) or `+++` (of TOML)
/// lines.
///
/// Simple scalars are read, and lists of them joined by `, `. What is nested is passed over. Lines that are
/// none of this make the whole ordinary text: a document may begin with a thematic break.
struct FrontMatter {
    /// One past the closing line.
    let end: Int
    let attributes: [String: String]

    init?(_ bytes: [UInt8], _ lines: LineTable, markLength: Int) {
        guard markLength < bytes.count, lines.count > 1 else { return nil }
        let opening = SourceText.text(bytes, markLength..<lines.range(ofLine: 1).upperBound).trimmedEnd
        guard opening == "---" || opening == "+++" else { return nil }
        let isYAML = opening == "---"
        var reader = FrontMatterReader(separator: isYAML ? ":" : "=")
        for line in 2...lines.count {
            let range = lines.range(ofLine: line)
            guard line <= DocumentLimits.frontMatterLinesMax,
                range.upperBound <= DocumentLimits.frontMatterBytesMax
            else { return nil }
            let text = SourceText.text(bytes, range).trimmedEnd
            if text == opening || (isYAML && text == "...") {
                end = range.upperBound
                attributes = reader.finished()
                if reader.hasPair { return } else { return nil }
            }
            guard reader.read(text) else { return nil }
        }
        return nil
    }
}

/// Reads front matter line by line.
private struct FrontMatterReader {
    private let separator: Character
    private var attributes: [String: String] = [:]

    /// The key whose value may go on in the next lines, and the parts found so far.
    private var key: Substring?
    private var parts: [String] = []
    private var isList = false
    private var isNested = false
    private(set) var hasPair = false

    init(separator: Character) {
        self.separator = separator
    }

    /// False for a line that front matter does not have.
    mutating func read(_ line: Substring) -> Bool {
        let content = line.drop(while: \.isWhitespace)
        if content.isEmpty || content.first == "#" { return true }
        if content == "-" || content.hasPrefix("- ") { return readItem(content.dropFirst()) }
        if content.startIndex != line.startIndex || content == "]" { return readContinuation(content) }
        if separator == "=", content.first == "[", content.last == "]" {
            store()
            isNested = true
            return true
        }
        return readPair(content)
    }

    mutating func finished() -> [String: String] {
        store()
        return attributes
    }

    private mutating func readItem(_ item: Substring) -> Bool {
        guard key != nil else { return false }
        isList = true
        parts.append(Self.scalar(item))
        return true
    }

    private mutating func readContinuation(_ content: Substring) -> Bool {
        guard key != nil || isNested else { return false }
        let isPair = content.contains(separator) && parts.isEmpty
        if isPair { key = nil }  // a nested mapping: no scalar
        isNested = isNested || isPair
        if !isPair { parts.append(Self.scalar(content)) }
        return true
    }

    private mutating func readPair(_ content: Substring) -> Bool {
        guard let mark = content.firstIndex(of: separator) else { return false }
        let name = content[..<mark].trimmedEnd
        let value = content[content.index(after: mark)...]
        let isSpaced = separator == "=" || value.isEmpty || value.first == " " || value.first == "\t"
        guard isSpaced, !name.isEmpty,
            name.allSatisfy({ $0.isLetter || $0.isNumber || "_-. \"'".contains($0) })
        else {
            return false
        }
        store()
        hasPair = true
        key = Self.unquoted(name)
        isNested = isNested && separator == "="
        let isBlockScalar = ["|", ">", "|-", ">-", "|+", ">+"].contains(value.trimmed)
        if !isBlockScalar, !value.trimmed.isEmpty { parts = [Self.scalar(value)] }
        return true
    }

    /// Keeps the open key's value. After a TOML table's header, keys belong to the table and are not kept.
    private mutating func store() {
        defer { (key, parts, isList) = (nil, [], false) }
        guard let key, !isNested, attributes.count < DocumentLimits.attributeCountMax,
            key.count <= DocumentLimits.attributeKeyCharactersMax
        else { return }
        let value = parts.filter { !$0.isEmpty }.joined(separator: isList ? ", " : " ")
        let bounded = value.prefix(DocumentLimits.attributeValueCharactersMax)
        if attributes[String(key)] == nil { attributes[String(key)] = String(bounded) }
    }

    /// A value without quotes or comment; `[a, "b"]` as `a, b`.
    private static func scalar(_ raw: Substring) -> String {
        var value = raw.trimmed
        if let first = value.first, first == "\"" || first == "'" {
            if let close = value.dropFirst().firstIndex(of: first) { value = value[...close] }
            return String(unquoted(value))
        }
        if let comment = value.range(ofMark: " #") { value = value[..<comment].trimmedEnd }
        guard value.first == "[", value.last == "]" else { return String(value) }
        return value.dropFirst().dropLast().split(separator: ",").map { String(unquoted($0.trimmed)) }
            .filter { !$0.isEmpty }.joined(separator: ", ")
    }

    private static func unquoted(_ value: Substring) -> Substring {
        guard value.count >= 2, let first = value.first, first == value.last, first == "\"" || first == "'"
        else {
            return value
        }
        return value.dropFirst().dropLast()
    }
}

extension StringProtocol {
    fileprivate var trimmedEnd: SubSequence {
        var end = endIndex
        while end > startIndex, self[index(before: end)].isWhitespace { end = index(before: end) }
        return self[startIndex..<end]
    }

    fileprivate var trimmed: SubSequence { drop(while: \.isWhitespace).trimmedEnd }

    /// The index of a two-character mark.
    fileprivate func range(ofMark mark: String) -> Index? {
        indices.first { self[$0...].hasPrefix(mark) }
    }
}
