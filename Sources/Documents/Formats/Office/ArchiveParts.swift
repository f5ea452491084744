/// The parts of a document that is an archive of XML.
struct ArchiveParts {
    let archive: ZipArchive
    let mediaType: MediaType

    init(_ bytes: [UInt8], as mediaType: MediaType) throws(DocumentError) {
        archive = try ZipArchive(bytes, as: mediaType)
        self.mediaType = mediaType
    }

    /// The tree of a part; nil if there is none of the name.
    func xml(_ name: String) throws(DocumentError) -> MarkupElement? {
        guard let bytes = try archive.read(name) else { return nil }
        do {
            return try MarkupParser.xml(bytes)
        } catch {
            throw DocumentError(error, in: mediaType, part: name)
        }
    }

    func requiredXML(_ name: String) throws(DocumentError) -> MarkupElement {
        guard let tree = try xml(name) else { throw .damaged(mediaType, part: name) }
        return tree
    }

    /// `reference`, as it stands in the part at `base`, as a name in the archive.
    static func resolve(_ reference: String, from base: String) -> String {
        let path = String(reference.prefix { $0 != "#" }).percentDecoded
        var parts = path.hasPrefix("/") ? [] : base.split(separator: "/").dropLast().map(String.init)
        for part in path.split(separator: "/") {
            switch part {
            case ".": break
            case "..": _ = parts.popLast()
            default: parts.append(String(part))
            }
        }
        return parts.joined(separator: "/")
    }
}

extension String {
    fileprivate var percentDecoded: String {
        guard contains("%") else { return self }
        var bytes: [UInt8] = []
        var rest = Array(utf8)[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2)
            if byte == UInt8(ascii: "%"), digits.count == 2,
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
