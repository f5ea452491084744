import Engine

/// A form of documents: `files`, and perhaps the `folder` that begins their paths.
struct DocumentForm: Sendable {
    let items: [IngestItem]

    /// For the list of jobs.
    let source: String

    /// What makes it the same form when it is sent again.
    let description: [String]

    /// - Throws: `ServerError.multipartInvalid`; `EngineError.documentPathInvalid`, `.tooManyDocuments`,
    ///   `.mediaTypeUnsupported`, `.documentTooLarge`.
    init(_ form: MultipartBody) throws {
        var folder = ""
        var items: [IngestItem] = []
        var description: [String] = []
        for part in form.parts where part.fileName == nil {
            guard part.name == "folder" else {
                throw ServerError.multipartInvalid(
                    reason: "Found the field '\(part.name.prefix(64))'; allowed: files, folder.")
            }
            let text = String(decoding: part.bytes, as: UTF8.self)
            folder = text.isEmpty ? "" : try DocumentPath(text).text + "/"
        }
        for part in form.parts {
            guard let name = part.fileName else { continue }
            guard items.count < ServerLimits.formDocumentsMax else {
                throw EngineError.tooManyDocuments(countMax: ServerLimits.formDocumentsMax)
            }
            guard part.bytes.count <= IngestItem.byteCountMax else {
                throw EngineError.documentTooLarge(
                    byteCount: part.bytes.count, byteCountMax: IngestItem.byteCountMax)
            }
            let declared = part.mediaType == "application/octet-stream" ? nil : part.mediaType
            let path = try DocumentPath(folder + name)
            items.append(try IngestItem(path: path, mediaType: declared, bytes: Array(part.bytes)))
            description += [path.text, declared ?? "", IdempotencyKey.digest(of: part.bytes)]
        }
        guard let first = items.first else {
            throw ServerError.multipartInvalid(reason: "There is no file in the form.")
        }
        self.items = items
        self.description = description
        source = items.count == 1 ? first.path : "\(items.count) documents"
    }
}
