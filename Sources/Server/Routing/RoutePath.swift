import Foundation

/// An address with parameters: `/v1/workspaces/{workspace}/documents/{document...}`. The last parameter may
/// take several segments, slashes and all.
package struct RoutePath: Sendable, Hashable, ExpressibleByStringLiteral {
    package enum Segment: Sendable, Hashable {
        case literal(String)
        case parameter(String)
        case rest(String)
    }

    package let segments: [Segment]

    /// As it was written.
    package let template: String

    package init(stringLiteral template: String) {
        self.template = template
        segments = template.split(separator: "/").map { segment in
            guard segment.hasPrefix("{"), segment.hasSuffix("}") else { return .literal(String(segment)) }
            let name = segment.dropFirst().dropLast()
            return name.hasSuffix("...") ? .rest(String(name.dropLast(3))) : .parameter(String(name))
        }
    }

    package var parameterNames: [String] {
        segments.compactMap { segment in
            switch segment {
            case .literal: nil
            case .parameter(let name), .rest(let name): name
            }
        }
    }

    /// In the router's words.
    var routerPath: String {
        "/"
            + segments.map { segment in
                switch segment {
                case .literal(let text): text
                case .parameter(let name): ":\(name)"
                case .rest: "**"
                }
            }
            .joined(separator: "/")
    }

    /// In OpenAPI's words, which know no parameter of several segments: there its slashes are escaped.
    package var openAPIPath: String {
        template.replacing("...}", with: "}")
    }

    /// Whether a path is one of these addresses. Empty segments are passed over, as the router does.
    func matches(_ path: String) -> Bool {
        var found = path.split(separator: "/")[...]
        for segment in segments {
            if case .rest = segment { return !found.isEmpty }
            guard let first = found.popFirst() else { return false }
            if case .literal(let text) = segment, text != first { return false }
        }
        return found.isEmpty
    }

    /// The parameters of a path that the router matched, percent-encoding undone.
    ///
    /// The router passes over empty segments; the rest is taken from the path itself, so that an empty name in it
    /// is seen.
    ///
    /// - Throws: `ServerError.parameterInvalid` where what is encoded is not UTF-8.
    func parameters(in path: String) throws(ServerError) -> [String: String] {
        var values: [String: String] = [:]
        var remainder = path[...]
        for segment in segments {
            remainder = remainder.drop { $0 == "/" }
            let end = remainder.firstIndex(of: "/") ?? remainder.endIndex
            switch segment {
            case .literal: break
            case .parameter(let name):
                let value = try Self.decoded(remainder[..<end], name)
                guard !value.utf8.contains(0) else {
                    throw .parameterInvalid(name: name, found: "text with NUL", expected: "text without")
                }
                values[name] = value
            case .rest(let name):
                // One slash parts the rest from what is before; a second belongs to it.
                let start = path[..<remainder.startIndex].reversed().prefix { $0 == "/" }.count
                let slashes = String(repeating: "/", count: max(start - 1, 0))
                values[name] = try Self.decoded(slashes + remainder, name)
            }
            remainder = remainder[end...]
        }
        return values
    }

    private static func decoded(
        _ text: some StringProtocol, _ name: String
    ) throws(ServerError) -> String {
        guard let decoded = text.removingPercentEncoding else {
            throw .parameterInvalid(name: name, found: String(text), expected: "percent-encoded UTF-8")
        }
        return decoded
    }
}
