import Foundation

/// Whose pages in a browser may speak to the server: those of this machine, and those that the operator names.
///
/// What is no page sends no origin. An origin that is the request's own host is not let in for that: a name that leads
/// to this machine only while an attack lasts (DNS rebinding) is its own host too.
struct OriginRule: Sendable {
    /// As browsers write them: `https://console.example.com`.
    let allowed: [String]

    private static let loopback = ["localhost", "127.0.0.1", "::1", "[::1]"]

    /// - Throws: `ServerError.originForbidden`.
    func check(_ origin: String?) throws(ServerError) {
        guard let origin else { return }
        guard isLoopback(origin) || allowed.contains(where: { $0.lowercased() == origin.lowercased() }) else {
            throw .originForbidden(found: origin)
        }
    }

    private func isLoopback(_ origin: String) -> Bool {
        guard let parts = URLComponents(string: origin), let scheme = parts.scheme, let host = parts.host,
            parts.user == nil, parts.path.isEmpty, parts.query == nil, parts.fragment == nil
        else { return false }
        return ["http", "https"].contains(scheme.lowercased()) && Self.loopback.contains(host.lowercased())
    }
}
