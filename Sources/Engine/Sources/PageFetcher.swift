import Documents
package import Kernels

/// Gets pages of the web, for somebody who names their addresses.
///
/// Whoever may name one makes this machine call it: a fetcher must refuse what only the machine and its network can
/// reach.
package protocol PageFetcher: Sendable {
    /// - Throws: `PageFault`; `CancellationError`.
    func fetch(_ address: String) async throws -> FetchedPage
}

/// A page as it came.
package struct FetchedPage: Sendable, Equatable {
    /// Where it was in the end, redirects followed; without a fragment.
    package var address: String

    /// As the page's server says, without parameters and in lower case; nil if it says nothing that tells.
    package var mediaType: String?
    package var bytes: [UInt8]

    package init(address: String, mediaType: String?, bytes: [UInt8]) {
        self.address = address
        self.mediaType = mediaType
        self.bytes = bytes
    }

    /// The page as a document.
    ///
    /// - Parameter path: nil for one made of the address: its host and its path.
    /// - Throws: `EngineError.mediaTypeUnsupported`, `.documentPathInvalid`.
    package func item(path: DocumentPath? = nil) throws(EngineError) -> IngestItem {
        let place: DocumentPath
        if let path { place = path } else { place = try DocumentPath(Self.path(of: address)) }
        var item = try IngestItem(path: place, mediaType: mediaType, bytes: bytes)
        item.origin = address
        return item
    }

    /// `https://example.org/a/b/?page=2` is `example.org/a/b/index?page=2`.
    static func path(of address: String) -> String {
        var rest = address[...]
        if let scheme = rest.firstRange(of: "://") { rest = rest[scheme.upperBound...] }
        let end = rest.firstIndex { $0 == "?" || $0 == "#" } ?? rest.endIndex
        let names = rest[..<end].split(separator: "/", omittingEmptySubsequences: false)
        // A name between two slashes is none; that behind the last one is the folder's own page.
        var kept = names.dropLast().filter { !$0.isEmpty }.map(String.init)
        let last = names.last.map(String.init) ?? ""
        kept.append(kept.isEmpty || !last.isEmpty ? last : "index")
        if kept.count == 1 { kept.append("index") }
        let query = rest[end...].prefix { $0 != "#" }
        return kept.joined(separator: "/") + query
    }
}

extension Engine {
    /// Fetches a page and takes it in.
    ///
    /// - Throws: `EngineError.source` with `.page`; what `put` throws.
    package func put(
        pageAt address: String, path: DocumentPath?, given: GivenAttributes = GivenAttributes(),
        by fetcher: any PageFetcher, in scope: WorkspaceScope
    ) async throws -> (path: DocumentPath, outcome: PutOutcome) {
        var item = try await page(at: address, by: fetcher).item(path: path)
        item.given = given
        return (try DocumentPath(item.path), try await put(item, in: scope))
    }

    /// - Throws: `EngineError.source` with `.page`.
    package func page(at address: String, by fetcher: any PageFetcher) async throws -> FetchedPage {
        do {
            return try await fetcher.fetch(address)
        } catch let fault as PageFault {
            throw EngineError.source(.page(fault))
        }
    }
}

/// One page, fetched when it is asked for. One that cannot be had fails as a document does.
package final class PageSource: IngestSource {
    private let address: Remaining<String>
    private let fetcher: any PageFetcher
    private let path: DocumentPath?

    /// - Parameter path: of the document; nil for one made of the address.
    package init(_ address: String, path: DocumentPath? = nil, by fetcher: any PageFetcher) {
        self.address = Remaining([address])
        self.fetcher = fetcher
        self.path = path
    }

    package func next(on pool: ComputePool) async throws -> SourceStep? {
        guard let address = address.next() else { return nil }
        do {
            return .item(try await fetcher.fetch(address).item(path: path))
        } catch let fault as PageFault {
            return .failed(path: address, byteCount: 0, EngineError.source(.page(fault)))
        } catch let error as EngineError {
            return .failed(path: address, byteCount: 0, error)
        }
    }
}
