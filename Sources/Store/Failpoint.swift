import Glibc
import Synchronization

/// A moment between two steps of a change, at which a process can be made to die so that what it leaves behind is
/// looked at (`make crash-test` visits every one).
///
/// "Written" is inside the transaction or before the sync, "durable" behind it.
package enum Failpoint: String, CaseIterable, Sendable {
    case blobWritten = "blob-written"
    case blobNamed = "blob-named"
    case blobDurable = "blob-durable"
    case embeddingsWritten = "embeddings-written"
    case embeddingsDurable = "embeddings-durable"
    case versionWritten = "version-written"
    case versionDurable = "version-durable"
    case commitWritten = "commit-written"
    case commitDurable = "commit-durable"
    case commitFollowed = "commit-followed"
    case deletionWritten = "deletion-written"
    case deletionDurable = "deletion-durable"
    case discardWritten = "discard-written"
    case moveWritten = "move-written"
    case moveDurable = "move-durable"

    case jobCreated = "job-created"
    case itemsWritten = "items-written"
    case itemsDurable = "items-durable"
    case itemStateDurable = "item-state-durable"
    case jobMoved = "job-moved"
    case waitingNoted = "waiting-noted"

    case segmentAllocated = "segment-allocated"
    case segmentSealed = "segment-sealed"
    case segmentRecording = "segment-recording"
    case segmentRecorded = "segment-recorded"
    case segmentPublished = "segment-published"
    case segmentsUnlinked = "segments-unlinked"
    case quantizerSealed = "quantizer-sealed"
    case quantizerRecorded = "quantizer-recorded"
    case quantizerWithdrawn = "quantizer-withdrawn"
    case sweepUnlinked = "sweep-unlinked"

    case garbageMarked = "garbage-marked"
    case garbageSwept = "garbage-swept"
    case garbageForgotten = "garbage-forgotten"
    case garbageEmbeddings = "garbage-embeddings"
    case garbageBlobUnlinked = "garbage-blob-unlinked"
    case garbageDone = "garbage-done"

    case spaceBegun = "space-begun"
    case spaceIndexed = "space-indexed"
    case cutOverWritten = "cut-over-written"
    case cutOverDurable = "cut-over-durable"
    case dropBegun = "drop-begun"
    case dropStepped = "drop-stepped"

    case workspaceMade = "workspace-made"
    case workspaceRecorded = "workspace-recorded"
    case workspaceMarked = "workspace-marked"
    case workspaceTrashed = "workspace-trashed"
    case workspaceRenamed = "workspace-renamed"
    case workspaceRemoved = "workspace-removed"
    case keyWritten = "key-written"
}

/// Where a process is to die, and how often it passes there first.
package struct FailpointTrap: Sendable {
    package let point: Failpoint

    /// The pass that is the last one, from 1.
    package let pass: Int

    /// Passes that a trap can wait for at most: more than any test makes.
    private static let passMax = 1_000_000

    /// Nil unless `text` is the name of a failpoint, and perhaps a number behind a colon: `commit-durable:3`.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, let point = parts.first.flatMap({ Failpoint(rawValue: String($0)) }),
            let pass = parts.count == 2 ? Int(parts[1]) : 1, (1...Self.passMax).contains(pass)
        else { return nil }
        self.point = point
        self.pass = pass
    }

    /// What `StoreEnvironment.reached` is to call: ends the process as a power switch would, by SIGKILL, at the pass
    /// that was named.
    package func armed() -> @Sendable (Failpoint) -> Void {
        let passes = PassCount()
        return { point in
            guard point == self.point, passes.next() == self.pass else { return }
            kill(getpid(), SIGKILL)
        }
    }
}

private final class PassCount: Sendable {
    private let count = Atomic(0)

    func next() -> Int {
        count.add(1, ordering: .relaxed).newValue
    }
}
