import Engine
import Foundation
import HTTPTypes

/// What a resource is known by at one moment (RFC 9110, section 8.8.3). All of ours are strong.
struct EntityTag: Sendable, Hashable {
    /// Quotes included.
    let text: String

    static func document(_ revision: Int64) -> EntityTag {
        EntityTag(text: "\"r\(revision)\"")
    }

    static func content(_ sha256: String) -> EntityTag {
        EntityTag(text: "\"\(sha256)\"")
    }

    /// Nil if it is not one of a document's.
    var revision: Int64? {
        guard text.hasPrefix("\"r"), text.hasSuffix("\""), text.count > 3 else { return nil }
        return Int64(text.dropFirst(2).dropLast())
    }
}

/// The value of `If-Match` or `If-None-Match`.
enum EntityTags: Sendable, Hashable {
    case any
    case listed(Set<EntityTag>)

    /// Tags that are heeded: more in one request are refused.
    private static let countMax = 64

    /// Nil for what is neither `*` nor tags with commas between. A weak tag is never equal to one of ours.
    init?(parsing text: String) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
            .map { $0.trimmingCharacters(in: .whitespaces) }
        if parts == ["*"] {
            self = .any
            return
        }
        guard parts.count <= Self.countMax, parts.allSatisfy({ $0.wholeMatch(of: /(?:W\/)?"[^"]*"/) != nil })
        else { return nil }
        self = .listed(Set(parts.map { EntityTag(text: $0) }))
    }

    func include(_ tag: EntityTag) -> Bool {
        switch self {
        case .any: true
        case .listed(let tags): tags.contains(tag)
        }
    }

    /// What a change presumes.
    ///
    /// - Throws: `ServerError.headerInvalid`.
    static func condition(of call: Call) throws(ServerError) -> DocumentPrecondition {
        switch (try call.tags(.ifMatch), try call.tags(.ifNoneMatch)) {
        case (nil, nil): return .none
        case (.any, nil): return .present
        case (.listed(let tags), nil): return .revision(in: Set(tags.compactMap(\.revision)))
        case (nil, .any): return .absent
        default:
            throw .headerInvalid(name: "If-None-Match", expected: "* alone, to make only what is not there")
        }
    }

    // MARK: In the description of a route

    static let ifMatch = Field(
        "If-Match", .string("Change only a document with this `ETag`, or `*`: any that is there."),
        isRequired: false)
    static let ifNoneMatchAny = Field(
        "If-None-Match", .string("`*`: make the document only if there is none."), isRequired: false)
    static let ifNoneMatch = Field(
        "If-None-Match", .string("`ETag` of what the client has: answered 304 if it is still right."),
        isRequired: false)
}
