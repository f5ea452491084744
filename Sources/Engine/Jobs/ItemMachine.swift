package import Store

/// What happens to one document of a job: an event in, what to do out. Pure; it knows no clock, no file and no
/// network, and its table of events is tested whole.
package struct ItemMachine: Sendable, Equatable {
    package enum Event: Sendable, Equatable {
        /// Somebody begins with it.
        case started

        /// Somebody else changed the document meanwhile: it is read again, in the same try.
        case restarted

        /// It was read and cut; its texts are to be embedded.
        case parsed(chunkCount: Int, tokenCount: Int)

        /// Vectors of so many more texts are safe.
        case embedded(count: Int)

        /// Its new version is live.
        case committed

        /// The same bytes, read the same way, are live already.
        case foundUnchanged

        /// It was taken away.
        case removed

        /// The try failed. `chance` (0 to 1) decides how much of the longest wait is waited.
        case refused(ItemFailure, isTransient: Bool, chance: Double)

        /// The job was called off.
        case cancelled(ItemFailure)

        /// Somebody wants a failed one tried again.
        case retried
    }

    package enum Action: Sendable, Equatable {
        case read
        case embed

        /// What it is now is to be written down with what was kept.
        case checkpoint

        /// Nothing, for so long; then it begins again.
        case wait(Duration)

        /// It has ended, and what it is now is to be written down.
        case finish
    }

    package private(set) var state = ItemState.queued

    /// Tries begun.
    package private(set) var attempts = 0
    package private(set) var chunkCount = 0
    package private(set) var embeddedCount = 0
    package private(set) var tokenCount = 0

    /// Of the last try, if it failed.
    package private(set) var failure: ItemFailure?

    /// Tries of a document whose failure may pass. The embedder has tried each of its calls several times by then.
    package static let attemptsMax = 4

    /// The longest wait before the second try; it doubles with every other one, up to `waitMax`.
    package static let waitFirst = Duration.seconds(1)
    package static let waitMax = Duration.seconds(60)

    package init() {}

    /// One that was tried before.
    package init(attempts: Int) {
        self.attempts = attempts
    }

    /// Events that do not fit where it stands change nothing: what comes late of a try that was given up is no news.
    package mutating func apply(_ event: Event) -> [Action] {
        switch (event, state) {
        case (.started, .queued):
            (state, failure) = (.parsing, nil)
            (chunkCount, embeddedCount, tokenCount) = (0, 0, 0)
            attempts += 1
            return [.read]
        case (.restarted, .parsing), (.restarted, .embedding):
            (state, chunkCount, embeddedCount, tokenCount) = (.parsing, 0, 0, 0)
            return [.read]
        case (.parsed(let chunks, let tokens), .parsing):
            (state, chunkCount, tokenCount) = (.embedding, chunks, tokens)
            return [.embed]
        case (.embedded(let count), .embedding):
            embeddedCount += count
            return [.checkpoint]
        case (.committed, .embedding):
            state = .ready
            return [.finish]
        case (.foundUnchanged, .parsing):
            state = .unchanged
            return [.finish]
        case (.removed, .queued), (.removed, .parsing):
            state = .deleted
            return [.finish]
        case (.refused(let failure, let isTransient, let chance), .parsing),
            (.refused(let failure, let isTransient, let chance), .embedding):
            self.failure = failure
            guard isTransient, attempts < Self.attemptsMax else {
                state = .failed
                return [.finish]
            }
            state = .queued
            return [.checkpoint, .wait(Self.wait(after: attempts) * min(max(chance, 0), 1))]
        case (.cancelled(let failure), .queued), (.cancelled(let failure), .parsing),
            (.cancelled(let failure), .embedding):
            (state, self.failure) = (.failed, failure)
            return [.finish]
        case (.retried, .failed):
            self = ItemMachine()
            return []
        default:
            return []
        }
    }

    /// The longest wait after so many tries.
    package static func wait(after attempts: Int) -> Duration {
        min(waitFirst * (1 << min(max(attempts, 1) - 1, 30)), waitMax)
    }
}
