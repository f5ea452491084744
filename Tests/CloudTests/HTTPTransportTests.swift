import Cloud
import Embedding
import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import TestSupport
import Testing

/// The real network, as far as this machine reaches.
struct HTTPTransportTests {
    private func post(
        to url: String, deadline: Duration = .seconds(60), answerBytesMax: Int = 100_000,
        through transport: HTTPTransport? = nil
    ) async throws -> TransportAnswer {
        try await (transport ?? HTTPTransport()).post(
            TransportRequest(
                url: url, headers: [("authorization", "Bearer k")], body: Data("{}".utf8), deadline: deadline,
                answerBytesMax: answerBytesMax))
    }

    private func withServer(
        _ answers: [StubHTTPServer.Answer], _ body: (StubHTTPServer, String) async throws -> Void
    ) async throws {
        let server = try await StubHTTPServer.start(answers)
        let result: Result<Void, any Error>
        do { result = .success(try await body(server, "http://127.0.0.1:\(server.port)/x")) } catch {
            result = .failure(error)
        }
        try await server.stop()
        return try result.get()
    }

    @Test func `a request arrives as it was made, and the answer comes back with its header fields`()
        async throws
    {
        try await withServer([.reply(status: 429, headers: [("Retry-After", "7")], body: "later")]) {
            server, url in
            let answer = try await post(to: url)
            #expect(answer.status == 429 && answer.headers["retry-after"] == "7")
            #expect(String(decoding: answer.body, as: UTF8.self) == "later")
            let received = try #require(server.received.first)
            #expect(received.method == "POST" && received.headers["authorization"] == "Bearer k")
            #expect(received.headers["content-type"] == "application/json")
        }
    }

    @Test(arguments: [StubHTTPServer.Answer.neverReply, .halfAndSilence(body: "half of an answer")])
    func `a provider that falls silent, before its answer or within it, meets the deadline`(
        answer: StubHTTPServer.Answer
    ) async throws {
        try await withServer([answer]) { _, url in
            await #expect(throws: CloudError.deadlineExceeded(milliseconds: 50)) {
                try await post(to: url, deadline: .milliseconds(50))
            }
        }
    }

    @Test(arguments: [StubHTTPServer.Answer.close, .reset, .truncated(body: "half of an answer")])
    func `a connection that ends before the answer does is lost`(answer: StubHTTPServer.Answer) async throws {
        try await withServer([answer]) { _, url in
            await #expect {
                try await post(to: url)
            } throws: { error in
                guard case .connectionLost = error as? CloudError else { return false }
                return true
            }
        }
    }

    @Test func `a machine that listens nowhere is out of reach at once`() async throws {
        let server = try await StubHTTPServer.start([])
        let port = server.port
        try await server.stop()
        await #expect {
            try await post(to: "http://127.0.0.1:\(port)/x")
        } throws: { error in
            guard case .unreachable = error as? CloudError else { return false }
            return true
        }
    }

    @Test func `an answer larger than any right one is not read to its end`() async throws {
        try await withServer([.reply(status: 200, body: String(repeating: "x", count: 2_000))]) { _, url in
            await #expect(throws: CloudError.answerTooLarge(byteCountMax: 1_000)) {
                try await post(to: url, answerBytesMax: 1_000)
            }
        }
    }

    @Test func `the key is not carried to where an answer points`() async throws {
        try await withServer([.reply(status: 307, headers: [("Location", "/elsewhere")], body: "")]) {
            server, url in
            let answer = try await post(to: url)
            #expect(answer.status == 307)
            #expect(server.received.count == 1)
        }
    }

    // MARK: TLS

    @Test
    func `a provider behind an authority of one's own is trusted with its certificate, and not without`()
        async throws
    {
        let server = try await StubHTTPServer.start(
            [.reply(status: 200, body: "well")], prepare: Self.addTLS)
        let url = "https://localhost:\(server.port)/x"
        await #expect(throws: CloudError.self) { try await post(to: url) }
        let folder = try TemporaryFolder()
        let file = try folder.write(TestCertificates.authority, to: "ca.pem")
        let trusting = try HTTPTransport(HTTPTransport.Options(certificateFile: file.path))
        #expect(try await post(to: url, through: trusting).status == 200)
        try await server.stop()
    }

    private static let addTLS: @Sendable (any Channel) throws -> Void = { channel in
        let chain = try NIOSSLCertificate.fromPEMBytes(Array(TestCertificates.server.utf8))
        let key = try NIOSSLPrivateKey(bytes: Array(TestCertificates.serverKey.utf8), format: .pem)
        let configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        let context = try NIOSSLContext(configuration: configuration)
        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
    }

    @Test func `a file that holds no certificates is refused with its name`() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("no certificate", to: "ca.pem")
        #expect(
            throws: CloudError.certificatesUnreadable(
                path: file.path, reason: "it holds no certificates in PEM")
        ) { try HTTPTransport(HTTPTransport.Options(certificateFile: file.path)) }
        #expect(throws: CloudError.self) {
            try HTTPTransport(HTTPTransport.Options(certificateFile: file.path + ".gone"))
        }
    }

    // MARK: Proxies

    @Test func `a request goes through the proxy, which is shown its own credentials and not the key`()
        async throws
    {
        let proxy = try await StubProxy.start()
        let transport = try HTTPTransport(
            HTTPTransport.Options(proxy: ProxyServer("http://me:pass@127.0.0.1:\(proxy.port)")))
        // A name that nobody resolves: only the proxy can be asked for it.
        let answer = try await post(to: "http://provider.invalid/v1", through: transport)
        #expect(String(decoding: answer.body, as: UTF8.self) == "through")
        let connect = try #require(proxy.heads.first)
        #expect(connect.hasPrefix("CONNECT provider.invalid:80 HTTP/1.1\r\n"))
        #expect(connect.contains("Basic bWU6cGFzcw==") && !connect.contains("Bearer"))
        try await proxy.stop()
    }
}
