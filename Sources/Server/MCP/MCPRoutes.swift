import Engine
import HTTPTypes

/// The agents' door: the Model Context Protocol, in both of its eras, without a session.
///
/// Every message is a request of its own and is answered with one object: nothing is remembered, so a restart of the
/// server is nothing to a client.
enum MCPRoutes {
    static let routes: [Route] = [
        Route(
            method: .post, path: "/mcp", operation: "mcp",
            summary:
                "The Model Context Protocol, 2026-07-28 and before: the tools search, context and get_document for "
                + "language models.",
            headers: [
                Field(
                    MCPHeaders.versionName,
                    .string("The version spoken; from 2026-07-28 on it must be there, and be the body's."),
                    isRequired: false),
                Field(
                    MCPHeaders.methodName, .string("From 2026-07-28 on: the body's method."),
                    isRequired: false),
                Field(
                    MCPHeaders.targetName, .string("From 2026-07-28 on: the tool, where one is called."),
                    isRequired: false),
            ],
            body: .message(RPCMessage.self),
            answers: [
                (
                    .ok, "The answer. What is wrong with a tool's arguments is in it.",
                    .json(.reference(RPCReply.self))
                ),
                (.accepted, "It was a notification.", .nothing),
            ],
            problems: [
                .originForbidden, .messageInvalid, .rpcMethodUnknown, .parametersInvalid, .headerMismatch,
                .versionUnsupported,
            ],
            errorForm: .jsonRPC, door: .key(.read, answer))
    ]

    @Sendable private static func answer(_ call: Call, _ principal: Principal) async throws -> Answer {
        try OriginRule(allowed: call.originsAllowed).check(call.header(.origin))
        let value = try await call.message(upTo: ServerLimits.jsonBytesMax)
        let headers = MCPHeaders(
            version: call.header(.init(MCPHeaders.versionName)),
            method: call.header(.init(MCPHeaders.methodName)),
            target: call.header(.init(MCPHeaders.targetName)))
        let service = MCPService(
            engine: call.engine, principal: principal, requestID: call.requestID, note: { call.note($0) })
        var era: MCPEra?
        do {
            let message = try RPCMessage(value)
            let found = try MCPEra(of: message, headers)
            era = found
            guard let id = message.id else { return .nothing(.accepted) }
            let result = try await service.result(of: message, in: found)
            return try .json(RPCReply(id: id, outcome: .result(result)))
        } catch {
            throw refusal(error, of: RPCID(value["id"]), in: era)
        }
    }

    /// The answer has the message's id. What a client of the older versions asked in vain is told with 200: to it 404
    /// says that a session has ended.
    private static func refusal(_ error: any Error, of id: RPCID?, in era: MCPEra?) -> Refusal {
        var refusal = Refusal(error)
        refusal.messageID = id
        if case .legacy = era, [.rpcMethodUnknown, .parametersInvalid].contains(refusal.code) {
            refusal.status = .ok
        }
        return refusal
    }
}
