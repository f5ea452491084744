import Engine
package import Foundation

/// An address of the web that may be called, as far as it can be told from the address alone.
package struct WebAddress: Sendable, Equatable {
    package let url: URL

    /// As it stands in the address, an IPv6 address without its brackets.
    package let host: String
    package let port: Int
    let isSecure: Bool

    /// UTF-8. Servers and caches hardly take longer ones.
    static let byteCountMax = 2_048

    /// - Parameter ports: those that may be named; nil for any.
    /// - Throws: `PageFault.addressInvalid`, `.schemeUnsupported`, `.portForbidden`.
    init(_ text: String, relativeTo base: URL? = nil, ports: Set<Int>?) throws(PageFault) {
        guard text.utf8.count <= Self.byteCountMax else {
            throw .addressInvalid(expected: "up to \(Self.byteCountMax) bytes")
        }
        guard let found = URL(string: text, relativeTo: base)?.absoluteURL,
            var parts = URLComponents(url: found, resolvingAgainstBaseURL: true)
        else { throw .addressInvalid(expected: "an address such as https://example.org/page") }
        let scheme = parts.scheme?.lowercased() ?? ""
        guard ["http", "https"].contains(scheme) else {
            throw .schemeUnsupported(found: String(scheme.prefix(32)))
        }
        guard parts.user == nil, parts.password == nil else {
            throw .addressInvalid(expected: "no user name and no password")
        }
        parts.fragment = nil
        if parts.path.isEmpty { parts.path = "/" }
        guard let url = parts.url, let host = url.host, !host.isEmpty else {
            throw .addressInvalid(expected: "the name of a host")
        }
        isSecure = scheme == "https"
        port = url.port ?? (isSecure ? 443 : 80)
        if let ports, !ports.contains(port) { throw .portForbidden(found: port, allowed: ports.sorted()) }
        self.url = url
        self.host = host.trimmingCharacters(in: ["[", "]"])
    }

    /// What a robots file is asked about.
    var pathAndQuery: String {
        let parts = URLComponents(url: url, resolvingAgainstBaseURL: true)
        return (parts?.percentEncodedPath ?? "/") + (parts?.percentEncodedQuery.map { "?" + $0 } ?? "")
    }

    /// Where its server's robots file is.
    var robots: String {
        var parts = URLComponents(url: url, resolvingAgainstBaseURL: true)
        parts?.path = "/robots.txt"
        parts?.query = nil
        return parts?.string ?? ""
    }
}
