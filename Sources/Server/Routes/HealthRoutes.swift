import Engine
import HTTPTypes

/// Whether the server lives, whether it can serve, and what it serves.
enum HealthRoutes {
    private static let health = Schema.object("", [Field("status", .choice("", ["ok"]))])

    private struct Health: Encodable {
        var status = "ok"
    }

    static let routes: [Route] = [
        Route(
            method: .get, path: "/livez", operation: "getLiveness",
            summary: "Whether the process answers at all.",
            answers: [(.ok, "It does.", .json(health))],
            door: .open { _ in try .json(Health()) }),
        Route(
            method: .get, path: "/readyz", operation: "getReadiness",
            summary: "Whether the server can serve: its catalog can be read.",
            answers: [(.ok, "It can.", .json(health))],
            problems: [.storeBusy, .dataDamaged, .diskFull],
            door: .open { call in
                _ = try await call.engine.withLibrary { try $0.checkCatalog() }
                return try .json(Health())
            }),
        Route(
            method: .get, path: "/openapi.json", operation: "getOpenAPI",
            summary: "This API, as an OpenAPI 3.1 document.",
            answers: [(.ok, "The document.", .json(.anyObject("")))],
            door: .open { _ in .bytes(OpenAPIDocument.text, mediaType: "application/json") }),
    ]
}
