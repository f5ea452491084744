package import Foundation

/// A proxy that HTTP goes through.
package struct ProxyServer: Sendable, Equatable {
    package var host: String
    package var port: Int

    /// `user:password`, never to be shown.
    package var credentials: String?

    /// What a setting says in the place of a URL to go by no proxy at all.
    package static let none = "none"

    private static let expectation = "http://host:port, http://user:password@host:port, or \(none)"

    /// - Parameter text: `http://host:port`, with or without `user:password@`.
    /// - Throws: `CloudError.invalidProxy`.
    package init(_ text: String) throws(CloudError) {
        let whole = text.contains("://") ? text : "http://\(text)"
        guard let parts = URLComponents(string: whole), parts.scheme?.lowercased() == "http",
            let host = parts.host, !host.isEmpty
        else { throw .invalidProxy(expected: Self.expectation) }
        self.host = host.trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
        port = parts.port ?? 80
        credentials = parts.user.map { "\($0):\(parts.password ?? "")" }
    }

    /// The proxy for an address: what the setting says, else what the environment says in the usual variables
    /// (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, except for the hosts in `NO_PROXY`; in lower case as well).
    ///
    /// This machine itself is not asked for through a proxy, unless the setting says so.
    ///
    /// - Parameter setting: a URL, `none`, or nil.
    /// - Throws: `CloudError.invalidProxy`.
    package static func proxy(
        for url: URL, setting: String?, environment: [String: String]
    ) throws(CloudError) -> ProxyServer? {
        if let setting { return setting == none ? nil : try ProxyServer(setting) }
        func variable(_ name: String) -> String? {
            let value = environment[name.lowercased()] ?? environment[name]
            return value?.isEmpty == false ? value : nil
        }
        let name = url.scheme?.lowercased() == "http" ? "HTTP_PROXY" : "HTTPS_PROXY"
        guard let text = variable(name) ?? variable("ALL_PROXY"), let host = url.host()?.lowercased() else {
            return nil
        }
        let port = url.port ?? (name == "HTTP_PROXY" ? 80 : 443)
        if isThisMachine(host) || isExcepted(host, port: port, by: variable("NO_PROXY") ?? "") { return nil }
        return try ProxyServer(text)
    }

    private static func isThisMachine(_ host: String) -> Bool {
        host == "localhost" || host.hasSuffix(".localhost") || host.hasPrefix("127.") || host == "::1"
            || host == "[::1]"
    }

    /// A list of hosts and domains, with or without a port or a leading dot; `*` is all of them.
    private static func isExcepted(_ host: String, port: Int, by list: String) -> Bool {
        list.lowercased().split(whereSeparator: { ", ".contains($0) }).contains { entry in
            if entry == "*" { return true }
            var name = entry
            if let colon = entry.lastIndex(of: ":"), let number = Int(entry[entry.index(after: colon)...]),
                !entry[..<colon].contains(":")
            {
                guard number == port else { return false }
                name = entry[..<colon]
            }
            if name.hasPrefix("*.") { name = name.dropFirst() }
            let domain = name.hasPrefix(".") ? name.dropFirst() : name
            return !domain.isEmpty && (host == domain || host.hasSuffix("." + domain))
        }
    }
}
