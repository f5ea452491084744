import Foundation

/// Any JSON, to be looked into; a member that is not there is nothing, and so are its members.
struct JSONObject {
    private let value: Any?

    init(parsing bytes: [UInt8]) throws {
        value = try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
    }

    private init(_ value: Any?) {
        self.value = value
    }

    subscript(name: String) -> JSONObject { JSONObject((value as? [String: Any])?[name]) }
    var string: String? { value as? String }
    var integer: Int? { (value as? NSNumber)?.intValue }
    var boolean: Bool? { value as? Bool }
    var isObject: Bool { value is [String: Any] }
    var members: [String: JSONObject] { (value as? [String: Any] ?? [:]).mapValues { JSONObject($0) } }
    var elements: [JSONObject] { (value as? [Any] ?? []).map { JSONObject($0) } }

    func everyMember(named name: String) -> [JSONObject] {
        members.flatMap { $0.key == name ? [$0.value] : $0.value.everyMember(named: name) }
            + elements.flatMap { $0.everyMember(named: name) }
    }

    private var isNull: Bool { value is NSNull }
    private var number: NSNumber? { value as? NSNumber }

    /// What is wrong with the value, by the part of JSON Schema 2020-12 that our document uses.
    func faults(against schema: JSONObject, in document: JSONObject, at path: String = "") -> [String] {
        if let reference = schema["$ref"].string {
            let name = reference.replacing("#/components/schemas/", with: "")
            return faults(against: document["components"]["schemas"][name], in: document, at: path)
        }
        let choices = schema["anyOf"].elements
        if !choices.isEmpty {
            let isOne = choices.contains { faults(against: $0, in: document, at: path).isEmpty }
            return isOne ? [] : ["\(path): none of the choices"]
        }
        switch schema["type"].string {
        case "object": return objectFaults(schema, document, path)
        case "array":
            guard value is [Any] else { return ["\(path): no array"] }
            return elements.enumerated().flatMap {
                $1.faults(against: schema["items"], in: document, at: "\(path)/\($0)")
            }
        case "string": return stringFaults(schema, path)
        case "integer", "number":
            guard let number else { return ["\(path): no number"] }
            let isTooSmall = schema["minimum"].number.map { number.doubleValue < $0.doubleValue } ?? false
            let isTooLarge = schema["maximum"].number.map { number.doubleValue > $0.doubleValue } ?? false
            return isTooSmall || isTooLarge ? ["\(path): \(number) is out of range"] : []
        case "boolean": return number == nil ? ["\(path): no boolean"] : []
        case "null": return isNull ? [] : ["\(path): not null"]
        default: return ["\(path): a schema without a type"]
        }
    }

    private func objectFaults(_ schema: JSONObject, _ document: JSONObject, _ path: String) -> [String] {
        guard isObject else { return ["\(path): no object"] }
        let missing = schema["required"].elements.compactMap(\.string).filter { members[$0] == nil }
        return missing.map { "\(path)/\($0): missing" }
            + members.flatMap { name, member -> [String] in
                let known = schema["properties"][name]
                if known.isObject {
                    return member.faults(against: known, in: document, at: "\(path)/\(name)")
                }
                let others = schema["additionalProperties"]
                return others.isObject
                    ? member.faults(against: others, in: document, at: "\(path)/\(name)")
                    : ["\(path)/\(name): not documented"]
            }
    }

    private func stringFaults(_ schema: JSONObject, _ path: String) -> [String] {
        guard let string else { return ["\(path): no string"] }
        let allowed = schema["enum"].elements.compactMap(\.string)
        if !allowed.isEmpty, !allowed.contains(string) { return ["\(path): '\(string)' is no choice"] }
        if schema["format"].string == "date-time" {
            return string.contains(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) ? [] : ["\(path): no date"]
        }
        let length = string.count
        let isTooShort = schema["minLength"].number.map { length < $0.intValue } ?? false
        let isTooLong = schema["maxLength"].number.map { length > $0.intValue } ?? false
        return isTooShort || isTooLong ? ["\(path): \(length) characters"] : []
    }
}
