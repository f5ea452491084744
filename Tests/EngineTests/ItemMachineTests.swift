import Engine
import Store
import Testing

/// The machine of one document of a job, event by event.
struct ItemMachineTests {
    typealias Event = ItemMachine.Event
    typealias Action = ItemMachine.Action

    static let lasting = Event.refused(
        ItemFailure(code: "document_not_text", reason: "it is a PNG", isRetriable: false), isTransient: false,
        chance: 1)
    static let passing = Event.refused(
        ItemFailure(code: "embedder_failed", reason: "429", isRetriable: true), isTransient: true, chance: 1)
    static let cancelled = Event.cancelled(
        ItemFailure(code: "cancelled", reason: "called off", isRetriable: true))
    static let parsed = Event.parsed(chunkCount: 3, tokenCount: 40)

    /// How each state is reached.
    static let paths: [ItemState: [Event]] = [
        .queued: [], .parsing: [.started], .embedding: [.started, parsed],
        .ready: [.started, parsed, .embedded(count: 3), .committed],
        .unchanged: [.started, .foundUnchanged], .deleted: [.removed], .failed: [.started, lasting],
    ]

    /// Every event that does anything, in every state in which it does.
    static let table: [(ItemState, Event, ItemState, [Action])] = [
        (.queued, .started, .parsing, [.read]),
        (.queued, .removed, .deleted, [.finish]),
        (.queued, cancelled, .failed, [.finish]),
        (.parsing, parsed, .embedding, [.embed]),
        (.parsing, .restarted, .parsing, [.read]),
        (.parsing, .foundUnchanged, .unchanged, [.finish]),
        (.parsing, .removed, .deleted, [.finish]),
        (.parsing, lasting, .failed, [.finish]),
        (.parsing, passing, .queued, [.checkpoint, .wait(.seconds(1))]),
        (.parsing, cancelled, .failed, [.finish]),
        (.embedding, .embedded(count: 1), .embedding, [.checkpoint]),
        (.embedding, .committed, .ready, [.finish]),
        (.embedding, .restarted, .parsing, [.read]),
        (.embedding, lasting, .failed, [.finish]),
        (.embedding, passing, .queued, [.checkpoint, .wait(.seconds(1))]),
        (.embedding, cancelled, .failed, [.finish]),
        (.failed, .retried, .queued, []),
    ]

    static let events: [Event] = [
        .started, .restarted, parsed, .embedded(count: 1), .committed, .foundUnchanged, .removed, lasting,
        passing, cancelled, .retried,
    ]

    static func machine(in state: ItemState) -> ItemMachine {
        var machine = ItemMachine()
        for event in paths[state] ?? [] { _ = machine.apply(event) }
        return machine
    }

    @Test(arguments: ItemState.allCases)
    func `each event does what the table says, and what is not in it does nothing`(state: ItemState) {
        #expect(Self.machine(in: state).state == state)
        for event in Self.events {
            var machine = Self.machine(in: state)
            let before = machine
            let actions = machine.apply(event)
            if let row = Self.table.first(where: { $0.0 == state && $0.1 == event }) {
                #expect(machine.state == row.2 && actions == row.3, "\(state) \(event)")
            } else {
                #expect(machine == before && actions.isEmpty, "\(state) \(event)")
            }
        }
    }

    @Test func `a failure that passes is tried four times, each after a longer wait, and then it lasts`() {
        var machine = ItemMachine()
        var waits: [Duration] = []
        while machine.state == .queued {
            _ = machine.apply(.started)
            for case .wait(let pause) in machine.apply(Self.passing) { waits.append(pause) }
        }
        #expect(waits == [.seconds(1), .seconds(2), .seconds(4)])
        #expect(machine.state == .failed && machine.attempts == ItemMachine.attemptsMax)
        #expect(machine.failure?.code == "embedder_failed")
    }

    @Test func `the wait is a share of the longest one, which never passes a minute`() {
        var machine = ItemMachine(attempts: 1)
        _ = machine.apply(.started)
        let failure = ItemFailure(code: "store_busy", reason: "busy", isRetriable: true)
        let actions = machine.apply(.refused(failure, isTransient: true, chance: 0.25))
        #expect(actions == [.checkpoint, .wait(.milliseconds(500))])
        #expect(ItemMachine.wait(after: 7) == .seconds(60) && ItemMachine.wait(after: 4_000) == .seconds(60))
    }

    @Test func `what was counted of a try that failed is not counted again`() {
        var machine = Self.machine(in: .embedding)
        _ = machine.apply(.embedded(count: 2))
        #expect(machine.embeddedCount == 2 && machine.chunkCount == 3 && machine.tokenCount == 40)
        _ = machine.apply(Self.passing)
        _ = machine.apply(.started)
        #expect(machine.embeddedCount == 0 && machine.chunkCount == 0 && machine.attempts == 2)
    }
}
