import Documents

extension IngestItem {
    /// The largest document, in bytes.
    package static let byteCountMax = DocumentLimits.byteCountMax

    /// The media types that are read, by their registered names.
    package static let mediaTypes = MediaType.allCases.map(\.rawValue)

    /// Names in use for the same types: Markdown's from before RFC 7763, JSON Lines', which has none that is
    /// registered.
    private static let otherNames: [String: MediaType] = [
        "text/x-markdown": .markdown, "application/xhtml+xml": .html, "application/jsonl": .jsonLines,
        "application/x-jsonlines": .jsonLines, "text/json": .json, "application/csv": .csv,
    ]

    /// A document whose bytes are here.
    ///
    /// - Parameter mediaType: as the sender declares it, without parameters and in lower case; nil where the
    ///   sender did not say, and the path's extension decides.
    /// - Throws: `EngineError.mediaTypeUnsupported`.
    package init(path: DocumentPath, mediaType declared: String?, bytes: [UInt8]) throws(EngineError) {
        let type =
            if let declared {
                MediaType(rawValue: declared) ?? Self.otherNames[declared]
            } else {
                MediaType.inferred(fromFileName: path.text)
            }
        guard let type else {
            let name = path.text.split(separator: "/").last ?? ""
            throw .mediaTypeUnsupported(
                found: declared ?? "no type, and the name '\(name)', whose extension does not tell",
                allowed: Self.mediaTypes)
        }
        self.init(path: path.text, mediaType: type, byteCount: bytes.count, load: { bytes })
    }
}
