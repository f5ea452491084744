import Store

/// What a key allows in its workspace. Each level allows all of the ones before it.
package enum Permission: String, Sendable, CaseIterable, Comparable {
    /// Search, list and read.
    case read

    /// Also put and delete documents.
    case write

    /// Also make and revoke keys, and delete the workspace.
    case owner

    package static func < (left: Permission, right: Permission) -> Bool {
        left.rank < right.rank
    }

    private var rank: Int {
        switch self {
        case .read: 1
        case .write: 2
        case .owner: 3
        }
    }
}

/// Whoever showed a key that opens something. Only authentication makes one.
package struct Principal: Sendable, Hashable {
    /// How far a key reaches.
    enum Reach: Sendable, Hashable {
        /// Every workspace, as its owner, and making new ones: the platform that Carrel serves.
        case everything

        case workspace(WorkspaceID, Permission)
    }

    /// Says which key it was; opens nothing. For logs and lists.
    package let keyID: String
    let reach: Reach

    init(keyID: String, reach: Reach) {
        self.keyID = keyID
        self.reach = reach
    }

    /// Whose share of the server its work is done in: its workspace's id; of the operator's keys the same for all.
    package var tenant: String {
        switch reach {
        case .everything: "operator"
        case .workspace(let id, _): id.rawValue
        }
    }

    /// Whether the key is the operator's.
    package var isOperator: Bool { reach == .everything }
}
