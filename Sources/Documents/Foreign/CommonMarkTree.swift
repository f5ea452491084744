import CCmarkGFM

/// A block of a Markdown document as cmark-gfm places it: by lines, numbered from 1 at the start of what was
/// parsed.
///
/// Columns are not taken over: they are those of the parser's own buffer wherever it merged or moved lines
/// (tables, footnotes, replaced NUL), while lines hold, apart from the repairs noted here and made in
/// `MarkdownLeaves`.
struct CommonMarkBlock: Equatable {
    enum Kind: Equatable {
        case heading(level: Int)
        /// `startLine` and `endLine` are 0 for a paragraph whose last line became the header of the table
        /// after it.
        case paragraph
        case code(info: String?, isFenced: Bool)
        case html
        case thematicBreak
        /// `rowLines`: the line of each row below the delimiter row. `startLine` is that of the paragraph
        /// before the table when there is one without a blank line between.
        case table(rowLines: [Int])
    }

    var kind: Kind
    let startLine: Int
    /// The last line; the parser may count blank lines, or the line after a setext heading, among them.
    let endLine: Int

    /// Enclosing list items and quotes, and how many of them are shared with the block before.
    let depth: Int
    let sharedDepth: Int
}

/// The C library behind values: text in, blocks or plain text out. No node outlives a call. Thread safe.
enum CommonMarkTree {
    /// The leaf blocks of `source` in order; a table is one block. Inline markup is not looked at.
    static func blocks(of source: [UInt8]) -> [CommonMarkBlock] {
        var collector = BlockCollector()
        // SAFETY: `withNodes` lends a live node for the call.
        unsafe withNodes(of: source, extensions: ["table"]) { node, isEntering in
            unsafe collector.visit(node, isEntering: isEntering)
        }
        return collector.blocks
    }

    /// The text a reader sees of one line of Markdown: emphasis, links, code and images reduced to their
    /// words.
    ///
    /// `labels` are the reference labels that are defined elsewhere in the document. Strikethrough is taken
    /// out here and not by its extension: that one, like autolink, enters its characters in a table that all
    /// threads share for as long as a parse lasts, so that parsers at work together see each other's.
    static func plainText(ofInline markdown: String, labels: [String]) -> String {
        let definitions = labels.map { "[\($0)]: #\n" }.joined()
        var text = ""
        let source = Array("# \(markdown)\n\n\(definitions)".utf8)
        // SAFETY: `withNodes` lends a live node for the call.
        unsafe withNodes(of: source, extensions: []) { node, isEntering in
            guard isEntering else { return }
            switch unsafe cmark_node_get_type(node) {
            case CMARK_NODE_TEXT:
                text += unsafe literal(of: node).replacing("~~", with: "")
            case CMARK_NODE_CODE:
                text += unsafe literal(of: node)
            case CMARK_NODE_SOFTBREAK, CMARK_NODE_LINEBREAK: text += " "
            default: break
            }
        }
        return text
    }

    fileprivate static func literal(of node: OpaquePointer) -> String {
        // SAFETY: the caller lends a live node; its literal is NUL-terminated and copied at once.
        unsafe cmark_node_get_literal(node).map { unsafe String(cString: $0) } ?? ""
    }

    private static let areExtensionsRegistered: Bool = {
        cmark_gfm_core_extensions_ensure_registered()
        return true
    }()

    /// Parses `source` and visits its nodes depth first, without recursion.
    private static func withNodes(
        of source: [UInt8], extensions: [String], _ visit: (OpaquePointer, Bool) -> Void
    ) {
        precondition(areExtensionsRegistered, "cmark-gfm's extensions are registered before the first parse")
        // SAFETY: the parser copies the bytes it is fed before `feed` returns; parser, tree and iterator are
        // made, used and freed here, in that order, and `visit` borrows a node for one call. An extension
        // that is not found is nil and not attached.
        guard let parser = unsafe cmark_parser_new(CMARK_OPT_FOOTNOTES) else { return }
        defer { unsafe cmark_parser_free(parser) }
        for name in extensions {
            if let found = unsafe cmark_find_syntax_extension(name) {
                unsafe cmark_parser_attach_syntax_extension(parser, found)
            }
        }
        unsafe source.withUnsafeBytes { bytes in
            unsafe cmark_parser_feed(parser, bytes.bindMemory(to: CChar.self).baseAddress, bytes.count)
        }
        guard let root = unsafe cmark_parser_finish(parser) else { return }
        defer { unsafe cmark_node_free(root) }
        guard let iterator = unsafe cmark_iter_new(root) else { return }
        defer { unsafe cmark_iter_free(iterator) }
        while true {
            let event = unsafe cmark_iter_next(iterator)
            if event == CMARK_EVENT_DONE { return }
            guard let node = unsafe cmark_iter_get_node(iterator) else { return }
            unsafe visit(node, event == CMARK_EVENT_ENTER)
        }
    }
}

/// Turns the walk over nodes into blocks, keeping count of the containers on the way.
private struct BlockCollector {
    private(set) var blocks: [CommonMarkBlock] = []
    private var depth = 0
    private var sharedDepth = 0

    mutating func visit(_ node: OpaquePointer, isEntering: Bool) {
        // SAFETY: the caller lends a live node; the functions only read it, and strings are copied at once.
        switch unsafe cmark_node_get_type(node) {
        case CMARK_NODE_ITEM, CMARK_NODE_BLOCK_QUOTE, CMARK_NODE_FOOTNOTE_DEFINITION:
            depth += isEntering ? 1 : -1
            sharedDepth = min(sharedDepth, depth)
        case _ where !isEntering: break
        case CMARK_NODE_HEADING: unsafe append(.heading(level: Int(cmark_node_get_heading_level(node))), node)
        case CMARK_NODE_PARAGRAPH: unsafe append(.paragraph, node)
        case CMARK_NODE_HTML_BLOCK: unsafe appendHTML(node)
        case CMARK_NODE_THEMATIC_BREAK: unsafe append(.thematicBreak, node)
        case CMARK_NODE_CODE_BLOCK: unsafe append(code(node), node)
        default: unsafe visitExtension(node)
        }
    }

    private mutating func visitExtension(_ node: OpaquePointer) {
        // SAFETY: as in `visit`; a type's name is a static, NUL-terminated string.
        guard let name = unsafe cmark_node_get_type_string(node) else { return }
        switch unsafe String(cString: name) {
        case "table": unsafe append(.table(rowLines: []), node)
        case "table_row": unsafe appendRow(line: Int(cmark_node_get_start_line(node)))
        default: break
        }
    }

    /// A block that ends at a mark (`-->`) lacks the mark's line in the parser's positions, but not in its
    /// text.
    private mutating func appendHTML(_ node: OpaquePointer) {
        // SAFETY: as in `visit`.
        let text = unsafe CommonMarkTree.literal(of: node)
        let start = unsafe Int(cmark_node_get_start_line(node))
        append(.html, lines: start...start + max(0, LineTable(Array(text.utf8)).count - 1))
    }

    private func code(_ node: OpaquePointer) -> CommonMarkBlock.Kind {
        var length: Int32 = 0
        var offset: Int32 = 0
        var character: CChar = 0
        // SAFETY: as in `visit`; the three results are written during the call.
        let isFenced = unsafe cmark_node_get_fenced(node, &length, &offset, &character) != 0
        guard isFenced else { return .code(info: nil, isFenced: false) }
        let info = unsafe cmark_node_get_fence_info(node).map { unsafe String(cString: $0) }
        return .code(info: info.flatMap { $0.isEmpty ? nil : $0 }, isFenced: true)
    }

    private mutating func append(_ kind: CommonMarkBlock.Kind, _ node: OpaquePointer) {
        // SAFETY: as in `visit`.
        let end = unsafe Int(cmark_node_get_end_line(node)) - (cmark_node_get_end_column(node) == 0 ? 1 : 0)
        let start = unsafe Int(cmark_node_get_start_line(node))
        append(kind, lines: start...max(start, end))
    }

    private mutating func append(_ kind: CommonMarkBlock.Kind, lines: ClosedRange<Int>) {
        blocks.append(
            CommonMarkBlock(
                kind: kind, startLine: lines.lowerBound, endLine: lines.upperBound, depth: depth,
                sharedDepth: sharedDepth))
        sharedDepth = depth
    }

    /// The row list grows in place: the block is taken out of its case, extended and put back without a copy.
    private mutating func appendRow(line: Int) {
        guard let last = blocks.indices.last, case .table(var rowLines) = blocks[last].kind else { return }
        blocks[last].kind = .table(rowLines: [])
        rowLines.append(line)
        blocks[last].kind = .table(rowLines: rowLines)
    }
}
