import Engine
import Kernels

/// A source read to its end, for tests of what is in it.
struct SourceContents {
    var paths: [String] = []
    var texts: [String: String] = [:]
    var items: [IngestItem] = []
    var skipped: [String] = []
    var failures: [(path: String, error: any Error)] = []

    /// Why it was not read to its end.
    var interruption: (any Error)?

    init(of source: any IngestSource) async throws {
        let pool = ComputePool(threadCount: 1)
        do {
            while let step = try await source.next(on: pool) {
                switch step {
                case .item(let item):
                    paths.append(item.path)
                    items.append(item)
                    texts[item.path] = String(decoding: try item.load(), as: UTF8.self)
                case .skipped(let path): skipped.append(path)
                case .failed(let path, _, let error): failures.append((path, error))
                }
            }
        } catch {
            interruption = error
        }
    }
}

/// Bytes that come in parts of a given size.
actor TextParts: ByteParts {
    private var rest: ArraySlice<UInt8>
    private let partBytes: Int

    init(_ text: String, partBytes: Int = 7) {
        rest = Array(text.utf8)[...]
        self.partBytes = partBytes
    }

    func next() -> [UInt8]? {
        guard !rest.isEmpty else { return nil }
        defer { rest = rest.dropFirst(partBytes) }
        return Array(rest.prefix(partBytes))
    }
}
