import Embedding
import Engine
import Foundation
import Kernels
import Logging
import Server
import ServiceLifecycle
import Store
import Synchronization
import TestSupport

/// A real server on a free loopback port, over an engine with an embedder that needs no model.
///
/// Two workspaces with the same documents, `mine` and `theirs`, each with a key of every kind.
struct TestServer: Sendable {
    /// A workspace and the keys to it.
    struct Tenant: Sendable {
        var name: String
        var id: String
        var keys: [Permission: IssuedKey]

        /// One that has ended.
        var job: String

        func key(_ permission: Permission) -> String { keys[permission]?.text ?? "" }
    }

    let engine: Engine
    let dataDirectory: URL
    let client: WireClient
    let mine: Tenant
    let theirs: Tenant
    let operatorKey: String
    let log: LogLines
    let clock: TestClock
    let group: ServiceGroup

    static let documents = [
        "a.md": "# Alpha\n\nalpha beta gamma\n\n## Deep\n\nthe lighthouse keeper sleeps at noon\n",
        "sub/b.txt": "delta epsilon\n",
    ]

    /// Runs a server for as long as `body` takes, and stops it.
    static func run(
        limits: ServerLimits = ServerLimits(), embedder: any Embedder = WordHashEmbedder(),
        recallSampling: Double = 0, pages: (any PageFetcher)? = nil, _ body: (TestServer) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        let clock = TestClock()
        var configuration = EngineConfiguration(dataDirectory: folder.url.appending(path: "data"))
        configuration.recallSampling = recallSampling
        let engine = try Engine(
            configuration: configuration, embedder: embedder, pool: ComputePool(threadCount: 2),
            environment: clock.environment)
        let mine = try await tenant("mine", in: engine)
        let theirs = try await tenant("theirs", in: engine)
        let log = LogLines()
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let server = CarrelServer(
            engine: engine, address: ServerAddress(host: "127.0.0.1", port: 0), limits: limits,
            pages: pages, logger: log.logger
        ) { port.yield($0) }
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(services: [server], logger: log.quietLogger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            var iterator = ports.makeAsyncIterator()
            guard let found = await iterator.next() else { return }
            try await body(
                TestServer(
                    engine: engine, dataDirectory: configuration.dataDirectory,
                    client: WireClient(port: found), mine: mine, theirs: theirs,
                    operatorKey: try engine.library.createOperatorKey(named: "operator").text, log: log,
                    clock: clock, group: group))
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        try await engine.close()
        withExtendedLifetime(folder) {}
    }

    private static func tenant(_ name: String, in engine: Engine) async throws -> Tenant {
        let id = try engine.library.createWorkspace(named: name).id
        let scope = try engine.library.operatorScope(forWorkspace: name)
        for (path, text) in documents.sorted(by: { $0.key < $1.key }) {
            _ = try await engine.put(
                IngestItem(path: DocumentPath(path), mediaType: nil, bytes: Array(text.utf8)), in: scope)
        }
        var keys: [Permission: IssuedKey] = [:]
        for permission in Permission.allCases {
            keys[permission] = try engine.library.createKey(
                KeyRequest(name: permission.rawValue, permission: permission), in: scope)
        }
        let job = try engine.library.jobs(in: scope, limit: 1).first?.id ?? "job"
        return Tenant(name: name, id: id, keys: keys, job: job)
    }

    /// Sends a request, as `mine`'s owner unless another key is given.
    func send(
        _ method: String, _ target: String, key: String? = nil, headers: [(String, String)] = [],
        body: String? = nil, staysOpen: Bool = false
    ) async throws -> WireClient.Reply {
        try await client.send(
            method, target, headers: [("Authorization", "Bearer \(key ?? mine.key(.owner))")] + headers,
            body: body.map { Array($0.utf8) }, staysOpen: staysOpen)
    }

    private struct Unsound: Error { var text: String }

    /// The code of the error in OpenAI's envelope that a reply is, checked to be one.
    static func openAIError(_ reply: WireClient.Reply) throws -> String {
        let error = try JSONObject(parsing: reply.body)["error"]
        let isSound =
            Set(error.members.keys) == ["message", "type", "param", "code"]
            && error["message"].string?.isEmpty == false && error["type"].string?.isEmpty == false
            && reply.headers["content-type"] == "application/json"
            && reply.headers["x-request-id"]?.isEmpty == false
        guard isSound, let code = error["code"].string else { throw Unsound(text: reply.text) }
        return code
    }

    /// The code of the refusal in JSON-RPC's envelope that a reply is, checked to be one.
    static func rpcError(_ reply: WireClient.Reply) throws -> String {
        let told = try JSONObject(parsing: reply.body)
        let error = told["error"]
        let isSound =
            told["jsonrpc"].string == "2.0" && told.members["id"] != nil && error["code"].integer != nil
            && error["message"].string?.isEmpty == false
            && error["data"]["request_id"].string == reply.headers["x-request-id"]
            && reply.headers["content-type"] == "application/json"
        guard isSound, let code = error["data"]["code"].string else { throw Unsound(text: reply.text) }
        return code
    }

    /// The code of the problem that a reply is, checked to be one.
    static func problem(_ reply: WireClient.Reply) throws -> String {
        struct Document: Decodable {
            var type: String
            var title: String
            var status: Int
            var detail: String
            var code: String
            var request_id: String
        }
        let problem = try reply.json(Document.self)
        let isSound =
            problem.status == reply.status && problem.type == "urn:carrel:problem:\(problem.code)"
            && problem.request_id == reply.headers["x-request-id"] && !problem.title.isEmpty
            && !problem.detail.isEmpty && reply.headers["content-type"] == "application/problem+json"
        guard isSound else { throw Unsound(text: reply.text) }
        return problem.code
    }
}

/// What a server logged.
final class LogLines: Sendable {
    private let state = Mutex<[String]>([])

    var lines: [String] { state.withLock { $0 } }

    var logger: Logger {
        Logger(label: "test") { _ in
            JSONLogHandler(level: .trace) { line in self.state.withLock { $0.append(line) } }
        }
    }

    var quietLogger: Logger {
        Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() }
    }
}

/// A clock that goes only when it is told to.
final class TestClock: Sendable {
    private let state = Mutex<Int64>(1_800_000_000_000)

    func advance(seconds: Int64) {
        state.withLock { $0 += seconds * 1000 }
    }

    var environment: StoreEnvironment {
        StoreEnvironment(
            now: { Timestamp(milliseconds: self.state.withLock { $0 }) },
            randomBytes: StoreEnvironment.system.randomBytes)
    }
}

/// An embedder that can be made to wait, so that a request stays in flight for as long as a test wants.
final class HeldEmbedder: TokenEmbedder {
    private struct State {
        var heldRoles: Set<EmbeddingRole> = []
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let inner = WordHashEmbedder()
    private let state = Mutex(State())
    private let arrivals = AsyncStream.makeStream(of: Void.self)

    var space: EmbeddingSpace { inner.space }
    var windowTokens: Int { inner.windowTokens }
    var specialTokenCount: Int { inner.specialTokenCount }
    var vocabularyCount: Int { inner.vocabularyCount }

    func tokenCount(of text: String) -> Int { inner.tokenCount(of: text) }

    func tokens(of text: String, as role: EmbeddingRole, tokensMax: Int) -> [Int32] {
        inner.tokens(of: text, as: role, tokensMax: tokensMax)
    }

    func tokens(framing ids: [Int32], as role: EmbeddingRole) -> [Int32] {
        inner.tokens(framing: ids, as: role)
    }

    func embed(_ texts: [String], as role: EmbeddingRole) async throws -> EmbeddingMatrix {
        await wait(as: role)
        return try await inner.embed(texts, as: role)
    }

    /// Held with the passages.
    func embed(_ sequences: [[Int32]], inBackground: Bool) async throws -> EmbeddingMatrix {
        await wait(as: .passage)
        return try await inner.embed(sequences, inBackground: inBackground)
    }

    private func wait(as role: EmbeddingRole) async {
        if state.withLock({ $0.heldRoles.contains(role) }) {
            await withCheckedContinuation { continuation in
                state.withLock { $0.waiting.append(continuation) }
                arrivals.continuation.yield()
            }
        }
    }

    /// From now on, calls for `roles` wait.
    func hold(_ roles: Set<EmbeddingRole> = [.query, .passage]) {
        state.withLock { $0.heldRoles = roles }
    }

    func release() {
        let waiting = state.withLock { state in
            defer { state = State() }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Waits until so many calls are held.
    func arrived(_ count: Int) async {
        var iterator = arrivals.stream.makeAsyncIterator()
        for _ in 0..<count { _ = await iterator.next() }
    }
}

extension Route {
    /// The code of a refusal of this route, checked to be one in its form, in the words of problems where the two forms
    /// have one word for it.
    func code(of reply: WireClient.Reply) throws -> String {
        switch errorForm {
        case .problem: try TestServer.problem(reply)
        case .openAI: try TestServer.openAIError(reply)
        case .jsonRPC: try TestServer.rpcError(reply)
        }
    }

    /// What a client of this route finds as the code.
    func told(_ code: String) -> String {
        guard errorForm == .openAI, let known = ProblemCode(rawValue: code) else { return code }
        return known.openAICode
    }

    /// An address of the route in a workspace, with a document and a key that are there.
    func target(in tenant: TestServer.Tenant, workspace: String? = nil) -> String {
        "/"
            + path.segments.map { segment in
                switch segment {
                case .literal(let text): text
                case .parameter("workspace"): workspace ?? tenant.name
                case .parameter("key"): tenant.keys[.read]?.summary.id ?? "key"
                case .parameter("job"): tenant.job
                case .parameter(let name): name
                case .rest: "a.md"
                }
            }
            .joined(separator: "/")
    }

    var isInWorkspace: Bool { path.parameterNames.contains("workspace") }
}
