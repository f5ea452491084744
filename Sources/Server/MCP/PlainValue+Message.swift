import Engine
import Foundation
import NIOCore
import NIOFoundationCompat

extension PlainValue {
    /// Arrays and objects in each other: arguments of tools need four.
    static let depthMax = 64

    /// Any JSON that a client sent.
    ///
    /// - Throws: `ServerError.jsonInvalid`.
    init(parsing body: ByteBuffer) throws(ServerError) {
        guard body.readableBytes > 0 else {
            throw .jsonInvalid(reason: "The body is empty; an object is expected.")
        }
        let depth = Self.depth(of: body.readableBytesView)
        guard depth <= Self.depthMax else {
            throw .jsonInvalid(reason: "The body is nested \(depth) deep; up to \(Self.depthMax) is allowed.")
        }
        do {
            self = try JSONDecoder().decode(PlainValue.self, from: body)
        } catch {
            throw .jsonInvalid(reason: "The body is not JSON, or a number in it does not fit.")
        }
    }

    /// How deep arrays and objects are in each other, read without recursion and without believing that it is JSON.
    static func depth(of bytes: some Sequence<UInt8>) -> Int {
        var (depth, deepest) = (0, 0)
        var (isInString, isEscaped) = (false, false)
        for byte in bytes {
            if isEscaped {
                isEscaped = false
            } else if isInString {
                if byte == UInt8(ascii: "\\") { isEscaped = true }
                if byte == UInt8(ascii: "\"") { isInString = false }
            } else {
                switch byte {
                case UInt8(ascii: "\""): isInString = true
                case UInt8(ascii: "["), UInt8(ascii: "{"):
                    depth += 1
                    deepest = max(deepest, depth)
                case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
                default: break
                }
            }
        }
        return deepest
    }

    /// A member of an object; nil where there is none, and of what is no object.
    subscript(name: String) -> PlainValue? { members?[name] }

    var members: [String: PlainValue]? {
        if case .object(let members) = self { members } else { nil }
    }

    var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    var isNull: Bool {
        if case .null = self { true } else { false }
    }
}
