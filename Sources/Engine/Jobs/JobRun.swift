import Documents
import Foundation
import Store
import Synchronization

/// A job while it is being done: what the documents in hand are, and what of it must be written down.
///
/// What is kept of a document (vectors, the commit) and what the job says of it are one transaction; documents found
/// unchanged are counted, and written down many at a time.
final class JobRun: Sendable {
    let id: JobID
    let kind: JobKind
    private let store: WorkspaceStore
    private let source: String
    private let key: RequestKey?
    private let state: Mutex<State>

    private struct State {
        var isCreated = false
        var unwritten: [String: Int] = [:]
        var unwrittenCount = 0
        var inHand: [String: ItemMachine] = [:]
        var isCancelled = false
        var cancelledLook: ContinuousClock.Instant?
    }

    /// Unchanged documents that are counted before the count is written.
    private static let unwrittenMax = 256

    /// How often the Store is asked whether the job was called off.
    private static let lookInterval = Duration.milliseconds(200)

    /// - Parameters:
    ///   - id: of a job that is there; nil for one that is noted with the first that is kept of it.
    ///   - key: of the request that the job is.
    init(
        _ id: JobID? = nil, kind: JobKind, source: String, key: RequestKey? = nil, in workspace: Workspace
    ) {
        self.id = id ?? JobID(random: workspace.environment.randomBytes(17))
        self.kind = kind
        self.source = source
        self.key = key
        store = workspace.store
        state = Mutex(State(isCreated: id != nil))
    }

    /// Notes the job, if it is not there yet. Blocks.
    ///
    /// - Throws: `StoreError.requestRepeated`, `.requestKeyReused`.
    func create() throws {
        try state.withLock { state in
            guard !state.isCreated else { return }
            _ = try store.createJob(id, kind: kind.rawValue, source: source, key: key)
            state.isCreated = true
        }
    }

    /// Whether anything was written down of it.
    var isCreated: Bool { state.withLock { $0.isCreated } }

    /// What the documents in hand are, of which the Store may not know yet.
    var inHand: [String: ItemState] { state.withLock { $0.inHand.mapValues(\.state) } }

    /// Whether somebody has called the job off, as far as was seen; nil if it is time to look again.
    var knownCancelled: Bool? {
        state.withLock { state in
            if state.isCancelled || !state.isCreated { return state.isCancelled }
            guard let last = state.cancelledLook, ContinuousClock.now - last < Self.lookInterval else {
                return nil
            }
            return false
        }
    }

    /// Whether somebody has called the job off. Blocks now and then.
    func isCancelled() throws -> Bool {
        if let known = knownCancelled { return known }
        return try state.withLock { state in
            state.cancelledLook = ContinuousClock.now
            state.isCancelled = try store.job(id).state == .cancelled
            return state.isCancelled
        }
    }

    /// Follows a document through an event.
    func apply(_ event: ItemMachine.Event, to item: IngestItem) -> [ItemMachine.Action] {
        state.withLock { state in
            var machine = state.inHand[item.path] ?? ItemMachine()
            let actions = machine.apply(event)
            state.inHand[item.path] = machine
            return actions
        }
    }

    /// The document begins as one that was tried so often before.
    func resume(_ item: IngestItem, attempts: Int) {
        state.withLock { $0.inHand[item.path] = ItemMachine(attempts: attempts) }
    }

    /// The document is in nobody's hand any more.
    func letGo(_ item: IngestItem) {
        state.withLock { $0.inHand[item.path] = nil }
    }

    /// What is to be written beside what is kept of a document, as it is now.
    ///
    /// - Parameter counts: added to the job's.
    func checkpoint(of item: IngestItem, adding counts: [String: Int] = [:]) -> JobCheckpoint {
        JobCheckpoint(job: id, counts: counts, item: change(of: item))
    }

    /// What is to be written with a document's commit.
    func commitCheckpoint(of item: IngestItem, isNew: Bool, _ read: DocumentReading) -> JobCheckpoint {
        var machine = state.withLock { $0.inHand[item.path] } ?? ItemMachine()
        // The one in hand becomes ready when the commit is known to have happened.
        _ = machine.apply(.committed)
        let counts = [
            JobFigure.ready: 1, JobFigure.chunks: read.chunks.count, JobFigure.tokens: read.tokenCount,
        ]
        return JobCheckpoint(
            job: id, checkpoint: kind == .put ? PutRecord(outcome: isNew ? .created : .replaced).text : nil,
            counts: counts, item: change(of: item, machine))
    }

    /// What is to be written with a document's deletion.
    func deletionCheckpoint(of document: DocumentRecord) -> JobCheckpoint {
        var machine = ItemMachine()
        _ = machine.apply(.removed)
        let item = JobItem(
            path: document.externalID, mediaType: document.mediaType, byteCount: document.version.byteCount)
        return JobCheckpoint(
            job: id, counts: [JobFigure.deleted: 1],
            item: ItemChange(
                item, machine.state, attempts: 0, chunkCount: 0, embeddedCount: 0, tokenCount: 0, failure: nil
            ))
    }

    /// Notes that a document was found as it is to be. Blocks now and then.
    func noteUnchanged(_ item: IngestItem) throws {
        if item.content != nil {
            try write(item, adding: [JobFigure.unchanged: 1])
        } else if kind != .put {
            try count([JobFigure.unchanged: 1])
        }
    }

    /// Says what the whole job is about, as far as it is known. Blocks.
    func announce(documentCount: Int, byteCount: Int) throws {
        try add([JobFigure.documents: documentCount, JobFigure.bytes: byteCount])
    }

    /// Writes down what a document is now. Blocks.
    func write(_ item: IngestItem, retryAt: Timestamp? = nil, adding counts: [String: Int] = [:]) throws {
        try create()
        var change = change(of: item)
        change.retryAt = retryAt
        try store.record([change], adding: counts, to: id)
    }

    private func change(of item: IngestItem) -> ItemChange {
        change(of: item, state.withLock { $0.inHand[item.path] } ?? ItemMachine())
    }

    private func change(of item: IngestItem, _ machine: ItemMachine) -> ItemChange {
        ItemChange(
            JobItem(item), machine.state, attempts: machine.attempts, chunkCount: machine.chunkCount,
            embeddedCount: machine.embeddedCount, tokenCount: machine.tokenCount, failure: machine.failure)
    }

    /// Counts a document that has ended without leaving a row. Blocks now and then.
    private func count(_ counts: [String: Int]) throws {
        let due = state.withLock { state -> [String: Int]? in
            state.unwritten.merge(counts) { $0 + $1 }
            state.unwrittenCount += 1
            guard state.unwrittenCount >= Self.unwrittenMax else { return nil }
            defer { (state.unwritten, state.unwrittenCount) = ([:], 0) }
            return state.unwritten
        }
        if let due { try add(due) }
    }

    private func add(_ counts: [String: Int]) throws {
        try create()
        try store.record([], adding: counts, to: id)
    }

    /// The one document of the job was as it was to be.
    func markUnchanged() throws {
        try store.updateJob(
            id, state: .running, checkpoint: PutRecord(outcome: .unchanged).text,
            counts: [JobFigure.unchanged: 1])
    }

    /// Ends the job of one document that came to nothing: its sender was told. Blocks.
    func giveUp() throws {
        guard isCreated, try !store.finishJob(id).state.isEnded else { return }
        _ = try store.interruptJob(id, failing: JobFailure.interrupted)
    }

    /// Ends the job, if it was ever noted. Blocks.
    func finish() throws {
        let due = state.withLock { state in
            defer { (state.unwritten, state.unwrittenCount) = ([:], 0) }
            return state.unwritten
        }
        if !due.isEmpty, kind != .put { try add(due) }
        if isCreated { _ = try store.finishJob(id) }
    }
}

/// What became of one document whose sender waited for it, to be told again to a request that is sent again.
struct PutRecord: Codable, Sendable, Equatable {
    enum Outcome: String, Codable, Sendable {
        case created, replaced, unchanged
    }

    var outcome: Outcome

    /// As the Store keeps it.
    var text: String { #"{"outcome":"\#(outcome.rawValue)"}"# }

    init(outcome: Outcome) {
        self.outcome = outcome
    }

    /// Nil for what is none.
    init?(text: String) {
        guard let found = try? JSONDecoder().decode(PutRecord.self, from: Data(text.utf8)) else { return nil }
        self = found
    }
}

extension JobItem {
    init(_ item: IngestItem) {
        self.init(
            path: item.path, mediaType: item.mediaType.rawValue, attributes: item.given.stored,
            origin: item.origin, content: item.content, byteCount: item.byteCount)
    }
}
