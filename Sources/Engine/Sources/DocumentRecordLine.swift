package import Documents
import Foundation

/// One line of an NDJSON stream: a document in a JSON object.
///
///     {"id": "power.md", "markdown": "# Power", "title": "…", "attributes": {"year": 2026}, "folder": "handbook"}
///
/// `id` and one of `text`, `markdown` and `html` must be there. The document's path is `folder/id`. Attributes are
/// strings, numbers, true and false; they are kept as text.
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

    private static func object(_ bytes: [UInt8]) throws(RecordFault) -> [String: RecordValue] {
        let value: RecordValue
        do {
            value = try JSONDecoder().decode(RecordValue.self, from: Data(bytes))
        } catch {
            throw .notJSON
        }
        guard case .object(let members) = value else { throw .notAnObject }
        // A field that is null is one that is not there.
        return members.filter { $0.value != .null }
    }

    /// Nil where the field is absent.
    private static func string(
        _ field: String, in object: [String: RecordValue]
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
        in object: [String: RecordValue]
    ) throws(RecordFault) -> [String: String] {
        guard let value = object["attributes"] else { return [:] }
        guard case .object(let found) = value else {
            throw .fieldInvalid("attributes", expected: "an object")
        }
        let (most, keyMax) = (DocumentLimits.attributeCountMax, DocumentLimits.attributeKeyCharactersMax)
        guard found.count <= most else { throw .tooManyAttributes(found: found.count, max: most) }
        var attributes: [String: String] = [:]
        for (key, value) in found {
            let pointer = "attributes/\(key.prefix(keyMax))"
            // The names that Carrel gives hold a colon, and are its own.
            let isName = (1...keyMax).contains(key.count) && !key.contains(":") && !key.utf8.contains(0)
            guard isName else {
                throw .fieldInvalid(pointer, expected: "a name of 1 to \(keyMax) characters without ':'")
            }
            let valueMax = DocumentLimits.attributeValueCharactersMax
            guard let text = value.text, text.count <= valueMax, !text.utf8.contains(0) else {
                throw .fieldInvalid(
                    pointer, expected: "a string of up to \(valueMax) characters, a number, true or false")
            }
            attributes[key] = text
        }
        return attributes
    }
}

/// A value of JSON, as far as a record may hold it.
private enum RecordValue: Decodable, Equatable {
    case null
    case boolean(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case object([String: RecordValue])
    case array

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode(Bool.self) {
            self = .boolean(value)
        } else if let value = try? container.decode(Int.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if (try? decoder.unkeyedContainer()) != nil {
            self = .array
        } else {
            self = .object(try container.decode([String: RecordValue].self))
        }
    }

    /// As an attribute is kept; nil for what is none.
    var text: String? {
        switch self {
        case .string(let text): text
        case .boolean(let value): value ? "true" : "false"
        case .integer(let value): String(value)
        case .number(let value): String(value)
        case .null, .object, .array: nil
        }
    }
}
