/// The attributes at the head of a Markdown file, between `---` (in the manner of YAML) or `+++` (of TOML)
/// lines.
///
/// Simple scalars are read, and lists of them. Without quotation marks a number, a date, `true` and `false` are
/// themselves, and everything else is a string; what is in a list is a string always. What is nested is passed over.
/// Lines that are none of this make the whole ordinary text: a document may begin with a thematic break.
struct FrontMatter {
    /// One past the closing line.
    let end: Int
    let attributes: [String: AttributeValue]

    /// What `title` says, as it is written there.
    let title: String?

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
                title = reader.title
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
    private var attributes: [String: AttributeValue] = [:]
    private var byteCount = 0
    private(set) var title: String?

    /// The key whose value may go on in the next lines, and the parts found so far.
    private var key: Substring?
    private var parts: [Scalar] = []
    private var isList = false

    /// The value is a block of text, whatever it looks like.
    private var isText = false
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

    mutating func finished() -> [String: AttributeValue] {
        store()
        return attributes
    }

    private mutating func readItem(_ item: Substring) -> Bool {
        guard key != nil else { return false }
        isList = true
        parts.append(Scalar(item))
        return true
    }

    private mutating func readContinuation(_ content: Substring) -> Bool {
        guard key != nil || isNested else { return false }
        let isPair = content.contains(separator) && parts.isEmpty
        if isPair { key = nil }  // a nested mapping: no scalar
        isNested = isNested || isPair
        if !isPair { parts.append(Scalar(content)) }
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
        key = name.unquoted
        isNested = isNested && separator == "="
        isText = ["|", ">", "|-", ">-", "|+", ">+"].contains(value.trimmed)
        if !isText, !value.trimmed.isEmpty { parts = [Scalar(value)] }
        return true
    }

    /// Keeps the open key's value. After a TOML table's header, keys belong to the table and are not kept.
    private mutating func store() {
        defer { (key, parts, isList, isText) = (nil, [], false, false) }
        guard let key, !isNested else { return }
        let name = String(key)
        let value = value.bounded
        let more = name.utf8.count + value.byteCount
        guard attributes[name] == nil, attributes.count < DocumentLimits.attributeCountMax,
            (1...DocumentLimits.attributeNameBytesMax).contains(name.utf8.count),
            byteCount + more <= DocumentLimits.attributesBytesMax
        else { return }
        if name == "title" { title = text.prefix(byteCount: DocumentLimits.attributeStringBytesMax) }
        attributes[name] = value
        byteCount += more
    }

    private var value: AttributeValue {
        if isList { return .strings(parts.flatMap { $0.items ?? [$0.text] }.filter { !$0.isEmpty }) }
        guard parts.count == 1, let only = parts.first, !isText else { return .string(text) }
        if let items = only.items { return .strings(items) }
        return only.isQuoted ? .string(only.text) : AttributeValue(unquoted: only.text)
    }

    /// Its parts in one line.
    private var text: String {
        parts.map(\.text).filter { !$0.isEmpty }.joined(separator: isList ? ", " : " ")
    }
}

/// A value without quotes or comment.
private struct Scalar {
    let text: String
    let isQuoted: Bool

    /// Those of `[a, "b"]`; nil for what is no list.
    let items: [String]?

    init(_ raw: Substring) {
        var value = raw.trimmed
        if let first = value.first, first == "\"" || first == "'" {
            if let close = value.dropFirst().firstIndex(of: first) { value = value[...close] }
            (text, isQuoted, items) = (String(value.unquoted), true, nil)
            return
        }
        isQuoted = false
        if let comment = value.range(ofMark: " #") { value = value[..<comment].trimmedEnd }
        guard value.count >= 2, value.first == "[", value.last == "]" else {
            (text, items) = (String(value), nil)
            return
        }
        let found = value.dropFirst().dropLast().split(separator: ",").map { String($0.trimmed.unquoted) }
            .filter { !$0.isEmpty }
        (text, items) = (found.joined(separator: ", "), found)
    }
}

extension Substring {
    fileprivate var unquoted: Substring {
        guard count >= 2, let first, first == last, first == "\"" || first == "'" else { return self }
        return dropFirst().dropLast()
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
