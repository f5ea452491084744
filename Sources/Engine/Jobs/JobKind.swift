/// What a job does, and with whose bytes.
package enum JobKind: String, Sendable, CaseIterable {
    /// Files and streams that only the process doing it can read. If it dies, it is run again by whoever ran it.
    case local

    /// One document, whose sender waits for the answer. If the process dies, nothing was promised.
    case put

    /// Documents whose bytes the workspace holds: acknowledged before they are read, and done whoever dies.
    case upload

    /// A request that was one transaction, noted for its key alone.
    case delete, move, change

    /// Whether whoever opens the workspace next can do it.
    var isResumable: Bool { self == .upload }
}
