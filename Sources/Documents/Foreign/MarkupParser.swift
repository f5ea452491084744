import CXML2

/// A part of a document in HTML or XML, as a tree of values. Names are without their prefixes.
struct MarkupElement: Equatable {
    var name: String
    /// By local name, in the order of the source; of two with one local name (`w:id`, `r:id`) the last counts.
    var attributes: [String: String] = [:]
    var children: [MarkupNode] = []
}

indirect enum MarkupNode: Equatable {
    case element(MarkupElement)
    case text(String)
}

/// Why a part could not become a tree.
enum MarkupError: Error, Equatable {
    case notWellFormed
    case tooDeep
    case tooManyNodes
    case outOfMemory
    case wrongEncoding
}

/// libxml2 behind values. Nothing is fetched, no entity of the document's own is expanded. Thread safe.
enum MarkupParser {
    /// Reads HTML as browsers do, whatever is wrong with it.
    ///
    /// - Parameter encoding: a name that iconv knows.
    static func html(_ bytes: [UInt8], encoding: String) throws(MarkupError) -> MarkupElement {
        try ready()
        let options =
            HTML_PARSE_RECOVER.rawValue | HTML_PARSE_NOERROR.rawValue | HTML_PARSE_NOWARNING.rawValue
            | HTML_PARSE_NONET.rawValue | HTML_PARSE_COMPACT.rawValue
        // SAFETY: the context is made, used and freed here; the bytes are lent for the call, which copies what it
        // keeps; `Int32` holds their number, because documents are bounded.
        guard let context = unsafe htmlNewParserCtxt() else { throw .notWellFormed }
        defer { unsafe htmlFreeParserCtxt(context) }
        let document = unsafe bytes.withUnsafeBytes { buffer in
            unsafe htmlCtxtReadMemory(
                context, buffer.bindMemory(to: CChar.self).baseAddress, Int32(clamping: buffer.count), nil,
                encoding,
                Int32(options))
        }
        return try unsafe root(of: document, after: context.pointee.lastError.code)
    }

    /// Reads XML that must be well-formed.
    static func xml(_ bytes: [UInt8]) throws(MarkupError) -> MarkupElement {
        try ready()
        let options =
            XML_PARSE_NOERROR.rawValue | XML_PARSE_NOWARNING.rawValue | XML_PARSE_NONET.rawValue
            | XML_PARSE_COMPACT.rawValue | XML_PARSE_NOCDATA.rawValue
        // SAFETY: as in `html`.
        guard let context = unsafe xmlNewParserCtxt() else { throw .notWellFormed }
        defer { unsafe xmlFreeParserCtxt(context) }
        let document = unsafe bytes.withUnsafeBytes { buffer in
            unsafe xmlCtxtReadMemory(
                context, buffer.bindMemory(to: CChar.self).baseAddress, Int32(clamping: buffer.count), nil,
                nil,
                Int32(options))
        }
        return try unsafe root(of: document, after: context.pointee.lastError.code)
    }

    private static let isReady: Bool = {
        xmlInitParser()
        return true
    }()

    private static func ready() throws(MarkupError) {
        guard isReady else { throw .notWellFormed }
        xmlResetLastError()
        // SAFETY: a function without state. It takes what would be written to standard error.
        unsafe xmlSetStructuredErrorFunc(nil) { _, _ in }
    }

    /// libxml2 stops at a depth of its own (256) with an "internal error", keeping what it had.
    private static func root(of document: xmlDocPtr?, after code: Int32) throws(MarkupError) -> MarkupElement
    {
        // SAFETY: the tree is ours, walked here and freed here.
        defer { if let document = unsafe document { unsafe xmlFreeDoc(document) } }
        guard code != Int32(XML_ERR_INTERNAL_ERROR.rawValue) else { throw .tooDeep }
        // What came after the bytes that could not be decoded is missing.
        let last = unsafe xmlGetLastError().map { unsafe $0.pointee.code } ?? 0
        guard ![XML_IO_ENCODER, XML_I18N_CONV_FAILED].contains(where: { Int32($0.rawValue) == last }) else {
            throw .wrongEncoding
        }
        guard code != Int32(XML_ERR_NO_MEMORY.rawValue) else { throw .outOfMemory }
        guard let document = unsafe document, let root = unsafe xmlDocGetRootElement(document) else {
            throw .notWellFormed
        }
        var copier = TreeCopier()
        return try unsafe copier.element(root, depth: 0)
    }
}

/// Copies nodes into values; by recursion, since the depth is bounded.
private struct TreeCopier {
    private var nodeCount = 0

    mutating func element(_ node: xmlNodePtr, depth: Int) throws(MarkupError) -> MarkupElement {
        guard depth <= DocumentLimits.depthMax else { throw .tooDeep }
        // SAFETY: a live element of a tree that nobody changes; strings end with NUL and are copied at once.
        var element = MarkupElement(name: unsafe Self.text(node.pointee.name))
        var attribute = unsafe node.pointee.properties
        while let found = unsafe attribute {
            let name = unsafe Self.text(found.pointee.name)
            element.attributes[name] =
                unsafe found.pointee.children.map { unsafe Self.text($0.pointee.content) } ?? ""
            unsafe attribute = found.pointee.next
        }
        var child = unsafe node.pointee.children
        while let found = unsafe child {
            nodeCount += 1
            guard nodeCount <= DocumentLimits.nodesMax else { throw .tooManyNodes }
            switch unsafe found.pointee.type {
            case XML_ELEMENT_NODE:
                element.children.append(.element(try unsafe self.element(found, depth: depth + 1)))
            case XML_TEXT_NODE, XML_CDATA_SECTION_NODE:
                element.children.append(.text(unsafe Self.text(found.pointee.content)))
            default: break
            }
            unsafe child = found.pointee.next
        }
        return element
    }

    private static func text(_ characters: UnsafePointer<xmlChar>?) -> String {
        // SAFETY: libxml2's strings are UTF-8 and end with NUL.
        unsafe characters.map { unsafe String(cString: $0) } ?? ""
    }
}
