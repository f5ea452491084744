import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import NIOPosix
import NIOSSL

/// The network through AsyncHTTPClient.
package final class HTTPTransport: EmbeddingTransport {
    package struct Options: Sendable {
        /// Through which requests go; nil for straight to the provider.
        package var proxy: ProxyServer?

        /// Certificates in PEM that are trusted beside the system's.
        package var certificateFile: String?

        /// Connections kept open to the provider.
        package var connectionsMax: Int

        package init(proxy: ProxyServer? = nil, certificateFile: String? = nil, connectionsMax: Int = 16) {
            self.proxy = proxy
            self.certificateFile = certificateFile
            self.connectionsMax = connectionsMax
        }
    }

    /// A file of the world's certificates has a quarter of this.
    private static let certificateBytesMax = 1 << 20

    private static let connectMax = TimeAmount.seconds(10)

    /// The deadline is kept here; the client's own goes no further than the head of an answer.
    private static let clientDeadline = TimeAmount.hours(1)

    private let client: HTTPClient

    /// - Throws: `CloudError.certificatesUnreadable`.
    package init(_ options: Options = Options()) throws(CloudError) {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = Self.connectMax
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = options.connectionsMax
        // Trying again is decided in one place, which sees every failure.
        configuration.connectionPool.retryConnectionEstablishment = false
        if let file = options.certificateFile {
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.additionalTrustRoots = [.certificates(try Self.certificates(in: file))]
            configuration.tlsConfiguration = tls
        }
        if let proxy = options.proxy {
            configuration.proxy = .server(
                host: proxy.host, port: proxy.port,
                authorization: proxy.credentials.map {
                    .basic(credentials: Data($0.utf8).base64EncodedString())
                })
        }
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    deinit {
        client.shutdown { _ in }
    }

    private static func certificates(in path: String) throws(CloudError) -> [NIOSSLCertificate] {
        do {
            let file = try FileHandle(forReadingFrom: URL(filePath: path))
            defer { try? file.close() }
            let bytes = try file.read(upToCount: certificateBytesMax + 1) ?? Data()
            guard bytes.count <= certificateBytesMax else {
                throw CloudError.certificatesUnreadable(
                    path: path, reason: "it has more than \(certificateBytesMax) bytes")
            }
            return try NIOSSLCertificate.fromPEMBytes([UInt8](bytes))
        } catch let error as CloudError {
            throw error
        } catch let error as CocoaError {
            throw .certificatesUnreadable(path: path, reason: error.localizedDescription)
        } catch {
            throw .certificatesUnreadable(path: path, reason: "it holds no certificates in PEM")
        }
    }

    package func post(_ request: TransportRequest) async throws -> TransportAnswer {
        try await withThrowingTaskGroup(of: TransportAnswer.self) { group in
            group.addTask { try await self.exchange(request) }
            group.addTask {
                try await Task.sleep(for: request.deadline)
                throw CloudError.deadlineExceeded(milliseconds: Int64(request.deadline / .milliseconds(1)))
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw CancellationError() }
            return first
        }
    }

    private func exchange(_ request: TransportRequest) async throws -> TransportAnswer {
        var http = HTTPClientRequest(url: request.url)
        http.method = .POST
        http.headers.add(name: "content-type", value: "application/json")
        http.headers.add(name: "accept", value: "application/json")
        http.headers.add(name: "user-agent", value: "carrel")
        for (name, value) in request.headers { http.headers.add(name: name, value: value) }
        http.body = .bytes(ByteBuffer(data: request.body))
        do {
            let answer = try await client.execute(http, timeout: Self.clientDeadline)
            let body = try await answer.body.collect(upTo: request.answerBytesMax)
            // A stream that is cancelled ends as one that is complete does.
            try Task.checkCancellation()
            let headers = Dictionary(answer.headers.map { ($0.name.lowercased(), $0.value) }) { first, _ in
                first
            }
            return TransportAnswer(
                status: Int(answer.status.code), headers: headers, body: Data(buffer: body))
        } catch is NIOTooManyBytesError {
            throw CloudError.answerTooLarge(byteCountMax: request.answerBytesMax)
        } catch let error as CancellationError {
            throw error
        } catch let error as HTTPClientError where error == .cancelled {
            throw CancellationError()
        } catch {
            throw Self.failure(error)
        }
    }

    /// The client's errors name hosts and ports, and no header.
    private static func failure(_ error: any Error) -> CloudError {
        let reason = String(describing: error)
        return isBeforeSending(error) ? .unreachable(reason: reason) : .connectionLost(reason: reason)
    }

    /// Whether there was no connection yet on which anything could have been sent.
    private static func isBeforeSending(_ error: any Error) -> Bool {
        let early: [HTTPClientError] = [
            .connectTimeout, .tlsHandshakeTimeout, .httpProxyHandshakeTimeout, .proxyAuthenticationRequired,
            .invalidProxyResponse, .getConnectionFromPoolTimeout,
        ]
        return switch error {
        case let error as HTTPClientError: early.contains(error)
        case is NIOConnectionError, is NIOSSLError, is BoringSSLError: true
        case let error as IOError:
            [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, ETIMEDOUT].contains(error.errnoCode)
        default: false
        }
    }
}
