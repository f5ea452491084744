import Documents
import Foundation
import Store

/// A filter as JSON: what OpenAI's vector stores take, and more.
///
///     {"type": "and", "filters": [
///         {"type": "gte", "key": "year", "value": 2020},
///         {"type": "not", "filter": {"type": "in", "key": "lang", "value": ["de", "fr"]}},
///         {"type": "folder", "value": "handbook/power", "recursive": true}]}
extension DocumentFilter {
    /// Fields that are no attributes.
    package static let fieldNames = ["@path", "@title", "@media_type", "@created", "@updated"]

    package static let types =
        Comparison.allCases.map(\.rawValue)
        + ["ne", "in", "nin", "exists", "contains", "and", "or", "not", "folder", "documents"]

    /// - Throws: `EngineError.filterInvalid`, naming the place.
    package init(json value: PlainValue) throws(EngineError) {
        do {
            self = try FilterReader().filter(value, at: "", depth: 1)
        } catch {
            throw .filterInvalid(error)
        }
        try validate()
    }

    /// - Throws: `EngineError.filterInvalid`.
    package init(jsonText text: String) throws(EngineError) {
        guard let value = try? JSONDecoder().decode(PlainValue.self, from: Data(text.utf8)) else {
            throw .filterInvalid(
                FilterFault(
                    at: "", found: "a text of \(text.utf8.count) bytes", expected: "an object of JSON"))
        }
        try self.init(json: value)
    }
}

private struct FilterReader {
    func filter(
        _ value: PlainValue, at place: String, depth: Int
    ) throws(FilterFault) -> DocumentFilter {
        guard depth <= DocumentFilter.depthMax else {
            throw FilterFault(
                at: place, found: "more filters in one another",
                expected: "up to \(DocumentFilter.depthMax)")
        }
        guard case .object(let members) = value else {
            throw FilterFault(at: place, found: value.kindWords, expected: "an object with a type")
        }
        let node = FilterNode(members: members, place: place)
        guard case .string(let type)? = members["type"], DocumentFilter.types.contains(type) else {
            throw node.fault(
                "type", expected: "one of " + DocumentFilter.types.joined(separator: ", "))
        }
        switch type {
        case "and", "or":
            try node.allow("filters")
            let filters = try self.filters(node, depth)
            return type == "and" ? .and(filters) : .or(filters)
        case "not":
            try node.allow("filter")
            guard let inner = members["filter"] else { throw node.fault("filter", expected: "a filter") }
            return .not(try filter(inner, at: node.place(of: "filter"), depth: depth + 1))
        case "folder": return .condition(try node.folder())
        case "documents":
            try node.allow("value")
            return .condition(.documents(try node.documents()))
        default: return try node.leaf(type)
        }
    }

    private func filters(_ node: FilterNode, _ depth: Int) throws(FilterFault) -> [DocumentFilter] {
        let bounds = 1...DocumentFilter.conditionsMax
        guard case .list(let values)? = node.members["filters"], bounds.contains(values.count) else {
            throw node.fault("filters", expected: "a list of 1 to \(bounds.upperBound) filters")
        }
        var filters: [DocumentFilter] = []
        for (index, value) in values.enumerated() {
            filters.append(
                try filter(value, at: node.place(of: "filters") + "[\(index)]", depth: depth + 1))
        }
        return filters
    }
}

/// One object of a filter, and where it stands.
private struct FilterNode {
    let members: [String: PlainValue]
    let place: String

    func place(of name: String) -> String { place.isEmpty ? name : "\(place).\(name)" }

    func fault(_ name: String, expected: String) -> FilterFault {
        let found =
            switch members[name] {
            case nil: "nothing"
            case .string(let text)? where text.utf8.count <= 64: "'\(text)'"
            case let value?: value.kindWords
            }
        return FilterFault(at: place(of: name), found: found, expected: expected)
    }

    func allow(_ names: String...) throws(FilterFault) {
        let allowed = ["type"] + names
        if let unknown = members.keys.sorted().first(where: { !allowed.contains($0) }) {
            throw FilterFault(
                at: place(of: unknown.prefix(byteCount: 64)), found: "an unknown field",
                expected: "one of " + allowed.joined(separator: ", "))
        }
    }

    func leaf(_ type: String) throws(FilterFault) -> DocumentFilter {
        try allow("key", "value")
        let field = try field()
        switch type {
        case "exists":
            guard let value = members["value"] else { return .condition(.exists(field)) }
            guard case .boolean(let isThere) = value else {
                throw fault("value", expected: "true, false or nothing")
            }
            return isThere ? .condition(.exists(field)) : .not(.condition(.exists(field)))
        case "contains": return .condition(.contains(field, try text(of: field)))
        case "prefix": return .condition(.compare(field, .prefix, .string(try text(of: field))))
        case "in", "nin":
            let leaf = DocumentFilter.condition(.isAny(field, of: try values(of: field)))
            return type == "in" ? leaf : .not(leaf)
        case "ne": return .not(.condition(.compare(field, .equal, try scalar(field, ordered: false))))
        default:
            guard let comparison = Comparison(rawValue: type) else {
                preconditionFailure("'\(type)' is a type and no comparison")
            }
            return .condition(
                .compare(field, comparison, try scalar(field, ordered: comparison != .equal)))
        }
    }

    func folder() throws(FilterFault) -> DocumentCondition {
        try allow("value", "recursive")
        let expected = "a folder's path without slashes around it; '' is the root"
        guard case .string(let text)? = members["value"] else { throw fault("value", expected: expected) }
        guard text.isEmpty || (try? DocumentPath(text)) != nil else {
            throw fault("value", expected: expected)
        }
        switch members["recursive"] {
        case nil: return .folder(text, isRecursive: true)
        case .boolean(let isRecursive)?: return .folder(text, isRecursive: isRecursive)
        default: throw fault("recursive", expected: "true or false")
        }
    }

    func documents() throws(FilterFault) -> [DocumentID] {
        let bounds = 1...DocumentFilter.valuesMax
        guard case .list(let values)? = members["value"], bounds.contains(values.count) else {
            throw fault("value", expected: "a list of 1 to \(bounds.upperBound) documents' ids")
        }
        var ids: [DocumentID] = []
        for (index, value) in values.enumerated() {
            guard case .string(let text) = value, DocumentID.hasForm(text) else {
                throw FilterFault(
                    at: place(of: "value") + "[\(index)]", found: value.kindWords,
                    expected: "a document's id, doc_…")
            }
            ids.append(DocumentID(rawValue: text))
        }
        return ids
    }

    private func field() throws(FilterFault) -> DocumentField {
        guard case .string(let name)? = members["key"] else {
            throw fault("key", expected: "an attribute's name")
        }
        switch name {
        case "@path": return .path
        case "@title": return .title
        case "@media_type": return .mediaType
        case "@created": return .created
        case "@updated": return .updated
        default:
            guard (try? AttributeInput.checkName(name)) != nil else {
                throw fault(
                    "key",
                    expected: "1 to \(DocumentLimits.attributeNameBytesMax) bytes without ':' and '@', or "
                        + DocumentFilter.fieldNames.joined(separator: ", "))
            }
            return .attribute(name)
        }
    }

    private func text(of field: DocumentField) throws(FilterFault) -> String {
        guard case .string(let text)? = members["value"], !text.isEmpty, Self.isText(text) else {
            throw fault(
                "value", expected: "a string of 1 to \(DocumentLimits.attributeStringBytesMax) bytes")
        }
        guard field != .created, field != .updated else {
            throw fault("key", expected: "an attribute, @path, @title or @media_type")
        }
        return text
    }

    private func scalar(_ field: DocumentField, ordered: Bool) throws(FilterFault) -> AttributeValue {
        let value = members["value"] ?? .null
        guard let scalar = Self.scalar(value, field), !ordered || !scalar.isBool else {
            throw fault("value", expected: Self.expected(field, ordered: ordered))
        }
        return scalar
    }

    private func values(of field: DocumentField) throws(FilterFault) -> [AttributeValue] {
        let bounds = 1...DocumentFilter.valuesMax
        guard case .list(let values)? = members["value"], bounds.contains(values.count) else {
            throw fault("value", expected: "a list of 1 to \(bounds.upperBound) values")
        }
        var scalars: [AttributeValue] = []
        for (index, value) in values.enumerated() {
            guard let scalar = Self.scalar(value, field) else {
                throw FilterFault(
                    at: place(of: "value") + "[\(index)]", found: value.kindWords,
                    expected: Self.expected(field, ordered: false))
            }
            scalars.append(scalar)
        }
        return scalars
    }

    /// Strings stay strings: whether one is a date, the comparison finds out.
    private static func scalar(_ value: PlainValue, _ field: DocumentField) -> AttributeValue? {
        if case .string(let text) = value {
            let isDate = field == .created || field == .updated
            return isText(text) && (!isDate || AttributeDate.milliseconds(of: text) != nil)
                ? .string(text) : nil
        }
        guard case .attribute = field, let found = AttributeValue(value) else { return nil }
        if case .strings = found { return nil }
        return found
    }

    private static func isText(_ text: String) -> Bool {
        text.utf8.count <= DocumentLimits.attributeStringBytesMax && !text.utf8.contains(0)
    }

    private static func expected(_ field: DocumentField, ordered: Bool) -> String {
        switch field {
        case .created, .updated: "a date: 2026-01-31, or RFC 3339"
        case .path, .title, .mediaType:
            "a string of up to \(DocumentLimits.attributeStringBytesMax) bytes"
        case .attribute:
            "a string of up to \(DocumentLimits.attributeStringBytesMax) bytes or a number"
                + (ordered ? "" : ", true or false")
        }
    }
}

extension AttributeValue {
    fileprivate var isBool: Bool {
        if case .bool = self { true } else { false }
    }
}
