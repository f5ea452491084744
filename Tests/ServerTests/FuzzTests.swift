import Engine
import Foundation
import HTTPTypes
import Server
import TestSupport
import Testing

/// Ten thousand requests that nobody would send, each seeded: a failure names the seed and the number.
struct FuzzTests {
    private static let requestsPerSeed = 1_000

    @Test(arguments: UInt64(1)...10)
    func `random, truncated and mutated requests crash nothing and get documented answers only`(
        seed: UInt64
    )
        async throws
    {
        try await TestServer.run { server in
            var generator = RequestGenerator(seed: seed, server: server)
            var answeredCount = 0
            for number in 0..<Self.requestsPerSeed {
                let request = generator.next()
                let received = try await server.client.exchange(request)
                // A server may end the connection on bytes that are no request.
                guard !received.isEmpty else { continue }
                answeredCount += 1
                do {
                    try Self.check(received)
                } catch {
                    let text = String(decoding: request.prefix(600), as: UTF8.self)
                    Issue.record(
                        "seed \(seed), request \(number): \(error)\n\(text)"
                    )
                }
            }
            #expect(answeredCount > Self.requestsPerSeed / 2)
            #expect(try await server.client.send("GET", "/readyz").status == 200)
            for name in ["mine", "theirs"] where try server.engine.library.hasWorkspace(named: name) {
                let scope = try server.engine.library.operatorScope(forWorkspace: name)
                #expect(try server.engine.library.verify(in: scope).findings.isEmpty)
            }
        }
    }

    private struct Undocumented: Error {
        var status: Int
        var text: String
    }

    private static func refusal(_ reply: WireClient.Reply) throws -> (ErrorForm, code: String) {
        if reply.headers["content-type"] == "application/problem+json" {
            return (.problem, try TestServer.problem(reply))
        }
        guard reply.text.contains(#""jsonrpc":"2.0""#) else {
            return (.openAI, try TestServer.openAIError(reply))
        }
        return (.jsonRPC, try TestServer.rpcError(reply))
    }

    private static func check(_ received: [UInt8]) throws {
        let isHead = !String(decoding: received.suffix(2), as: UTF8.self).hasPrefix("}")
        let reply = try WireClient.reply(in: received, toHead: isHead)
        let good = Set(RouteTable.routes.flatMap(\.goodStatuses))
        if good.contains(reply.status) { return }
        // A HEAD's problem has no body to look into.
        guard !reply.body.isEmpty else {
            let statuses = Set(ProblemCode.allCases.map(\.status.code)).subtracting([500, 502, 507])
            guard statuses.contains(reply.status) else { throw Undocumented(status: reply.status, text: "") }
            return
        }
        let (form, code) = try Self.refusal(reply)
        let known = ProblemCode.allCases.filter {
            (form == .openAI ? $0.openAICode : $0.rawValue) == code
                && $0.status(in: form).code == reply.status
        }
        let mayFail: Set<ProblemCode> = [.methodUnknown, .overloaded, .storeBusy]
        guard !known.isEmpty, reply.status < 500 || !mayFail.isDisjoint(with: known)
        else { throw Undocumented(status: reply.status, text: reply.text) }
    }
}

/// Requests from well-formed to hopeless.
struct RequestGenerator {
    private var generator: SplitMix64
    private let keys: [String]
    private let targets: [(method: String, target: String)]

    init(seed: UInt64, server: TestServer) {
        generator = SplitMix64(seed: seed)
        keys =
            Permission.allCases.map(server.mine.key) + [
                server.theirs.key(.owner), server.operatorKey, "x", "",
            ]
        // Deleting a workspace or a key would leave too little to fuzz.
        targets = RouteTable.routes
            .filter { !["deleteWorkspace", "revokeKey"].contains($0.operation) }
            .map { ($0.method.rawValue, $0.target(in: server.mine)) }
    }

    mutating func next() -> [UInt8] {
        switch Int.random(in: 0..<10, using: &generator) {
        case 0: return randomBytes(Int.random(in: 0...300, using: &generator))
        case 1, 2:
            let request = wellFormed()
            return Array(request.prefix(Int.random(in: 0...request.count, using: &generator)))
        case 3, 4, 5: return mutated(wellFormed())
        default: return wellFormed()
        }
    }

    private mutating func wellFormed() -> [UInt8] {
        let route = targets.randomElement(using: &generator) ?? ("GET", "/livez")
        let method = pick([route.method, route.method, route.method, "GET", "PUT", "POST", "HEAD", "BREW"])
        var headers = [("Authorization", pick(["Bearer ", "Bearer ", "Bearer ", "Basic ", ""]) + pick(keys))]
        for _ in 0..<Int.random(in: 0...3, using: &generator) { headers.append(header()) }
        let body = Bool.random(using: &generator) ? self.body() : nil
        return WireClient.request(
            method, target(route.target), headers: headers, body: body,
            isStreamed: Int.random(in: 0..<4, using: &generator) == 0)
    }

    private mutating func target(_ target: String) -> String {
        switch Int.random(in: 0..<8, using: &generator) {
        case 0:
            target
                + pick([
                    "?limit=3", "?limit=-1", "?cursor=aa", "?x=%", "?&&==", "?limit", "#frag", "?%00=%ff",
                ])
        case 1:
            target
                + pick(["/", "/..", "/%2e%2e/%2e%2e", "//", "/%", "/%zz", "/%ff%fe", "/ü", "/%00", "/\u{7f}"])
        case 2: target.replacing("mine", with: pick(["theirs", "none", "", "%6dine", "..", "m%00ne", "*"]))
        case 3: pick(["*", "", "http://x/livez", "//", "/?", "mine", "/v1", "/V1/WORKSPACES"])
        case 4:
            "/v1/workspaces/mine/documents/"
                + pick([
                    "a.md", "f/\(Int.random(in: 0..<20, using: &generator)).txt",
                    "doc_aaaaaaaaaaaaaaaaaaaaaaaaaa",
                ])
        default: target
        }
    }

    private mutating func header() -> (String, String) {
        pick([
            ("Content-Type", "text/plain"), ("Content-Type", "application/json"), ("Content-Type", ";;=,"),
            ("Content-Type", "text/markdown; charset=\"utf-8"), ("Expect", "100-continue"),
            ("Expect", "nonsense"), ("Content-Encoding", "gzip"), ("X-Request-Id", "a b"),
            ("Connection", "close"),
            ("Connection", "keep-alive"), ("Transfer-Encoding", "gzip"), ("Content-Length", "3"),
            ("Accept", String(repeating: "a", count: 2_000)), ("Range", "bytes=0-1"), ("Host", ""),
            ("Authorization", "Bearer x"), ("Upgrade", "h2c"), ("Content-Length", "99999999999999999999"),
        ])
    }

    private mutating func body() -> [UInt8] {
        let texts = [
            #"{"query": "alpha beta", "limit": 3}"#, #"{"query": "\ud800"}"#,
            #"{"query": "a", "query": "b"}"#,
            #"{"query": ""}"#, #"{"name": "w\#(Int.random(in: 0..<5, using: &generator))"}"#, "{}", "[]",
            "null",
            #"{"name": "k", "permission": "read"}"#, "# Title\n\ntext\n",
            "\u{feff}---\ntitle: x\n---\n| a |\n|---|\n",
            String(repeating: "- ", count: 500), String(repeating: "[", count: 3_000),
            #"{"query": "a", "limit": 99999999999999999999}"#, "%PDF-1.4", "",
            #"{"model": "word-hash", "input": ["alpha", "beta"], "encoding_format": "base64"}"#,
            #"{"model": "word-hash", "input": [[2, 3], [4]], "dimensions": 64, "user": null}"#,
            #"{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "search", "#
                + #""arguments": {"query": "alpha"}}}"#,
            #"{"jsonrpc": "2.0", "id": null, "method": "tools/call", "params": {"name": "get_document", "#
                + #""arguments": {"document": "a.md", "line_start": -1}}}"#,
            #"{"jsonrpc": "2.0", "method": "notifications/initialized"}"#,
        ]
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: return randomBytes(Int.random(in: 0...200, using: &generator))
        case 1: return mutated(Array(pick(texts).utf8))
        default: return Array(pick(texts).utf8)
        }
    }

    /// A few bytes changed, added or taken out.
    private mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: bytes[place] = UInt8.random(in: .min ... .max, using: &generator)
            case 1: bytes.insert(UInt8.random(in: .min ... .max, using: &generator), at: place)
            case 2: bytes.remove(at: place)
            default: bytes.insert(contentsOf: Array("\r\n".utf8), at: place)
            }
        }
        return bytes
    }

    private mutating func randomBytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    private mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: 0..<elements.count, using: &generator)]
    }
}
