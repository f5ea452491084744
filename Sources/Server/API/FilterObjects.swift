import Engine

/// Which documents a search may find passages of: one condition, or several joined. A superset of the filters of
/// OpenAI's vector stores.
///
/// Read by `DocumentFilter`, which says where one is wrong; this is its description.
struct FilterObject: APIObject {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case type, key, value, filters, filter, recursive
    }

    private static let scalar: [Schema] = [.string(""), .number(""), .boolean("")]

    static let schemaName = "Filter"
    static let fields = [
        Field(
            "type",
            .choice(
                """
                How it compares. A value of another type than the attribute's, and an attribute that is not there, is \
                never equal, greater or less, and always `ne` and `nin`. Strings are compared by their bytes; one that \
                is a date compares with dates as that. `contains`: one of a list's strings, or part of a string.
                """,
                DocumentFilter.types)),
        Field(
            "key",
            .string(
                "For a comparison: an attribute, \(DocumentFilter.fieldNames.joined(separator: ", "))."),
            isRequired: false, example: "year"),
        Field(
            "value",
            .anyOf(
                """
                What it is compared with; a list of up to \(DocumentFilter.valuesMax) for `in`, `nin` and `documents`, \
                a path for `folder`.
                """,
                scalar + [.array("", .anyOf("", scalar))]),
            isRequired: false, example: 2020),
        Field(
            "filters",
            .array(
                "For `and` and `or`; up to \(DocumentFilter.conditionsMax) conditions in all.",
                .reference(FilterObject.self)),
            isRequired: false),
        Field("filter", .reference(FilterObject.self), isRequired: false),
        Field(
            "recursive", .boolean("For `folder`: whether sub-folders count; true if absent."),
            isRequired: false),
    ]
}

/// Attributes on the wire.
enum AttributesField {
    static let value = Schema.anyOf(
        "A date is a string of RFC 3339; a string that is a date, or a day, is kept as that.",
        [.string(""), .number(""), .boolean(""), .array("", .string(""))])
}

extension Refusal {
    static func words(_ fault: FilterFault) -> String {
        let place = fault.place.isEmpty ? "The filter" : fault.place
        return "\(place): found \(fault.found.prefix(200)); expected \(fault.expected)."
    }

    /// `filters[1].value` as a JSON pointer into the body.
    static func pointer(to fault: FilterFault) -> String {
        let place = fault.place.replacing("]", with: "").replacing("[", with: ".")
        return "/filter" + place.split(separator: ".").map { "/" + JSONPointer.escaped(String($0)) }.joined()
    }

    static func words(_ fault: AttributeFault) -> String {
        switch fault {
        case .nameLength(let found, let most):
            "An attribute's name has \(found) bytes; 1 to \(most) are allowed."
        case .nameReserved(let name):
            "'\(name.prefix(64))' cannot be an attribute's name: no ':', no NUL, and no '@' before it."
        case .valueUnsupported(let name, let found):
            "\(name.prefix(64)): found \(found); a string, a number, true, false or a list of strings is allowed."
        case .holdsNUL(let name): "\(name.prefix(64)): a string holds NUL."
        case .stringTooLong(let name, let found, let most):
            "\(name.prefix(64)): a string has \(found) bytes; up to \(most) are allowed."
        case .tooManyStrings(let name, let found, let most):
            "\(name.prefix(64)): the list has \(found) strings; up to \(most) are allowed."
        case .tooMany(let found, let most): "It has \(found) attributes; up to \(most) are allowed."
        case .tooLarge(let found, let most):
            "The attributes have \(found) bytes together; up to \(most) are allowed."
        }
    }
}
