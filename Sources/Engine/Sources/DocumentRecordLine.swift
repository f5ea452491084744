package import Documents
import Foundation

/// One line of an NDJSON stream: a document in a JSON object.
///
///     {"id": "power.md", "markdown": "# Power", "title": "…", "attributes": {"year": 2026}, "folder": "handbook"}
///
/// `id` and one of `text`, `markdown` and `html` must be there. The document's path is `folder/id`. Attributes are
/// strings, numbers, true, false and lists of strings; a string that is a date is kept as that date.
package struct DocumentRecordLine: Sendable, Equatable {
    /// Which field holds a text of which type.
    private static let textFields = ["text": "text/plain", "markdown": "text/markdown", "html": "text/html"]
    package static let fields = ["id", "folder", "title", "attributes"] + textFields.keys.sorted()

    /// A document of 10 MiB in which every byte is escaped, as `\u0001`, has six times as many, and room for the rest.
    package static let byteCountMax = 6 * DocumentLimits.byteCountMax + 1_048_576

    package let path: DocumentPath
    package let mediaType: MediaType
    package let text: String
    package let given: GivenAttributes

    /// - Throws: `RecordFault`.
    package init(_ bytes: [UInt8]) throws(RecordFault) {
        let object = try Self.object(bytes)
        if let unknown = object.keys.sorted().first(where: { !Self.fields.contains($0) }) {
            throw .fieldUnknown(String(unknown.prefix(64)), allowed: Self.fields)
        }
        guard let id = try Self.string("id", in: object) else { throw .fieldMissing("id") }
        path = try Self.path(id, folder: Self.string("folder", in: object))
        let found = Self.textFields.keys.sorted().filter { object[$0] != nil }
        guard found.count == 1, let field = found.first, let name = Self.textFields[field] else {
            throw .textCount(found: found.count, fields: Self.textFields.keys.sorted())
        }
        guard let type = MediaType(rawValue: name) else {
            throw .mediaTypeUnsupported(found: name, allowed: IngestItem.mediaTypes)
        }
        mediaType = type
        text = try Self.string(field, in: object) ?? ""
        given = GivenAttributes(
            title: try Self.string("title", in: object), attributes: try Self.attributes(in: object))
    }

    package var item: IngestItem {
        let bytes = Array(text.utf8)
        var item = IngestItem(
            path: path.text, mediaType: mediaType, byteCount: bytes.count, load: { bytes })
        item.given = given
        return item
    }

    private static func object(_ bytes: [UInt8]) throws(RecordFault) -> [String: PlainValue] {
        let value: PlainValue
        do {
            value = try JSONDecoder().decode(PlainValue.self, from: Data(bytes))
        } catch {
            throw .notJSON
        }
        guard case .object(let members) = value else { throw .notAnObject }
        // A field that is null is one that is not there.
        return members.filter { $0.value != .null }
    }

    /// Nil where the field is absent.
    private static func string(
        _ field: String, in object: [String: PlainValue]
    ) throws(RecordFault) -> String? {
        guard let value = object[field] else { return nil }
        guard case .string(let text) = value else { throw .fieldInvalid(field, expected: "a string") }
        return text
    }

    private static func path(_ id: String, folder: String?) throws(RecordFault) -> DocumentPath {
        let text = folder.map { $0.isEmpty ? id : "\($0)/\(id)" } ?? id
        do {
            return try DocumentPath(text)
        } catch EngineError.documentPathInvalid(let rule) {
            throw .pathInvalid(rule)
        } catch {
            throw .fieldInvalid("id", expected: "a document's path")
        }
    }

    private static func attributes(
        in object: [String: PlainValue]
    ) throws(RecordFault) -> [String: AttributeValue] {
        guard let value = object["attributes"] else { return [:] }
        guard case .object(let found) = value else {
            throw .fieldInvalid("attributes", expected: "an object")
        }
        do {
            return try AttributeInput.attributes(found)
        } catch {
            throw .attributesInvalid(error)
        }
    }
}
