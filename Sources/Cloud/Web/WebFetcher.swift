package import Engine
import Foundation

/// Gets pages of the web, and calls no machine that is not the whole world's.
///
/// The name is resolved here, the address is checked, and the connection is made to that address: what the name leads
/// to a moment later does not matter. Every redirect is checked anew. What a site's robots.txt forbids is not
/// fetched.
///
/// Proxies are not used: one would resolve the name again.
package struct WebFetcher: PageFetcher {
    package struct Options: Sendable, Equatable {
        /// Whether private addresses and other ports than `ports` may be called: for an intranet, whose users are
        /// trusted.
        package var allowsPrivateAddresses = false

        /// All redirects and the robots files together.
        package var deadline = Duration.seconds(30)
        package var byteCountMax = IngestItem.byteCountMax

        package init() {}
    }

    /// RFC 9309, 2.3.1.2: five for a robots file; browsers go on to twenty for a page.
    package static let redirectsMax = 5

    package static let ports: Set<Int> = [80, 443]
    private static let product = "carrel"

    private let options: Options
    private let transport: any WebTransport

    package init(_ options: Options = Options()) {
        self.init(options, transport: PinnedTransport())
    }

    package init(_ options: Options, transport: any WebTransport) {
        self.options = options
        self.transport = transport
    }

    package func fetch(_ address: String) async throws -> FetchedPage {
        try await withThrowingTaskGroup(of: FetchedPage.self) { group in
            group.addTask { try await self.follow(address) }
            group.addTask {
                try await Task.sleep(for: options.deadline)
                throw PageFault.timedOut(seconds: Int(options.deadline.components.seconds))
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw CancellationError() }
            return first
        }
    }

    private func follow(_ text: String) async throws -> FetchedPage {
        let accept = IngestItem.mediaTypes.joined(separator: ", ") + ", */*;q=0.1"
        var address = try self.address(text)
        for _ in 0...Self.redirectsMax {
            guard try await robots(of: address).allows(address.pathAndQuery) else {
                throw PageFault.forbiddenByRobots(host: address.host)
            }
            let answer = try await get(address, accept: accept, upTo: options.byteCountMax)
            if let next = try redirect(from: address, answer) {
                address = next
                continue
            }
            guard answer.status == 200 else { throw PageFault.status(answer.status) }
            guard !answer.isCut else { throw PageFault.tooLarge(byteCountMax: options.byteCountMax) }
            return FetchedPage(
                address: address.url.absoluteString, mediaType: Self.mediaType(answer.contentType),
                bytes: answer.bytes)
        }
        throw PageFault.tooManyRedirects(max: Self.redirectsMax)
    }

    /// RFC 9309, 2.3.1: without a file all is allowed; while it cannot be had, nothing is.
    private func robots(of page: WebAddress) async throws -> RobotsFile {
        var address = try self.address(page.robots)
        for _ in 0...Self.redirectsMax {
            let answer = try await get(address, accept: "text/plain", upTo: RobotsFile.byteCountMax)
            if let next = try redirect(from: address, answer) {
                address = next
                continue
            }
            switch answer.status {
            case 200..<300: return RobotsFile(answer.bytes, for: Self.product)
            case 400..<500: break
            default: throw PageFault.status(answer.status)
            }
            break
        }
        return RobotsFile([], for: Self.product)
    }

    private func redirect(from address: WebAddress, _ answer: WebAnswer) throws -> WebAddress? {
        guard [301, 302, 303, 307, 308].contains(answer.status), let location = answer.location else {
            return nil
        }
        return try self.address(location, relativeTo: address.url)
    }

    private func address(_ text: String, relativeTo base: URL? = nil) throws(PageFault) -> WebAddress {
        try WebAddress(text, relativeTo: base, ports: options.allowsPrivateAddresses ? nil : Self.ports)
    }

    /// Resolves, checks and calls the machine that was checked.
    private func get(_ address: WebAddress, accept: String, upTo byteCountMax: Int) async throws -> WebAnswer
    {
        let found =
            IPAddress(address.host) == nil
            ? try await transport.resolve(address.host, port: address.port) : [address.host]
        let machines = found.compactMap { text in IPAddress(text).map { (text: text, address: $0) } }
        guard let machine = machines.first else { throw PageFault.hostUnknown(host: address.host) }
        // One bad address among good ones is a name that wants to be bound again.
        guard options.allowsPrivateAddresses || machines.allSatisfy(\.address.isPublic) else {
            throw PageFault.addressForbidden(host: address.host)
        }
        return try await transport.get(
            WebRequest(
                address: address, machine: machine.address, machineText: machine.text, accept: accept,
                byteCountMax: byteCountMax))
    }

    private static func mediaType(_ contentType: String?) -> String? {
        let type = contentType?.split(separator: ";").first?.trimmingCharacters(in: .whitespaces).lowercased()
        return type == "application/octet-stream" || type?.isEmpty == true ? nil : type
    }
}
