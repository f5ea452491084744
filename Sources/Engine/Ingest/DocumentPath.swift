import Store

/// What a document is called: a path of plain names parted by `/`, as a file's path in a folder is.
///
/// The path never becomes a file's name here (blobs are named by their content); the rules keep it readable,
/// usable in an address, and apart from a document's id.
package struct DocumentPath: Sendable, Hashable {
    /// Bytes of UTF-8: an address of this length passes every proxy, even when each byte is escaped.
    package static let byteCountMax = 1_024

    package let text: String

    /// - Throws: `EngineError.documentPathInvalid` with the rule that is broken.
    package init(_ text: String) throws(EngineError) {
        if let rule = DocumentPathRule.broken(by: text) {
            throw .documentPathInvalid(rule)
        }
        self.text = text
    }
}

/// What a path may not be.
package enum DocumentPathRule: Sendable, Hashable {
    case empty
    case tooLong(byteCount: Int, byteCountMax: Int)

    /// It begins or ends with `/`, or has two in a row.
    case emptyName

    /// A name is `.` or `..`.
    case dotName

    /// U+0000 to U+001F, or U+007F.
    case controlCharacter(UInt32)

    /// It has the form of a document's id, which would make `GET` ambiguous.
    case looksLikeID

    static func broken(by text: String) -> DocumentPathRule? {
        let byteCount = text.utf8.count
        guard byteCount > 0 else { return .empty }
        guard byteCount <= DocumentPath.byteCountMax else {
            return .tooLong(byteCount: byteCount, byteCountMax: DocumentPath.byteCountMax)
        }
        if let control = text.unicodeScalars.first(where: { $0.value < 0x20 || $0.value == 0x7f }) {
            return .controlCharacter(control.value)
        }
        let names = text.split(separator: "/", omittingEmptySubsequences: false)
        if names.contains(where: \.isEmpty) { return .emptyName }
        if names.contains(".") || names.contains("..") { return .dotName }
        return DocumentID.hasForm(text) ? .looksLikeID : nil
    }
}

/// Which document is meant: by its id, or by its path.
package enum DocumentReference: Sendable, Hashable {
    case id(String)
    case path(DocumentPath)

    /// - Throws: `EngineError.documentPathInvalid` for what is neither.
    package init(_ text: String) throws(EngineError) {
        self = DocumentID.hasForm(text) ? .id(text) : .path(try DocumentPath(text))
    }
}
