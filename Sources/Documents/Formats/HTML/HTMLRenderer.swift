/// HTML as a rendition: the main text with its headings, lists, tables, links and code; what no reader sees
/// is dropped and counted.
enum HTMLRenderer {
    /// - Throws: `.damaged`, `.overLimit`.
    static func render(_ bytes: [UInt8]) throws(DocumentError) -> Rendition {
        var body = HTMLBody(tree: try tree(of: bytes, in: .html))
        body.renderMainText()
        return try body.writer.rendition(
            of: .html, title: body.title, attributes: body.attributes, notices: body.tally.notices)
    }

    /// - Parameter mediaType: what the whole is, for the errors.
    static func tree(of bytes: [UInt8], in mediaType: MediaType) throws(DocumentError) -> MarkupElement {
        let encoding = HTMLEncoding(of: bytes)
        var content = encoding.decoded(bytes)
        // The library would take the first NUL for the end.
        for index in content.indices where content[index] == 0 { content[index] = Ascii.space }
        guard content.contains(where: { !Ascii.isWhitespace($0) }) else { return MarkupElement(name: "html") }
        do {
            return try MarkupParser.html(content, encoding: encoding.parserName)
        } catch {
            let part = error == .wrongEncoding ? "text in \(encoding.parserName)" : "elements"
            throw DocumentError(error, in: mediaType, part: part)
        }
    }
}

extension DocumentError {
    init(_ error: MarkupError, in mediaType: MediaType, part: String) {
        switch error {
        case .notWellFormed, .wrongEncoding: self = .damaged(mediaType, part: part)
        case .tooDeep: self = .overLimit(mediaType, .depth, found: nil, max: DocumentLimits.depthMax)
        case .outOfMemory:
            self = .overLimit(mediaType, .memory, found: nil, max: DocumentLimits.renderMemoryBytesMax)
        case .tooManyNodes: self = .overLimit(mediaType, .nodes, found: nil, max: DocumentLimits.nodesMax)
        }
    }
}

extension RenditionWriter {
    /// - Throws: `.overLimit` where the text is beyond its bound.
    func rendition(
        of mediaType: MediaType, title: String?, attributes: [String: String], notices: [ParseNotice]
    ) throws(DocumentError) -> Rendition {
        guard !isOverflowing else {
            throw .overLimit(mediaType, .renditionBytes, found: nil, max: DocumentLimits.renditionBytesMax)
        }
        func words(_ text: String) -> String? {
            let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
                .replacing("\0", with: "").prefix(byteCount: DocumentLimits.attributeStringBytesMax)
            return words.isEmpty ? nil : words
        }
        let kept = attributes.compactMapValues { words($0).map { AttributeValue(datedText: $0) } }
        return Rendition(
            text: bytes, pages: pages, title: title.flatMap(words),
            attributes: [:].filled(from: kept), notices: notices)
    }
}

/// What was dropped, counted.
struct DroppedText {
    var hiddenCharacters = 0
    var scripts = 0
    var boilerplateCharacters = 0
    var deletedCharacters = 0

    var notices: [ParseNotice] {
        var notices: [ParseNotice] = []
        if hiddenCharacters > 0 { notices.append(.hiddenText(characterCount: hiddenCharacters)) }
        if scripts > 0 { notices.append(.scripts(count: scripts)) }
        if boilerplateCharacters > 0 { notices.append(.boilerplate(characterCount: boilerplateCharacters)) }
        if deletedCharacters > 0 { notices.append(.deletedText(characterCount: deletedCharacters)) }
        return notices
    }
}

extension MarkupElement {
    /// The characters of all text inside, apart from whitespace.
    var characterCount: Int {
        children.reduce(0) { count, node in
            switch node {
            case .text(let text): count + text.count { !$0.isWhitespace }
            case .element(let element): count + element.characterCount
            }
        }
    }

    /// All text inside, as it is written.
    var text: String {
        children.reduce(into: "") { text, node in
            switch node {
            case .text(let part): text += part
            case .element(let element): text += element.text
            }
        }
    }

    /// The elements inside that `isWanted`, outermost only, in order.
    func elements(where isWanted: (MarkupElement) -> Bool) -> [MarkupElement] {
        var found: [MarkupElement] = []
        for case .element(let child) in children {
            if isWanted(child) { found.append(child) } else { found += child.elements(where: isWanted) }
        }
        return found
    }

    func first(_ name: String) -> MarkupElement? {
        elements { $0.name == name }.first
    }

    /// The child elements of that name.
    func children(_ names: String...) -> [MarkupElement] {
        children.compactMap { node in
            if case .element(let element) = node, names.contains(element.name) { element } else { nil }
        }
    }
}
