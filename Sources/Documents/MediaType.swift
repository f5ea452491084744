/// The kinds of document this module can read, by their registered names.
package enum MediaType: String, Sendable, CaseIterable {
    case markdown = "text/markdown"
    case plainText = "text/plain"

    /// The type a file name's extension announces, ignoring case; nil for a name that announces none of ours.
    package static func inferred(fromFileName name: String) -> MediaType? {
        let base = name.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        guard let dot = base.lastIndex(of: "."), dot != base.startIndex else { return nil }
        switch base[base.index(after: dot)...].lowercased() {
        case "md", "markdown": return .markdown
        case "txt", "text": return .plainText
        default: return nil
        }
    }
}
