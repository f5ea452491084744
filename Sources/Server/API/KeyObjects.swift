import Engine

/// A key on the wire: everything but the key.
struct KeyObject: Encodable, Sendable, APIObject {
    var id: String
    var name: String
    var workspace: String?
    var permission: String
    var createdAt: String
    var expiresAt: String?
    var revokedAt: String?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case id, name, workspace, permission
        case createdAt = "created_at"
        case expiresAt = "expires_at"
        case revokedAt = "revoked_at"
    }

    init(_ summary: KeySummary) {
        id = summary.id
        name = summary.name
        workspace = summary.workspace
        permission = summary.permission.rawValue
        createdAt = WireDate.text(summary.createdAt)
        expiresAt = summary.expiresAt.map { WireDate.text($0) }
        revokedAt = summary.revokedAt.map { WireDate.text($0) }
    }

    static let schemaName = "Key"
    static let fields = [
        Field("id", .string("Says which key; opens nothing.")),
        Field("name", .string("What its maker calls it.")),
        Field("workspace", .string("The workspace it opens."), isRequired: false),
        Field("permission", KeyFields.permission),
        Field("created_at", .date("When it was made.")),
        Field("expires_at", .date("From then on it opens nothing; absent: never."), isRequired: false),
        Field("revoked_at", .date("When it was revoked; absent: it was not."), isRequired: false),
    ]
}

/// A key that was just made: the only answer that holds one.
struct IssuedKeyObject: Encodable, Sendable, APIObject {
    var key: String
    var info: KeyObject

    enum CodingKeys: String, CodingKey, CaseIterable {
        case key, info
    }

    init(_ issued: IssuedKey) {
        key = issued.text
        info = KeyObject(issued.summary)
    }

    static let schemaName = "IssuedKey"
    static let fields = [
        Field("key", .string("The key itself. It cannot be shown again."), example: "crl_…"),
        Field("info", .reference(KeyObject.self)),
    ]
}

/// A key to be made.
struct NewKeyObject: RequestObject {
    var name: String
    var permission: String
    var expiresInSeconds: Int?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case name, permission
        case expiresInSeconds = "expires_in_seconds"
    }

    /// - Throws: `ServerError.fieldInvalid`.
    func request() throws(ServerError) -> KeyRequest {
        guard let permission = Permission(rawValue: permission) else {
            throw .fieldInvalid(
                pointer: "/permission", expected: KeyFields.permissions.joined(separator: ", "))
        }
        return KeyRequest(
            name: name, permission: permission, lifetime: expiresInSeconds.map { .seconds($0) })
    }

    static let schemaName = "NewKey"
    static let fields = [
        Field(
            "name", .string("What to call it, up to 200 bytes.", characters: 1...200),
            example: "support-agent"),
        Field("permission", KeyFields.permission),
        Field(
            "expires_in_seconds",
            .integer("How long it opens anything; absent: for ever.", KeyRequest.lifetimeSeconds),
            isRequired: false),
    ]
}

private enum KeyFields {
    static let permissions = Permission.allCases.map(\.rawValue)
    static let permission = Schema.choice(
        "read: search and read. write: also put and delete documents. owner: also keys, and deleting the workspace.",
        permissions)
}
