import Engine
import HTTPTypes

/// What can be asked for.
enum MCPMethod: String, Sendable, CaseIterable {
    case initialize
    case ping
    case discover = "server/discover"
    case listTools = "tools/list"
    case callTool = "tools/call"

    static func served(in era: MCPEra) -> [MCPMethod] {
        switch era {
        case .modern: [.discover, .listTools, .callTool]
        case .legacy: [.initialize, .ping, .listTools, .callTool]
        }
    }
}

/// Answers the messages of one request, for whoever showed its key.
struct MCPService: Sendable {
    /// The list of tools changes when the server does.
    private static let listMilliseconds = 3_600_000

    /// Workspaces that an operator is told who named none.
    private static let workspacesTold = 20

    let engine: Engine
    let principal: Principal
    let requestID: String

    /// Told what becomes known of the request, for the log.
    let note: @Sendable ((inout Exchange.Facts) -> Void) -> Void

    /// - Throws: `ServerError.message`; what the Store throws.
    func result(of message: RPCMessage, in era: MCPEra) async throws -> RPCObject {
        let served = MCPMethod.served(in: era)
        guard let method = MCPMethod(rawValue: message.method), served.contains(method) else {
            throw ServerError.message(
                .methodUnknown(found: message.method, served: served.map(\.rawValue)))
        }
        note { $0.operation = method.rawValue }
        var result =
            switch method {
            case .initialize: try await handshake(message.parameters)
            case .ping: RPCObject()
            case .discover: try await discovery()
            case .listTools: try tools(message.parameters)
            case .callTool: try await call(message.parameters)
            }
        if case .modern = era {
            result.add(["resultType": "complete", "_meta": RPCObject([MCPMeta.server: Self.identity])])
        }
        return result
    }

    private static let identity: JSONValue = [
        "name": "carrel", "title": "Carrel", "version": .string(CarrelRelease.version),
    ]

    private static let capabilities: JSONValue = ["tools": [:]]

    /// Whoever offers a version that has no handshake, or that is unknown, is offered the newest that has one.
    private func handshake(_ parameters: PlainValue) async throws -> RPCObject {
        guard let offered = parameters["protocolVersion"]?.string else {
            throw ServerError.message(.parametersInvalid(expected: "protocolVersion, a string"))
        }
        let known = MCPVersion(rawValue: offered).flatMap { $0.isModern ? nil : $0 }
        return RPCObject([
            "protocolVersion": (known ?? .legacyNewest).rawValue, "capabilities": Self.capabilities,
            "serverInfo": Self.identity, "instructions": try await instructions(),
        ])
    }

    private func discovery() async throws -> RPCObject {
        RPCObject([
            "supportedVersions": MCPVersion.allNames, "capabilities": Self.capabilities,
            "instructions": try await instructions(), "ttlMs": Self.listMilliseconds, "cacheScope": "private",
        ])
    }

    private func instructions() async throws -> String {
        guard !principal.isOperator else { return MCPTools.instructions(for: nil) }
        return MCPTools.instructions(for: try await scope(naming: nil).name)
    }

    private func tools(_ parameters: PlainValue) throws -> RPCObject {
        // There is one page, so no cursor was ever given out.
        guard parameters["cursor"]?.isNull ?? true else {
            throw ServerError.message(.parametersInvalid(expected: "no cursor; all tools are on one page"))
        }
        return RPCObject([
            "tools": MCPTools.all.map { $0.described(forOperator: principal.isOperator) },
            "ttlMs": Self.listMilliseconds, "cacheScope": "private",
        ])
    }

    // MARK: Tools

    private func call(_ parameters: PlainValue) async throws -> RPCObject {
        guard let name = parameters["name"]?.string, let tool = MCPTools.all.first(where: { $0.name == name })
        else {
            let names = MCPTools.names.joined(separator: ", ")
            throw ServerError.message(.parametersInvalid(expected: "the name of a tool: \(names)"))
        }
        note { $0.operation = "\(MCPMethod.callTool.rawValue) \(name)" }
        let given = parameters["arguments"] ?? .null
        guard var arguments = given.members ?? (given.isNull ? [:] : nil) else {
            throw ServerError.message(.parametersInvalid(expected: "arguments that are an object"))
        }
        do {
            let scope = try await scope(naming: arguments.removeValue(forKey: MCPTool.workspaceField.name))
            note { $0.workspace = scope.name }
            let outcome = try await tool.run(tool.named(arguments), engine, scope)
            return RPCObject([
                "content": [Self.text(outcome.text)], "structuredContent": outcome.structured,
                "isError": false,
            ])
        } catch {
            // Told to the model and not to its client, so that it can do better.
            let refusal = Refusal(error)
            note { $0.refusal = refusal }
            return RPCObject(["content": [Self.text(words(for: refusal))], "isError": true])
        }
    }

    private static func text(_ text: String) -> JSONValue {
        ["type": "text", "text": .string(text)]
    }

    /// The workspace that the key opens, or of all that it opens the one that is named.
    ///
    /// - Throws: `ServerError.fieldInvalid`; `EngineError.workspaceNotFound`.
    private func scope(naming workspace: PlainValue?) async throws -> WorkspaceScope {
        let principal = principal
        if let workspace, !workspace.isNull {
            guard let name = workspace.string else {
                throw ServerError.fieldInvalid(pointer: "/workspace", expected: "a string")
            }
            return try await engine.withLibrary {
                try $0.scope(ofWorkspace: name, for: principal, needing: .read)
            }
        }
        return try await engine.withLibrary { library in
            guard !principal.isOperator else {
                let names = try library.workspaces(for: principal, after: "", limit: Self.workspacesTold).map(
                    \.name)
                throw ServerError.fieldInvalid(
                    pointer: "/workspace",
                    expected: "a workspace's name, for this key opens all of them: "
                        + names.joined(separator: ", "))
            }
            return try library.scope(ofWorkspace: principal.tenant, for: principal, needing: .read)
        }
    }

    /// What was wrong and what would be right, in one line.
    private func words(for refusal: Refusal) -> String {
        var text = "\(refusal.code.title). "
        if refusal.detail.hasPrefix("/") {
            // The place is said already, as a pointer into a body that a model does not know of.
            text += refusal.detail.dropFirst()
        } else {
            let place = refusal.pointer?.split(separator: "/").joined(separator: ".") ?? ""
            text += (place.isEmpty ? "" : place + ": ") + refusal.detail
        }
        if let hint = Self.hint(for: refusal.code) { text += " " + hint }
        if refusal.code.isRetriable { text += " Try again in a moment." }
        if refusal.code.status.code >= 500 { text += " (request \(requestID))" }
        return text
    }

    private static func hint(for code: ProblemCode) -> String? {
        switch code {
        case .documentNotFound: "Take the path or the document's id from a citation of search."
        case .workspaceNotFound: "If the key is one workspace's, leave workspace out."
        case .cursorInvalid:
            "Give next_cursor of the last answer to the same question, with the same arguments."
        default: nil
        }
    }
}
