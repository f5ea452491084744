package import Embedding

/// How far a migration has come in this run.
package struct MigrationProgress: Sendable, Hashable {
    /// Passages that were looked at, out of those there are. What is committed meanwhile is looked at too.
    package var passedCount = 0
    package var passageCount: Int

    /// Texts that had no vector in the new space, and got one.
    package var embeddedCount = 0

    /// Tokens of these texts that the model read, special ones included.
    package var tokenCount = 0

    /// Of these texts, those longer than the model's window: what is beyond it was not read.
    package var truncatedCount = 0

    /// Texts that the model would not embed.
    package var refusedCount = 0

    package init(passageCount: Int) {
        self.passageCount = passageCount
    }
}

/// A step of a migration. What it tells of is on the disk.
package enum MigrationEvent: Sendable, Equatable {
    case began(from: EmbeddingSpace, to: EmbeddingSpace, passageCount: Int)

    /// A batch of vectors was stored.
    case embedded(MigrationProgress)

    /// A step of building the new index: sealing, training or compaction.
    case indexing(MaintenanceEvent.Moment)

    /// Everything so far has a vector, and the new index holds it.
    case indexed

    /// Searches are answered from the new space.
    case cutOver
}

/// What a migration did.
package struct MigrationReport: Sendable, Equatable {
    package enum Outcome: String, Sendable {
        /// The workspace had this model already, or no vectors at all.
        case nothingToDo = "nothing_to_do"

        /// The budget is spent; searches go on in the old space. Run it again to go on.
        case paused

        /// The model refuses passages of documents that are live: see `refusedPassages`. All others have their vectors,
        /// searches go on in the old space. Change or remove those documents, then run it again.
        case blocked
        case finished
    }

    package var outcome: Outcome

    /// The space that was live when it began; nil if there was none.
    package var from: EmbeddingSpace?
    package var to: EmbeddingSpace
    package var progress: MigrationProgress

    /// What keeps it from the cut-over, the first of them; see `refusedPassagesMax`.
    package var refusedPassages: [RefusedPassage] = []

    /// Enough to see what is wrong with them; when they are mended the next run tells of others.
    package static let refusedPassagesMax = 100
}

/// A passage of a live document that a model will not embed.
package struct RefusedPassage: Sendable, Equatable {
    package let path: String
    package let lines: ClosedRange<Int>

    /// The embedder's own words; they may quote the text.
    package let reason: String

    package init(path: String, lines: ClosedRange<Int>, reason: String) {
        (self.path, self.lines, self.reason) = (path, lines, reason)
    }
}

/// What was taken away with a space.
package struct DropReport: Sendable, Equatable {
    /// The space; nil if one was dropped before, and this only took away what was left of it.
    package var space: EmbeddingSpace?
    package var embeddingCount = 0
    package var segmentCount = 0

    /// Vectors that stay until the dead passages that have no other are collected.
    package var keptCount = 0

    package init(space: EmbeddingSpace? = nil) {
        self.space = space
    }
}

/// A workspace in one of its spaces.
package struct SpaceSummary: Sendable, Equatable {
    package enum State: String, Sendable {
        /// Searched.
        case live

        /// A migration to it was begun.
        case building

        /// Searched before the last cut-over; the way back.
        case previous

        /// Being taken away.
        case dropped
    }

    package var state: State
    package var space: EmbeddingSpace
    package var embeddingCount: Int
    package var segmentCount: Int
    package var segmentByteCount: Int
}

/// Why nothing is done about a workspace's spaces.
package enum MigrationRefusal: Sendable, Hashable {
    /// Another process is doing something about them.
    case running

    /// A migration to another space was begun: finish it or cancel it first.
    case building(EmbeddingSpace)

    /// The space before the last cut-over is kept: drop it first.
    case kept(EmbeddingSpace)
    case nothingKept
    case nothingBuilding
}
