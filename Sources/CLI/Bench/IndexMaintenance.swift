import Foundation
import Kernels
import Synchronization
import VectorIndex

/// Seals the tail of an index and merges what was sealed, beside searches and insertions and out of their way.
final class IndexMaintenance: Sendable {
    /// Sealed segments that are merged into one: each of them costs every search a scan of its own lists.
    private static let segmentsMax = 4

    /// About a quarter of a core that is shared with a search: as the server gives to an ingest.
    private static let niceness = 5

    private struct Progress {
        var isRunning = false
        var lastSegment: Int64
        var written = 0
        var failure: (any Error)?
    }

    private let index: VectorIndex
    private let directory: URL

    /// The segment that was there from the beginning: it is never merged.
    private let first: Int64
    private let pool = ComputePool(threadCount: 1, backgroundNiceness: niceness)
    private let progress: Mutex<Progress>
    private let idle = NSCondition()

    init(of index: VectorIndex, in directory: URL, after segment: Int64) {
        (self.index, self.directory, first) = (index, directory, segment)
        progress = Mutex(Progress(lastSegment: segment))
    }

    /// Segments that were written.
    var segmentsWritten: Int { progress.withLock { $0.written } }

    /// Begins to seal if the tail wants it and nothing is being sealed.
    ///
    /// - Throws: what an earlier sealing threw.
    func sealIfNeeded() throws {
        let isWanted = index.tailState.needsSealing
        let begins = try progress.withLock { progress in
            if let failure = progress.failure { throw failure }
            guard isWanted, !progress.isRunning else { return false }
            progress.isRunning = true
            return true
        }
        guard begins else { return }
        Task { [self] in
            let result = await Result { try await pool.run(in: .background) { try self.run() } }
            finish(result)
        }
    }

    /// Waits until nothing is being sealed.
    ///
    /// - Throws: what a sealing threw.
    func wait() throws {
        idle.lock()
        while progress.withLock({ $0.isRunning }) { idle.wait() }
        idle.unlock()
        if let failure = progress.withLock({ $0.failure }) { throw failure }
    }

    private func finish(_ result: Result<Void, any Error>) {
        idle.lock()
        progress.withLock { progress in
            progress.isRunning = false
            if case .failure(let error) = result { progress.failure = error }
        }
        idle.broadcast()
        idle.unlock()
    }

    private func run() throws {
        while index.tailState.needsSealing {
            let segment = try index.writeSegment(number: nextSegment(), in: directory)
            try index.publish(segment, in: directory)
            try merge()
        }
    }

    /// Flat segments are not merged: they would still be scanned whole.
    private func merge() throws {
        let sealed = index.snapshot.segments.map(\.number).filter { $0 != first }
        guard index.quantizer != nil, sealed.count >= Self.segmentsMax else { return }
        let merged = try index.compact(sealed, into: nextSegment(), in: directory)
        try index.publish(merged, in: directory, replacing: sealed)
        for number in sealed {
            let name = SegmentDescription.fileName(number: number)
            try FileManager.default.removeItem(at: directory.appending(path: name))
        }
    }

    private func nextSegment() -> Int64 {
        progress.withLock { progress in
            progress.lastSegment += 1
            progress.written += 1
            return progress.lastSegment
        }
    }
}

extension Result where Failure == any Error {
    /// As `init(catching:)`, for work that waits.
    fileprivate init(_ work: () async throws -> Success) async {
        do { self = .success(try await work()) } catch { self = .failure(error) }
    }
}
