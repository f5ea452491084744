package import Foundation
import Store

/// A key as a list shows it: everything but the key.
package struct KeySummary: Sendable, Hashable {
    package var id: String
    package var name: String

    /// Nil for the operator's.
    package var workspace: String?
    package var permission: Permission
    package var createdAt: Date
    package var expiresAt: Date?
    package var revokedAt: Date?
}

/// A key that was just made.
package struct IssuedKey: Sendable {
    package var summary: KeySummary

    /// The key itself, for whoever will use it. It cannot be shown again.
    package var text: String
}

/// A key to be made.
package struct KeyRequest: Sendable {
    package var name: String
    package var permission: Permission

    /// How long it opens anything; nil for ever.
    package var lifetime: Duration?

    /// Up to a hundred years, so that a moment stays a moment.
    package static let lifetimeSeconds = 1...3_153_600_000

    package init(name: String, permission: Permission, lifetime: Duration? = nil) {
        self.name = name
        self.permission = permission
        self.lifetime = lifetime
    }
}

extension Library {
    // MARK: Authentication

    /// Whoever holds the key `text`, as the catalog knows it now: a key revoked a moment ago opens nothing.
    ///
    /// - Throws: `EngineError.keyUnknown`, `.keyExpired` or `.keyRevoked`. The latter two are told only to
    ///   somebody who has the whole key.
    package func principal(showing text: String) throws -> Principal {
        guard let token = KeyToken(parsing: text) else { throw EngineError.keyUnknown }
        let record = try catalog.key(token.id)
        // A key that is not there is compared too, so that the time does not tell which ids there are.
        let isRight = token.matches(record?.digest ?? Self.nobodysDigest)
        guard let record, isRight else { throw EngineError.keyUnknown }
        guard record.revokedAt == nil else { throw EngineError.keyRevoked }
        if let end = record.expiresAt, end <= environment.now() {
            throw EngineError.keyExpired(at: Date(end))
        }
        let reach = record.workspace.map { Principal.Reach.workspace($0, Permission(record.permission)) }
        return Principal(keyID: record.id.rawValue, reach: reach ?? .everything)
    }

    private static let nobodysDigest = ContentDigest(of: "")

    /// The scope of a workspace for somebody who showed a key.
    ///
    /// - Parameter workspace: its name or its id.
    /// - Throws: `EngineError.workspaceNotFound`, the same for a workspace that does not exist as for one that
    ///   the key does not open; then `.permissionTooLow`.
    package func scope(
        ofWorkspace workspace: String, for principal: Principal, needing needed: Permission
    ) throws -> WorkspaceScope {
        guard let (record, found) = try opened(workspace, for: principal) else {
            throw EngineError.workspaceNotFound(workspace)
        }
        guard found >= needed else { throw EngineError.permissionTooLow(found: found, needed: needed) }
        return WorkspaceScope(workspaceID: record.id, name: record.name)
    }

    private func opened(
        _ workspace: String, for principal: Principal
    ) throws -> (WorkspaceRecord, Permission)? {
        switch principal.reach {
        case .workspace(let id, let permission):
            guard let record = try catalog.workspace(id), record.phase == .active,
                workspace == record.name || workspace == record.id.rawValue
            else { return nil }
            return (record, permission)
        case .everything:
            if let record = try catalog.workspace(named: workspace) { return (record, .owner) }
            guard let record = try catalog.workspace(WorkspaceID(rawValue: workspace)),
                record.phase == .active
            else { return nil }
            return (record, .owner)
        }
    }

    /// For what belongs to no workspace: the key must allow that much, wherever it does.
    ///
    /// - Throws: `EngineError.permissionTooLow`.
    package func require(_ needed: Permission, of principal: Principal) throws(EngineError) {
        guard case .workspace(_, let found) = principal.reach, found < needed else { return }
        throw .permissionTooLow(found: found, needed: needed)
    }

    /// - Throws: `EngineError.operatorOnly`.
    package func requireOperator(_ principal: Principal) throws(EngineError) {
        guard principal.isOperator else { throw .operatorOnly }
    }

    // MARK: Keys

    /// Makes a key to one workspace.
    ///
    /// - Throws: `EngineError.keyLifetimeOutOfRange`; `StoreError.keyNameInvalid`, `.tooManyKeys`.
    package func createKey(_ request: KeyRequest, in scope: WorkspaceScope) throws -> IssuedKey {
        try issue(request, workspace: scope.workspaceID, named: scope.name)
    }

    /// Makes a key to everything. Only the command line, whose user has the files anyway, calls this.
    package func createOperatorKey(named name: String, lifetime: Duration? = nil) throws -> IssuedKey {
        try issue(
            KeyRequest(name: name, permission: .owner, lifetime: lifetime), workspace: nil, named: nil)
    }

    private func issue(
        _ request: KeyRequest, workspace: WorkspaceID?, named workspaceName: String?
    ) throws -> IssuedKey {
        if let lifetime = request.lifetime {
            let seconds = Int(lifetime.components.seconds)
            guard KeyRequest.lifetimeSeconds.contains(seconds) else {
                throw EngineError.keyLifetimeOutOfRange(
                    foundSeconds: seconds, allowed: KeyRequest.lifetimeSeconds)
            }
        }
        let end = request.lifetime.map {
            Timestamp(milliseconds: environment.now().milliseconds + $0.components.seconds * 1000)
        }
        let (record, token) = try catalog.createKey(
            KeyDraft(
                workspace: workspace, permission: KeyPermission(request.permission), name: request.name,
                expiresAt: end))
        return IssuedKey(summary: KeySummary(record, workspace: workspaceName), text: token.text)
    }

    /// The keys of one workspace, revoked and expired ones included, by id.
    package func keys(in scope: WorkspaceScope) throws -> [KeySummary] {
        try catalog.keys(of: scope.workspaceID, limit: Catalog.keysPerWorkspaceMax)
            .map { KeySummary($0, workspace: scope.name) }
    }

    /// The operator's own keys, by id.
    package func operatorKeys() throws -> [KeySummary] {
        try catalog.keys(of: nil, limit: Catalog.keysPerWorkspaceMax).map { KeySummary($0, workspace: nil) }
    }

    /// From now on the key opens nothing. Revoking it again changes nothing.
    ///
    /// - Parameter name: the key's id, or the key itself: who has it at hand need not look its id up.
    /// - Throws: `EngineError.keyNotFound`, also for a key of another workspace.
    package func revokeKey(_ name: String, in scope: WorkspaceScope) throws {
        let id = Self.keyID(name)
        guard try catalog.key(id)?.workspace == scope.workspaceID else {
            throw EngineError.keyNotFound(id.rawValue)
        }
        try catalog.revokeKey(id)
    }

    /// Revokes any key, for the operator at the machine.
    ///
    /// - Returns: its id.
    /// - Throws: `EngineError.keyNotFound`.
    @discardableResult
    package func revokeKey(_ name: String) throws -> String {
        let id = Self.keyID(name)
        guard try catalog.key(id) != nil else { throw EngineError.keyNotFound(id.rawValue) }
        try catalog.revokeKey(id)
        return id.rawValue
    }

    private static func keyID(_ name: String) -> KeyID {
        KeyToken(parsing: name)?.id ?? KeyID(rawValue: name)
    }
}

extension KeySummary {
    fileprivate init(_ record: KeyRecord, workspace: String?) {
        self.init(
            id: record.id.rawValue, name: record.name, workspace: workspace,
            permission: Permission(record.permission), createdAt: Date(record.createdAt),
            expiresAt: record.expiresAt.map { Date($0) }, revokedAt: record.revokedAt.map { Date($0) })
    }
}

// MARK: The Store's words in the product's

extension Permission {
    init(_ permission: KeyPermission) {
        switch permission {
        case .read: self = .read
        case .write: self = .write
        case .owner: self = .owner
        }
    }
}

extension KeyPermission {
    init(_ permission: Permission) {
        switch permission {
        case .read: self = .read
        case .write: self = .write
        case .owner: self = .owner
        }
    }
}

extension Date {
    init(_ moment: Timestamp) {
        self.init(timeIntervalSince1970: Double(moment.milliseconds) / 1000)
    }
}
