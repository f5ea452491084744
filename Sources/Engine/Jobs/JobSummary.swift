package import Foundation
import Store

/// A job as those see it who wait for it.
package struct JobSummary: Sendable, Hashable {
    package enum State: String, Sendable, CaseIterable {
        /// Its documents are still being taken over: nothing was promised yet.
        case receiving
        case queued, running, succeeded, failed, cancelled, interrupted

        package var isEnded: Bool { ![.receiving, .queued, .running].contains(self) }
    }

    /// Its place in the order in which jobs were begun; the key of a listing.
    package var ordinal: Int64
    package var id: String
    package var kind: String
    package var state: State

    /// What it works on.
    package var source: String

    /// Documents, as far as they are known; no fewer than have ended.
    package var documentCount: Int
    package var readyCount: Int
    package var unchangedCount: Int
    package var deletedCount: Int
    package var failedCount: Int
    package var byteCount: Int
    package var chunkCount: Int
    package var embeddedCount: Int
    package var tokenCount: Int
    package var createdAt: Date
    package var updatedAt: Date

    /// Grows with every change of the job and of its documents.
    package var event: Int64
}

/// One document of a job.
package struct JobItemSummary: Sendable, Hashable {
    package enum State: String, Sendable, CaseIterable {
        case queued, parsing, embedding, ready, unchanged, deleted, failed
    }

    package struct Failure: Sendable, Hashable {
        package var code: String
        package var reason: String
        package var isRetriable: Bool
    }

    /// The key of a listing.
    package var ordinal: Int64
    package var path: String
    package var state: State
    package var attempts: Int

    /// When it is tried again, if it waits for that.
    package var retryAt: Date?
    package var chunkCount: Int
    package var embeddedCount: Int
    package var tokenCount: Int

    /// Why it failed, or why it was left as it is.
    package var failure: Failure?
    package var event: Int64
    package var updatedAt: Date
}

/// The names under which a job counts.
enum JobFigure {
    static let documents = "documents"
    static let bytes = "bytes"
    static let ready = "ready"
    static let unchanged = "unchanged"
    static let deleted = "deleted"
    static let failed = JobCount.failed
    static let superseded = JobCount.superseded
    static let chunks = "chunks"
    static let embedded = "embedded"
    static let tokens = "tokens"
}

extension JobSummary {
    init(_ record: JobRecord) {
        func count(_ name: String) -> Int { record.counts[name] ?? 0 }
        ordinal = record.ordinal
        id = record.id.rawValue
        kind = record.kind
        state = State(record.state)
        source = record.source
        readyCount = count(JobFigure.ready)
        unchangedCount = count(JobFigure.unchanged) + count(JobFigure.superseded)
        deletedCount = count(JobFigure.deleted)
        failedCount = count(JobFigure.failed)
        // Of streams nobody knows beforehand how many there are.
        documentCount = max(
            count(JobFigure.documents), readyCount + unchangedCount + deletedCount + failedCount)
        byteCount = count(JobFigure.bytes)
        chunkCount = count(JobFigure.chunks)
        embeddedCount = count(JobFigure.embedded)
        tokenCount = count(JobFigure.tokens)
        createdAt = Date(record.createdAt)
        updatedAt = Date(record.updatedAt)
        event = record.event
    }
}

extension JobSummary.State {
    fileprivate init(_ state: JobState) {
        self =
            switch state {
            case .receiving: .receiving
            case .queued: .queued
            case .running: .running
            case .succeeded: .succeeded
            case .failed: .failed
            case .cancelled: .cancelled
            case .interrupted: .interrupted
            }
    }
}

extension JobItemSummary {
    /// - Parameter live: what the process doing it knows of it.
    init(_ record: JobItemRecord, live: ItemState?) {
        ordinal = record.id
        path = record.item.path
        let isEnded = record.state.isEnded
        state = State(isEnded ? record.state : live ?? record.state)
        attempts = record.attempts
        retryAt = record.retryAt.map { Date($0) }
        chunkCount = record.chunkCount
        embeddedCount = record.embeddedCount
        tokenCount = record.tokenCount
        failure = record.failure.map {
            Failure(code: $0.code, reason: $0.reason, isRetriable: $0.isRetriable)
        }
        event = record.event
        updatedAt = Date(record.updatedAt)
    }
}

extension JobItemSummary.State {
    fileprivate init(_ state: ItemState) {
        self =
            switch state {
            case .queued: .queued
            case .parsing: .parsing
            case .embedding: .embedding
            case .ready: .ready
            case .unchanged: .unchanged
            case .deleted: .deleted
            case .failed: .failed
            }
    }
}
