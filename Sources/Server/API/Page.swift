import Foundation

/// One page of a list, in keyset order: what is added or removed meanwhile shifts nothing.
struct Page<Element: Encodable & Sendable>: Encodable, Sendable {
    var data: [Element]

    /// For the next page; null on the last.
    var nextCursor: String?
    var hasMore: Bool

    private enum CodingKeys: String, CodingKey {
        case data
        case nextCursor = "next_cursor"
        case hasMore = "has_more"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(data, forKey: .data)
        // Null, not absent: a client that loops until null finds it.
        try container.encode(nextCursor, forKey: .nextCursor)
        try container.encode(hasMore, forKey: .hasMore)
    }

    /// - Parameters:
    ///   - rows: one more than fits, if there is one.
    ///   - limit: how many fit.
    ///   - cursor: after which row the next page begins.
    init<Row>(
        _ rows: [Row], limit: Int, element: (Row) -> Element, cursor: (Row) -> PageCursor
    ) {
        let fitting = rows.prefix(limit)
        data = fitting.map(element)
        hasMore = rows.count > limit
        nextCursor = hasMore ? fitting.last.map { cursor($0).text } : nil
    }

    static func schema(of element: any APIObject.Type) -> Schema {
        .object(
            "",
            [
                Field("data", .array("", .reference(element))),
                Field("next_cursor", .nullable(.string("For the next page; null on the last."))),
                Field("has_more", .boolean("Whether there is a next page.")),
            ])
    }
}

/// The parameters of every list.
enum PageParameters {
    static let limitDefault = 50
    static let limits = 1...500

    static let fields = [
        Field(
            "limit", .integer("Elements on the page; \(limitDefault) if absent.", limits), isRequired: false),
        Field("cursor", .string("`next_cursor` of the page before."), isRequired: false),
    ]
}

/// Where a list goes on: opaque to clients, and good for the one list that it was given out for.
///
/// It is not signed, since it gives nothing: it only says after which row of a list to begin, and the list is
/// the caller's anyway.
package struct PageCursor: Sendable, Equatable {
    /// Which list, in which workspace.
    package let list: String

    /// The key of the last row.
    package let after: String

    package var text: String {
        Data("\(list)\n\(after)".utf8).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    package init(list: String, after: String) {
        self.list = list
        self.after = after
    }

    /// - Throws: `ServerError.cursorInvalid` for text that this list never gave out.
    package init(parsing text: String, of list: String) throws(ServerError) {
        let base64 = text.replacing("-", with: "+").replacing("_", with: "/")
        let padding = String(repeating: "=", count: (4 - base64.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: base64 + padding),
            let plain = String(validating: data, as: UTF8.self)
        else { throw .cursorInvalid }
        let parts = plain.split(separator: "\n", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0] == list, !plain.utf8.contains(0) else { throw .cursorInvalid }
        self.init(list: list, after: String(parts[1]))
    }
}
