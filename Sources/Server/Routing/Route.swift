package import Engine
package import HTTPTypes

/// One operation of the API: how it is reached, who may, what it takes and gives, and what it does.
///
/// The router, the OpenAPI document and the tests that walk every route are all made of this.
package struct Route: Sendable {
    typealias Handler = @Sendable (Call) async throws -> Answer
    typealias PrincipalHandler = @Sendable (Call, Principal) async throws -> Answer
    typealias ScopeHandler = @Sendable (Call, WorkspaceScope) async throws -> Answer

    /// Who may come in. What is behind a door is handed only what the door has checked.
    enum Door: Sendable {
        /// Anybody, without a key.
        case open(Handler)

        /// Whoever shows a key that allows this much, wherever it does.
        case key(Permission, PrincipalHandler)

        /// The operator.
        case operatorKey(Handler)

        /// Whoever's key opens the workspace in the path, and allows this much.
        case workspace(Permission, ScopeHandler)
    }

    /// A door without what is behind it.
    package enum Access: Sendable, Equatable {
        case open, operatorKey
        case key(Permission)
        case workspace(Permission)
    }

    /// What the body may be.
    enum Body: Sendable {
        case json(any RequestObject.Type)

        /// A message whose members are read one by one.
        case message(any APIObject.Type)

        /// A document's bytes.
        case document

        /// A form with documents.
        case form

        /// Many documents in one body, of one of these types.
        case documents(mediaTypes: [String], description: String)
    }

    /// What a good answer holds.
    enum Content: Sendable {
        case nothing
        case json(Schema)
        case bytes(mediaTypes: [String])
    }

    package let method: HTTPRequest.Method
    package let path: RoutePath

    /// Unique; generated clients name a function after it.
    package let operation: String
    let summary: String
    var query: [Field] = []

    /// Header fields that the route heeds, beside those that all do.
    var headers: [Field] = []
    var body: Body?
    let answers: [(status: HTTPResponse.Status, description: String, content: Content)]

    /// Beyond those that follow from door, body and query.
    var problems: [ProblemCode] = []
    package var errorForm = ErrorForm.problem
    let door: Door

    package var access: Access {
        switch door {
        case .open: .open
        case .key(let permission, _): .key(permission)
        case .operatorKey: .operatorKey
        case .workspace(let permission, _): .workspace(permission)
        }
    }

    /// Statuses of good answers.
    package var goodStatuses: [Int] { answers.map(\.status.code) }

    /// For logs: method and template, never the address itself.
    package var name: String { "\(method.rawValue) \(path.template)" }

    package var needsKey: Bool {
        if case .open = door { false } else { true }
    }

    /// Every problem that the route documents.
    package var documentedProblems: [ProblemCode] {
        var codes: Set<ProblemCode> = [
            .malformedRequest, .headersTooLarge, .targetTooLong, .methodNotAllowed, .methodUnknown,
            .internalError,
            .parameterUnknown,
        ]
        if needsKey {
            codes.formUnion([
                .keyMissing, .keyUnknown, .keyExpired, .keyRevoked, .overloaded, .storeBusy, .diskFull,
                .dataDamaged,
            ])
        }
        if !path.parameterNames.isEmpty || !query.isEmpty { codes.insert(.parameterInvalid) }
        switch door {
        case .workspace: codes.formUnion([.workspaceNotFound, .permissionTooLow])
        case .operatorKey: codes.insert(.operatorOnly)
        case .key(let permission, _) where permission > .read: codes.insert(.permissionTooLow)
        case .open, .key: break
        }
        if !headers.isEmpty { codes.insert(.headerInvalid) }
        if body != nil {
            codes.formUnion([
                .bodyTooLarge, .bodyIncomplete, .bodyTooSlow, .mediaTypeUnsupported, .encodingUnsupported,
            ])
        }
        if case .json = body { codes.formUnion([.jsonInvalid, .fieldUnknown, .fieldInvalid]) }
        if case .message = body { codes.insert(.jsonInvalid) }
        return ProblemCode.allCases.filter(codes.union(problems).contains)
    }
}
