package import Kernels
import Synchronization

/// Where documents to be come from, one after the other: a folder, an archive, a stream of records.
///
/// It is asked for the next only when there is room for it, so that what is held in memory does not grow with the
/// source.
package protocol IngestSource: Sendable {
    /// The next step, or nil at the end. One call at a time.
    ///
    /// - Parameter pool: where it blocks.
    /// - Throws: what makes the rest of the source unreadable. What came before stays.
    func next(on pool: ComputePool) async throws -> SourceStep?
}

package enum SourceStep: Sendable {
    case item(IngestItem)

    /// Something that is not read, for the report.
    case skipped(path: String)

    /// Something that should have been an item, and is none. The others go on.
    case failed(path: String, byteCount: Int, any Error)
}

/// What is in a source, as far as that is known before it is read; for progress only.
package struct SourceSurvey: Sendable, Equatable {
    package var documentCount = 0
    package var byteCount = 0

    package init(documentCount: Int = 0, byteCount: Int = 0) {
        self.documentCount = documentCount
        self.byteCount = byteCount
    }

    package static func + (one: SourceSurvey, other: SourceSurvey) -> SourceSurvey {
        SourceSurvey(
            documentCount: one.documentCount + other.documentCount,
            byteCount: one.byteCount + other.byteCount)
    }
}

/// Items that are there already.
package final class ListedItems: IngestSource {
    private let rest: Remaining<SourceStep>

    /// - Parameter skipped: what is not read, for the report.
    package init(_ items: [IngestItem], skipped: [String] = []) {
        rest = Remaining(skipped.map { .skipped(path: $0) } + items.map { .item($0) })
    }

    package func next(on pool: ComputePool) async throws -> SourceStep? {
        rest.next()
    }
}

/// A source of which no more than so many steps are taken.
package final class BoundedSource: IngestSource {
    private let source: any IngestSource
    private let countMax: Int
    private let count = Mutex(0)

    package init(_ source: any IngestSource, countMax: Int) {
        self.source = source
        self.countMax = countMax
    }

    /// - Throws: `EngineError.source` with `.tooManyDocuments`.
    package func next(on pool: ComputePool) async throws -> SourceStep? {
        guard let step = try await source.next(on: pool) else { return nil }
        let count = count.withLock { count in
            count += 1
            return count
        }
        guard count <= countMax else { throw EngineError.source(.tooManyDocuments(max: countMax)) }
        return step
    }
}

/// Sources one after the other.
package final class ChainedSources: IngestSource {
    private let sources: [any IngestSource]
    private let current: Remaining<Int>

    package init(_ sources: [any IngestSource]) {
        self.sources = sources
        current = Remaining(Array(sources.indices))
    }

    package func next(on pool: ComputePool) async throws -> SourceStep? {
        while let index = current.first {
            if let step = try await sources[index].next(on: pool) { return step }
            _ = current.next()
        }
        return nil
    }
}
