package import Store

/// The right to one workspace's data. Every verb of `Engine` that touches data wants one.
///
/// Only this module makes scopes, and only for somebody it knows: today the operator at the machine itself
/// (`Engine.operatorScope`), later whoever shows a key.
package struct WorkspaceScope: Sendable, Hashable {
    package let workspaceID: WorkspaceID

    /// The name the workspace was asked for by, for messages.
    package let name: String

    init(workspaceID: WorkspaceID, name: String) {
        self.workspaceID = workspaceID
        self.name = name
    }
}
