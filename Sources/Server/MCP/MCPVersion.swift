/// A released revision of the Model Context Protocol.
enum MCPVersion: String, Sendable, CaseIterable {
    case november2024 = "2024-11-05"
    case march2025 = "2025-03-26"
    case june2025 = "2025-06-18"
    case november2025 = "2025-11-25"
    case july2026 = "2026-07-28"

    /// Whether each request says all that there is to know of it; before, a handshake did.
    var isModern: Bool { self == .july2026 }

    /// What is offered to a client whose handshake names a version that has none, or that is unknown.
    static let legacyNewest = november2025

    /// What a request without the header is of: the header came with 2025-06-18.
    static let withoutHeader = march2025

    /// Newest first.
    static let allNames = allCases.reversed().map(\.rawValue)
}

/// Names that MCP 2026-07-28 reserves in `_meta`.
enum MCPMeta {
    static let version = "io.modelcontextprotocol/protocolVersion"
    static let capabilities = "io.modelcontextprotocol/clientCapabilities"
    static let server = "io.modelcontextprotocol/serverInfo"
}
