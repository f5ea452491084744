/// A step of the work on indexes that nobody waits for.
package struct MaintenanceEvent: Sendable, Equatable {
    package enum Work: String, Sendable {
        case training, compaction
        case recallMeasurement = "recall measurement"
        case refresh
        case garbageCollection = "garbage collection"
    }

    package enum Moment: Sendable, Equatable {
        case begun

        /// The file is on the disk, and nothing names it yet.
        case written

        /// The manifest names it.
        case recorded

        /// Searches use it. What it replaced is still on the disk.
        case published

        /// All is done.
        case ended(Duration)

        /// Called off, or overtaken by another process; nothing of it was changed.
        case dropped
        case failed(FaultDetail)
    }

    /// The workspace's name.
    package var workspace: String
    package var work: Work
    package var moment: Moment
}
