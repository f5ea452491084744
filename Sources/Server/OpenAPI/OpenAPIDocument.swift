import Engine
import HTTPTypes

/// The API's description, made of the route table and of nothing else.
package enum OpenAPIDocument {
    static let value: JSONValue = [
        "openapi": "3.1.0",
        "info": [
            "title": "Carrel", "version": "1",
            "description": """
            Knowledge bases that agents search: each key opens its own workspace. Every refusal is a problem \
            document (RFC 9457) with a stable `code`, on the routes of OpenAI's shape and of MCP their own envelopes, \
            and every answer carries `X-Request-Id`.
            """,
            "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
        ],
        "servers": [["url": "/"]],
        "paths": .object(paths),
        "components": [
            "schemas": .object(schemas.map { ($0.schemaName, $0.schema.json) }),
            "securitySchemes": [
                "key": [
                    "type": "http", "scheme": "bearer",
                    "description": "A key: `crl_…`, from `carrel admin key create`.",
                ]
            ],
        ],
    ]

    /// The document as it is sent. Made once: it needs no key, so it must cost nothing.
    static let text: [UInt8] = {
        guard let data = try? JSONBody.data(of: value) else {
            preconditionFailure(
                "a document of \(RouteTable.routes.count) routes could not be written as JSON")
        }
        return [UInt8](data)
    }()

    /// Every object's name, its documented fields and the fields it is really made of.
    package static var objects: [(name: String, fields: [String], codingKeys: [String])] {
        func entry<Object: APIObject>(_: Object.Type) -> (String, [String], [String]) {
            (Object.schemaName, Object.fields.map(\.name), Object.CodingKeys.allCases.map(\.stringValue))
        }
        return schemas.map { entry($0) }
    }

    static let schemas: [any APIObject.Type] = [
        Problem.self, WorkspaceObject.self, ModelObject.self, NewWorkspaceObject.self, KeyObject.self,
        IssuedKeyObject.self,
        NewKeyObject.self, DocumentObject.self, PutObject.self, SearchObject.self, CitationObject.self,
        ScorePartObject.self, WordScoreObject.self, SurroundingObject.self, HitObject.self,
        SearchResultObject.self,
        ContextObject.self, ContextSourceObject.self, ContextResultObject.self, ExplainObject.self,
        ExplanationObject.self,
        RecallObject.self, EmbeddingsObject.self,
        FilterObject.self, DocumentChangeObject.self, JobObject.self, JobItemObject.self, MoveObject.self,
        FolderObject.self, FolderChangeObject.self,
        EmbeddingsResultObject.self, ImportObject.self, ImportedDocumentObject.self, ImportProblemObject.self,
        PageObject.self, ServedModelObject.self, ModelListObject.self, OpenAIErrorObject.self,
        RPCMessage.self, RPCReply.self, RPCErrorObject.self,
    ]

    private static var paths: [(String, JSONValue)] {
        Dictionary(grouping: RouteTable.routes, by: \.path.openAPIPath).map { path, routes in
            (path, .object(routes.map { ($0.method.rawValue.lowercased(), operation($0)) }))
        }
    }

    private static func operation(_ route: Route) -> JSONValue {
        let value: JSONValue = [
            "operationId": .string(route.operation),
            "summary": .string(route.summary),
            "parameters": .array(
                pathParameters(of: route) + parameters(route.query, in: "query")
                    + parameters(route.headers, in: "header")),
            "security": route.needsKey ? [["key": []]] : [],
            "responses": .object(responses(of: route)),
        ]
        return value.with([
            "description": access(to: route).map { .string($0) },
            "requestBody": route.body.map(requestBody),
        ])
    }

    private static func access(to route: Route) -> String? {
        switch route.door {
        case .open: nil
        case .key(.read, _): "Any key."
        case .key(let permission, _):
            "A key of any workspace that allows `\(permission.rawValue)`, or the operator's."
        case .operatorKey: "The operator's key only."
        case .workspace(let permission, _):
            "A key of this workspace that allows `\(permission.rawValue)`, or the operator's. Another workspace's: 404."
        }
    }

    private static func pathParameters(of route: Route) -> [JSONValue] {
        route.path.segments.compactMap { segment in
            let (name, text): (String, String)
            switch segment {
            case .literal: return nil
            case .parameter(let found):
                (name, text) = (found, found == "workspace" ? "Name or id." : "The id.")
            case .rest(let found):
                (name, text) = (
                    found, "The path or the id. Slashes may stand as they are or be escaped as %2F."
                )
            }
            return [
                "name": .string(name), "in": "path", "required": true, "description": .string(text),
                "schema": ["type": "string"],
            ]
        }
    }

    private static func parameters(_ fields: [Field], in place: String) -> [JSONValue] {
        fields.map { field in
            [
                "name": .string(field.name), "in": .string(place), "required": .boolean(field.isRequired),
                "schema": field.schema.json,
            ]
        }
    }

    private static func requestBody(_ body: Route.Body) -> JSONValue {
        switch body {
        case .json(let type): json(Schema.reference(type))
        case .message(let type): json(Schema.reference(type))
        case .form:
            [
                "required": true,
                "content": [
                    "multipart/form-data": [
                        "schema": [
                            "type": "object", "required": ["files"],
                            "properties": [
                                "files": [
                                    "type": "array", "maxItems": .integer(ServerLimits.formDocumentsMax),
                                    "items": ["type": "string", "format": "binary"],
                                ],
                                "folder": ["type": "string", "description": "Begins every document's path."],
                                "attributes": [
                                    "type": "string", "contentMediaType": "application/json",
                                    "description": "An object: attributes of every document of the form.",
                                ],
                            ],
                        ]
                    ]
                ],
            ]
        case .documents(let types, let description):
            [
                "required": true, "description": .string(description),
                "content": .object(types.map { ($0, ["schema": ["type": "string", "format": "binary"]]) }),
            ]
        case .document:
            [
                "required": true,
                "description":
                    "The document's bytes. Without a type that tells, the path's extension decides.",
                "content": .object(IngestItem.mediaTypes.map { ($0, ["schema": ["type": "string"]]) }),
            ]
        }
    }

    private static func json(_ schema: Schema) -> JSONValue {
        ["required": true, "content": ["application/json": ["schema": schema.json]]]
    }

    private static func responses(of route: Route) -> [(String, JSONValue)] {
        let good = route.answers.map { answer -> (String, JSONValue) in
            let value: JSONValue = ["description": .string(answer.description), "headers": requestIDHeader]
            return (String(answer.status.code), value.with(["content": content(answer.content)]))
        }
        let form = route.errorForm
        let (mediaType, schema): (String, Schema) =
            switch form {
            case .problem: ("application/problem+json", .reference(Problem.self))
            case .openAI: ("application/json", .reference(OpenAIErrorObject.self))
            case .jsonRPC: ("application/json", .reference(RPCReply.self))
            }
        let problems = Dictionary(grouping: route.documentedProblems) { $0.status(in: form).code }
            .map { status, codes -> (String, JSONValue) in
                let names = codes.map { code in
                    "`\(form == .openAI ? code.openAICode : code.rawValue)`: \(code.title)."
                }
                let value: JSONValue = [
                    "description": .string(names.joined(separator: "\n")), "headers": requestIDHeader,
                    "content": .object([(mediaType, .object([("schema", schema.json)]))]),
                ]
                return (String(status), value)
            }
        return good + problems
    }

    private static let requestIDHeader: JSONValue = [
        "X-Request-Id": [
            "description": "Names the request in the server's log.", "schema": ["type": "string"],
        ]
    ]

    private static func content(_ content: Route.Content) -> JSONValue? {
        switch content {
        case .nothing: nil
        case .json(let schema): ["application/json": ["schema": schema.json]]
        case .bytes(let types):
            .object(types.map { ($0, ["schema": ["type": "string", "format": "binary"]]) })
        }
    }
}
