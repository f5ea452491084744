import Engine
import Foundation

/// A form of documents: `files`, and perhaps the `folder` that begins their paths, and `attributes` of all of them as
/// JSON.
struct DocumentForm: Sendable {
    let items: [IngestItem]

    /// For the list of jobs.
    let source: String

    /// What makes it the same form when it is sent again.
    let description: [String]

    /// - Throws: `ServerError.multipartInvalid`; `EngineError.documentPathInvalid`, `.tooManyDocuments`,
    ///   `.attributesInvalid`, `.mediaTypeUnsupported`, `.documentTooLarge`.
    init(_ form: MultipartBody) throws {
        var folder = ""
        var given = GivenAttributes()
        var items: [IngestItem] = []
        var description: [String] = []
        for part in form.parts where part.fileName == nil {
            let text = String(decoding: part.bytes, as: UTF8.self)
            switch part.name {
            case "folder": folder = text.isEmpty ? "" : try DocumentPath(text).text + "/"
            case "attributes":
                guard
                    let members = try? JSONDecoder().decode(
                        [String: PlainValue].self, from: Data(text.utf8))
                else {
                    throw ServerError.multipartInvalid(
                        reason: "The field 'attributes' is no object of JSON.")
                }
                given = try GivenAttributes(json: members)
                description += ["attributes", text]
            default:
                throw ServerError.multipartInvalid(
                    reason: "Found the field '\(part.name.prefix(64))'; allowed: files, folder, attributes.")
            }
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
            var item = try IngestItem(path: path, mediaType: declared, bytes: Array(part.bytes))
            item.given = given
            items.append(item)
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
