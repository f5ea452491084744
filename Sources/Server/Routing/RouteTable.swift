/// Every route there is. A new one is added here, and with that it is served, documented and walked by the
/// tests.
package enum RouteTable {
    package static let routes: [Route] =
        HealthRoutes.routes + WorkspaceRoutes.routes + KeyRoutes.routes + DocumentRoutes.routes
        + SearchRoutes.routes
}
