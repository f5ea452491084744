import Cloud
import Foundation
import Testing

struct ProxyServerTests {
    private func proxy(
        for url: String, setting: String? = nil, _ environment: [String: String] = [:]
    ) throws -> ProxyServer? {
        try ProxyServer.proxy(
            for: #require(URL(string: url)), setting: setting, environment: environment)
    }

    @Test func `the variable of the address's scheme holds, in either case, and then the one for all`() throws
    {
        let environment = ["HTTPS_PROXY": "http://a:1", "http_proxy": "b:2", "ALL_PROXY": "http://c"]
        #expect(try proxy(for: "https://x.example/", environment)?.host == "a")
        #expect(try proxy(for: "http://x.example/", environment)?.port == 2)
        #expect(try proxy(for: "http://x.example/", ["ALL_PROXY": "http://c"])?.host == "c")
        #expect(try proxy(for: "https://x.example/", ["HTTPS_PROXY": ""]) == nil)
    }

    @Test(arguments: [
        ("https://api.example.com/", "example.com", true), ("https://api.example.com/", ".example.com", true),
        ("https://example.com/", "*.example.com", true), ("https://notexample.com/", "example.com", false),
        ("https://api.example.com/", "other.org, example.com", true), ("https://a.b/", "*", true),
        ("https://example.com:8443/", "example.com:8443", true),
        ("https://example.com/", "example.com:8443", false), ("https://10.0.0.7/", "10.0.0.7", true),
        ("https://api.example.com/", "", false),
    ])
    func `hosts that need no proxy are reached without one`(
        url: String, list: String, isExcepted: Bool
    ) throws {
        let found = try proxy(for: url, ["HTTPS_PROXY": "http://p:1", "NO_PROXY": list])
        #expect((found == nil) == isExcepted)
    }

    @Test(arguments: ["http://localhost:11434/v1", "http://127.0.0.1/", "http://[::1]:8080/"])
    func `this machine is not asked for through a proxy`(url: String) throws {
        #expect(try proxy(for: url, ["HTTP_PROXY": "http://p:1"]) == nil)
    }

    @Test func `the setting stands above the environment, and can say that there is none`() throws {
        let environment = ["HTTPS_PROXY": "http://a:1"]
        #expect(try proxy(for: "https://x.example/", setting: "http://b:2", environment)?.host == "b")
        #expect(try proxy(for: "https://x.example/", setting: "none", environment) == nil)
    }

    @Test func `user and password are taken apart, and no wrong address is shown`() throws {
        let found = try ProxyServer("http://me:pa%20ss@proxy.example:3128")
        #expect(found.credentials == "me:pa ss" && found.host == "proxy.example" && found.port == 3_128)
        #expect {
            try ProxyServer("socks5://me:secret@x")
        } throws: { error in
            !"\(error)".contains("secret")
        }
    }
}
