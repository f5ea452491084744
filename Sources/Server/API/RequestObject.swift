import Foundation
import NIOCore
import NIOFoundationCompat

/// A JSON object that clients send. What it does not know it refuses: a misspelt field is an error, not
/// silence.
protocol RequestObject: Decodable, APIObject {}

extension RequestObject {
    /// - Throws: `ServerError.jsonInvalid`, `.fieldUnknown` or `.fieldInvalid`.
    static func decode(from body: ByteBuffer) throws(ServerError) -> Self {
        do {
            guard body.readableBytes > 0 else {
                throw ServerError.jsonInvalid(reason: "The body is empty; an object is expected.")
            }
            return try JSONDecoder().decode(Strict<Self>.self, from: body).value
        } catch let error as ServerError {
            throw error
        } catch let error as DecodingError {
            throw ServerError(error, isJSON: isJSON(body))
        } catch {
            throw .jsonInvalid(reason: "The body cannot be read.")
        }
    }

    /// The decoder says the same of a body that is no JSON and of a number that does not fit.
    private static func isJSON(_ body: ByteBuffer) -> Bool {
        let data = Data(buffer: body)
        return (try? JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed)) != nil
    }
}

/// Decodes an object whose fields are all known.
private struct Strict<Object: RequestObject>: Decodable {
    let value: Object

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
        let allowed = Object.CodingKeys.allCases.map(\.stringValue)
        let found = try decoder.container(keyedBy: Name.self).allKeys.map(\.stringValue)
        if let unknown = found.sorted().first(where: { !allowed.contains($0) }) {
            throw ServerError.fieldUnknown(pointer: "/" + JSONPointer.escaped(unknown), allowed: allowed)
        }
        value = try Object(from: decoder)
    }
}

/// RFC 6901.
enum JSONPointer {
    static func text(_ path: [any CodingKey]) -> String {
        path.map { "/" + escaped($0.intValue.map(String.init) ?? $0.stringValue) }.joined()
    }

    static func escaped(_ name: String) -> String {
        name.replacing("~", with: "~0").replacing("/", with: "~1")
    }
}

extension ServerError {
    fileprivate init(_ error: DecodingError, isJSON: Bool) {
        switch error {
        case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
            self = .fieldInvalid(
                pointer: JSONPointer.text(context.codingPath), expected: Self.words(for: type))
        case .keyNotFound(let key, let context):
            self = .fieldInvalid(
                pointer: JSONPointer.text(context.codingPath + [key]), expected: "the field to be there")
        case .dataCorrupted where !isJSON:
            self = .jsonInvalid(reason: "The body is not JSON, or is nested too deeply.")
        case .dataCorrupted(let context):
            self = .fieldInvalid(
                pointer: JSONPointer.text(context.codingPath),
                expected: "whole numbers that fit, and sound text")
        @unknown default:
            self = .jsonInvalid(reason: "The body cannot be read.")
        }
    }

    private static func words(for type: any Any.Type) -> String {
        switch type {
        case is String.Type: "a string"
        case is Int.Type: "a whole number"
        case is Bool.Type: "true or false"
        case is Double.Type, is Float.Type: "a number"
        case is [Any].Type: "an array"
        default: "an object"
        }
    }
}
