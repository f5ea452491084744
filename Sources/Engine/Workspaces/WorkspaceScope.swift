package import Store

/// The right to one workspace's data. Every verb of `Engine` that touches data wants one.
///
/// Only this module makes scopes, and only for somebody it knows: the operator at the machine itself
/// (`Library.operatorScope`), or whoever shows a key (`Library.scope`).
package struct WorkspaceScope: Sendable, Hashable {
    package let workspaceID: WorkspaceID

    /// The name the workspace was asked for by, for messages.
    package let name: String

    /// The workspace's id, as text.
    package var id: String { workspaceID.rawValue }

    init(workspaceID: WorkspaceID, name: String) {
        self.workspaceID = workspaceID
        self.name = name
    }
}
