import Cloud
import Engine
import Foundation
import Synchronization
import TestSupport
import Testing

/// A web of names, addresses and pages, which remembers what was called.
private final class ScriptedWeb: WebTransport {
    private let names: [String: [String]]
    private let pages: [String: WebAnswer]
    private let calls = Mutex<[(address: String, machine: IPAddress)]>([])

    init(names: [String: [String]], pages: [String: WebAnswer]) {
        self.names = names
        self.pages = pages
    }

    var called: [(address: String, machine: IPAddress)] { calls.withLock { $0 } }

    func resolve(_ host: String, port: Int) async throws -> [String] {
        guard let found = names[host] else { throw PageFault.hostUnknown(host: host) }
        return found
    }

    func get(_ request: WebRequest) async throws -> WebAnswer {
        let address = request.address.url.absoluteString
        calls.withLock { $0.append((address, request.machine)) }
        var answer = pages[address] ?? WebAnswer(status: 404)
        answer.isCut = answer.bytes.count > request.byteCountMax
        answer.bytes = Array(answer.bytes.prefix(request.byteCountMax))
        return answer
    }
}

struct WebFetcherTests {
    private static let machine = "93.184.215.14"

    private func page(_ text: String, type: String? = "text/plain; charset=utf-8") -> WebAnswer {
        WebAnswer(status: 200, contentType: type, bytes: Array(text.utf8))
    }

    private func redirect(_ location: String) -> WebAnswer { WebAnswer(status: 302, location: location) }

    private func fetch(
        _ address: String, names: [String: [String]] = ["example.org": [machine]],
        pages: [String: WebAnswer] = [:],
        _ adjust: (inout WebFetcher.Options) -> Void = { _ in }
    ) async -> (Result<FetchedPage, any Error>, ScriptedWeb) {
        let web = ScriptedWeb(names: names, pages: pages)
        var options = WebFetcher.Options()
        adjust(&options)
        do {
            return (.success(try await WebFetcher(options, transport: web).fetch(address)), web)
        } catch {
            return (.failure(error), web)
        }
    }

    private func fault(_ result: Result<FetchedPage, any Error>) -> PageFault? {
        guard case .failure(let error) = result else { return nil }
        return error as? PageFault
    }

    @Test func `a page comes with its type and its address, from the machine that was checked`() async throws
    {
        let (result, web) = await fetch(
            "https://example.org/a?b=c#part", pages: ["https://example.org/a?b=c": page("hello")])
        let found = try result.get()
        #expect(
            found
                == FetchedPage(
                    address: "https://example.org/a?b=c", mediaType: "text/plain", bytes: Array("hello".utf8))
        )
        #expect(web.called.map(\.address) == ["https://example.org/robots.txt", "https://example.org/a?b=c"])
        #expect(web.called.allSatisfy { $0.machine == IPAddress(Self.machine) })
    }

    @Test(arguments: [
        "127.0.0.1", "10.1.2.3", "169.254.169.254", "100.64.1.1", "::1", "fd00::1", "fe80::1",
        "::ffff:192.168.0.1",
        "0.0.0.0", "224.0.0.1",
    ])
    func `a name that leads to a private address is not called`(address: String) async {
        let (result, web) = await fetch("http://example.org/", names: ["example.org": [address]])
        #expect(fault(result) == .addressForbidden(host: "example.org"))
        #expect(web.called.isEmpty)
    }

    @Test func `a name that leads to an address of the world and to a private one is not called`() async {
        let (result, web) = await fetch(
            "http://example.org/", names: ["example.org": [Self.machine, "10.0.0.1"]])
        #expect(fault(result) == .addressForbidden(host: "example.org") && web.called.isEmpty)
    }

    @Test(arguments: [
        "http://127.0.0.1/", "http://[::1]/", "http://169.254.169.254/latest/meta-data/",
        "http://[::ffff:7f00:1]/",
    ])
    func `a private address that is named itself is not called`(address: String) async {
        let (result, web) = await fetch(address)
        guard case .addressForbidden? = fault(result) else {
            Issue.record("\(result)")
            return
        }
        #expect(web.called.isEmpty)
    }

    @Test func `a redirect to a private address is not followed`() async {
        for target in ["http://10.0.0.1/", "http://inside.example.org/", "//127.0.0.1/x"] {
            let (result, web) = await fetch(
                "http://example.org/",
                names: ["example.org": [Self.machine], "inside.example.org": ["192.168.0.2"]],
                pages: ["http://example.org/": redirect(target)])
            guard case .addressForbidden? = fault(result) else {
                Issue.record("\(target): \(result)")
                continue
            }
            #expect(web.called.allSatisfy { $0.machine == IPAddress(Self.machine) })
        }
    }

    @Test func `redirects are followed up to a bound, each against its own robots file`() async throws {
        let (result, web) = await fetch(
            "http://example.org/a", names: ["example.org": [Self.machine], "other.org": ["1.1.1.1"]],
            pages: [
                "http://example.org/a": redirect("https://other.org/b"), "https://other.org/b": redirect("c"),
                "https://other.org/c": page("c"),
            ])
        #expect(try result.get().address == "https://other.org/c")
        #expect(web.called.map(\.address).contains("https://other.org/robots.txt"))
        let (endless, _) = await fetch(
            "http://example.org/a", pages: ["http://example.org/a": redirect("/a")])
        #expect(fault(endless) == .tooManyRedirects(max: 5))
    }

    @Test func `what robots.txt forbids is not fetched, nor anything while that cannot be had`() async {
        let robots = "http://example.org/robots.txt"
        let (forbidden, web) = await fetch(
            "http://example.org/secret/a",
            pages: [
                robots: page("User-agent: carrel\nDisallow: /secret\n"),
                "http://example.org/secret/a": page("x"),
            ])
        #expect(fault(forbidden) == .forbiddenByRobots(host: "example.org"))
        #expect(web.called.map(\.address) == [robots])
        let (down, _) = await fetch(
            "http://example.org/a",
            pages: [robots: WebAnswer(status: 503), "http://example.org/a": page("x")])
        #expect(fault(down) == .status(503) && fault(down)?.isRetriable == true)
    }

    @Test func `other schemes, ports and addresses with a password are refused by what they are`() async {
        #expect(await fault(fetch("file:///etc/passwd").0) == .schemeUnsupported(found: "file"))
        #expect(
            await fault(fetch("http://example.org:22/").0) == .portForbidden(found: 22, allowed: [80, 443]))
        for address in [
            "http://user:pass@example.org/", "http:///x", "no address",
            "http://" + String(repeating: "a", count: 3_000),
        ] {
            guard await fault(fetch(address).0) != nil else {
                Issue.record("\(address) was fetched")
                continue
            }
        }
    }

    @Test func `a page that is too large, missing or of an unknown host says so`() async {
        let (large, _) = await fetch("http://example.org/a", pages: ["http://example.org/a": page("12345")]) {
            $0.byteCountMax = 4
        }
        #expect(fault(large) == .tooLarge(byteCountMax: 4))
        #expect(await fault(fetch("http://example.org/none").0) == .status(404))
        #expect(await fault(fetch("http://nowhere.org/").0) == .hostUnknown(host: "nowhere.org"))
    }

    @Test func `a private address is called where that is allowed, on any port, and by its checked address`()
        async throws
    {
        let (result, web) = await fetch(
            "http://intranet:8080/a", names: ["intranet": ["10.0.0.9"]],
            pages: ["http://intranet:8080/a": page("a")]
        ) { $0.allowsPrivateAddresses = true }
        #expect(try result.get().bytes == Array("a".utf8))
        #expect(web.called.allSatisfy { $0.machine == IPAddress("10.0.0.9") })
    }

    @Test(arguments: [
        ("https://example.org/", "example.org/index"), ("https://example.org", "example.org/index"),
        ("https://example.org/a/b.html", "example.org/a/b.html"),
        ("https://example.org/a//b/", "example.org/a/b/index"),
        ("https://example.org/a?x=1#y", "example.org/a?x=1"),
    ])
    func `a page's document is called by its host and path`(address: String, path: String) throws {
        let page = FetchedPage(address: address, mediaType: "text/plain", bytes: [])
        #expect(try page.item().path == path)
    }
}
