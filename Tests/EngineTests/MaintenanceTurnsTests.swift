import Engine
import Store
import Testing

struct MaintenanceTurnsTests {
    /// Times are seconds.
    private enum Event {
        case want(Int64)
        case begin
        case end(MaintenanceTurns.Outcome, Int64)
        case stop
    }

    /// Tells one workspace what happens, and compares what it decides.
    private func check(_ script: [(Event, Bool)], sourceLocation: SourceLocation = #_sourceLocation) {
        var turns = MaintenanceTurns()
        func time(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: seconds * 1_000) }
        for (number, (event, expected)) in script.enumerated() {
            let decision =
                switch event {
                case .want(let now): turns.want(at: time(now))
                case .begin: turns.begin()
                case .end(let outcome, let now): turns.end(outcome, at: time(now))
                case .stop: Self.stopped(&turns)
                }
            #expect(decision == expected, "event \(number): \(event)", sourceLocation: sourceLocation)
        }
    }

    private static func stopped(_ turns: inout MaintenanceTurns) -> Bool {
        turns.stop()
        return turns.isStopped
    }

    @Test func `a workspace stands in the queue once, however often it wants to`() {
        check([
            (.want(0), true), (.want(0), false), (.begin, true),
            // What is wanted while a step is done is another turn.
            (.want(1), true), (.end(.progressed, 2), false), (.begin, true),
            (.end(.progressed, 3), true), (.begin, true), (.end(.nothingToDo, 4), false), (.want(4), true),
        ])
    }

    @Test func `after a failure it waits, longer each time, up to an hour, until a step is done again`() {
        var script: [(Event, Bool)] = []
        var now: Int64 = 0
        for pause: Int64 in [60, 120, 240, 480, 960, 1_920, 3_600, 3_600] {
            script += [
                (.want(now), true), (.begin, true), (.end(.failed, now), false),
                (.want(now + pause - 1), false),
            ]
            now += pause
        }
        script += [
            (.want(now), true), (.begin, true), (.end(.progressed, now), true), (.begin, true),
            (.end(.failed, now), false), (.want(now + 59), false), (.want(now + 60), true),
        ]
        check(script)
    }

    @Test func `once stopped it has no turn any more, not even one it was queued for`() {
        check([
            (.want(0), true), (.stop, true), (.begin, false), (.want(1), false),
            (.end(.progressed, 1), false),
        ])
    }
}
