/// Every route there is. A new one is added here, and with that it is served, documented and walked by the
/// tests.
package enum RouteTable {
    package static let routes: [Route] =
        HealthRoutes.routes + WorkspaceRoutes.routes + KeyRoutes.routes + DocumentRoutes.routes
        + FolderRoutes.routes + JobRoutes.routes + ImportRoutes.routes + SearchRoutes.routes
        + EmbeddingRoutes.routes + MCPRoutes.routes

    private static let routesOfOtherForms = routes.filter { $0.errorForm != .problem }

    /// In which form refusals at an address are told: as its route tells them, whatever the method is, and as problems
    /// where there is no route.
    static func errorForm(at path: String) -> ErrorForm {
        routesOfOtherForms.first { $0.path.matches(path) }?.errorForm ?? .problem
    }
}
