import Foundation

/// Addresses and keys, as people write them, checked before anything is sent.
enum Endpoint {
    /// Nil unless it is an http or https URL with a host, and without a user or password.
    static func parts(of text: String) -> URLComponents? {
        guard let parts = URLComponents(string: text),
            ["http", "https"].contains(parts.scheme?.lowercased()),
            parts.host?.isEmpty == false, parts.user == nil
        else { return nil }
        return parts
    }

    /// - Parameter api: what it should be the address of: `an embeddings API`.
    static func invalid(_ text: String, api: String) -> CloudError {
        // A query may hold a key, and what stands before an `@` a password.
        let path = text.prefix { $0 != "?" }
        return .invalidEndpoint(
            found: String(path.split(separator: "@").last ?? path),
            expected: "an http or https URL of \(api), without a user or password")
    }

    /// - Throws: `CloudError.invalidKey`.
    static func check(key: String?) throws(CloudError) {
        // A header takes visible ASCII; a line break in it would begin another header.
        guard let key, key.isEmpty || !key.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else { return }
        throw .invalidKey(expected: "visible ASCII characters without spaces")
    }

    static func host(of text: String) -> String {
        URL(string: text)?.host()?.lowercased() ?? ""
    }

    static func host(_ host: String, isWithin domain: String) -> Bool {
        host == domain || host.hasSuffix("." + domain)
    }
}
