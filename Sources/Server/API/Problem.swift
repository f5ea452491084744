import HTTPTypes

/// What every refusal and failure looks like: RFC 9457, with a stable `code`.
struct Problem: Encodable, Sendable, Equatable {
    /// One thing that is wrong in the request.
    struct Item: Encodable, Sendable, Equatable {
        /// Where: a JSON pointer (RFC 6901) into the body, or a parameter's name.
        var pointer: String
        var detail: String
    }

    var type: String
    var title: String
    var status: Int
    var detail: String
    var code: String
    var requestID: String
    var errors: [Item]?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case type, title, status, detail, code, errors
        case requestID = "request_id"
    }

    init(_ refusal: Refusal, requestID: String) {
        type = "urn:carrel:problem:\(refusal.code.rawValue)"
        title = refusal.code.title
        status = refusal.code.status.code
        detail = refusal.detail
        code = refusal.code.rawValue
        errors = refusal.pointer.map { [Item(pointer: $0, detail: refusal.detail)] }
        self.requestID = requestID
    }
}

extension Problem: APIObject {
    static let schemaName = "Problem"
    static let fields = [
        Field(
            "type", .string("A name of the kind of problem, from its code."),
            example: "urn:carrel:problem:query_empty"),
        Field("title", .string("The same for every problem of the code.")),
        Field("status", .integer("The HTTP status.", 400...599)),
        Field("detail", .string("What was found and what is allowed.")),
        Field(
            "code",
            .choice("What programs decide by; never renamed.", ProblemCode.allCases.map(\.rawValue))),
        Field("request_id", .string("Names the request in the server's log.")),
        Field(
            "errors",
            .array(
                "Where in the request.",
                .object(
                    "One thing that is wrong.",
                    [
                        Field("pointer", .string("A JSON pointer into the body, or a parameter's name.")),
                        Field("detail", .string("What is wrong there.")),
                    ])), isRequired: false),
    ]
}
