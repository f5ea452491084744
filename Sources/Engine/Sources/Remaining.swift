import Synchronization

/// Values that are taken one after the other.
final class Remaining<Value: Sendable>: Sendable {
    private let values: Mutex<ArraySlice<Value>>

    init(_ values: [Value]) {
        self.values = Mutex(values[...])
    }

    var first: Value? { values.withLock { $0.first } }

    func next() -> Value? { values.withLock { $0.popFirst() } }
}
