import AsyncHTTPClient
import Engine
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix

/// One request to one machine.
package struct WebRequest: Sendable {
    package let address: WebAddress

    /// The machine that is called, whatever the host's name may lead to by now.
    package let machine: IPAddress
    let machineText: String
    let accept: String

    /// Of a longer answer so many bytes are read, and it is said to be cut.
    package let byteCountMax: Int
}

package struct WebAnswer: Sendable {
    package var status: Int
    package var location: String?
    package var contentType: String?
    package var bytes: [UInt8]
    package var isCut: Bool

    package init(
        status: Int, location: String? = nil, contentType: String? = nil, bytes: [UInt8] = [],
        isCut: Bool = false
    ) {
        self.status = status
        self.location = location
        self.contentType = contentType
        self.bytes = bytes
        self.isCut = isCut
    }
}

/// The network, as a fetcher sees it.
package protocol WebTransport: Sendable {
    /// The addresses of a host as text, the best first.
    ///
    /// - Throws: `PageFault.hostUnknown`.
    func resolve(_ host: String, port: Int) async throws -> [String]

    /// Does not follow redirects.
    ///
    /// - Throws: `PageFault.unreachable`; `CancellationError`.
    func get(_ request: WebRequest) async throws -> WebAnswer
}

/// The real one. A client for each request, so that no connection to another machine is used again.
struct PinnedTransport: WebTransport {
    private static let connectMax = TimeAmount.seconds(10)

    /// The deadline is the fetcher's; the client's own goes no further than the head of an answer.
    private static let clientDeadline = TimeAmount.hours(1)

    func resolve(_ host: String, port: Int) async throws -> [String] {
        do {
            return try await NIOThreadPool.singleton.runIfActive {
                let found = try SocketAddress.makeAddressResolvingHost(host, port: port)
                return [found.ipAddress].compactMap(\.self)
            }
        } catch {
            throw PageFault.hostUnknown(host: host)
        }
    }

    func get(_ request: WebRequest) async throws -> WebAnswer {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = Self.connectMax
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.dnsOverride = [request.address.host: request.machineText]
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        do {
            let answer = try await exchange(request, client)
            try await client.shutdown()
            return answer
        } catch let error as CancellationError {
            client.shutdown { _ in }
            throw error
        } catch {
            client.shutdown { _ in }
            throw PageFault.unreachable(host: request.address.host)
        }
    }

    private func exchange(_ request: WebRequest, _ client: HTTPClient) async throws -> WebAnswer {
        var http = HTTPClientRequest(url: request.address.url.absoluteString)
        http.headers.add(name: "user-agent", value: "carrel")
        http.headers.add(name: "accept", value: request.accept)
        http.headers.add(name: "accept-encoding", value: "identity")
        let answer = try await client.execute(http, timeout: Self.clientDeadline)
        var found = WebAnswer(
            status: Int(answer.status.code), location: answer.headers.first(name: "location"),
            contentType: answer.headers.first(name: "content-type"))
        for try await part in answer.body {
            let room = request.byteCountMax - found.bytes.count
            found.bytes += part.readableBytesView.prefix(room)
            if part.readableBytes > room {
                found.isCut = true
                break
            }
        }
        // A stream that is cancelled ends as one that is complete does.
        try Task.checkCancellation()
        return found
    }
}
