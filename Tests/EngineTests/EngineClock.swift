import Store
import Synchronization

/// A clock that stands until it is told to go on.
final class EngineClock: Sendable {
    private let milliseconds: Mutex<Int64>

    init(milliseconds: Int64) {
        self.milliseconds = Mutex(milliseconds)
    }

    func advance(milliseconds: Int64) {
        self.milliseconds.withLock { $0 += milliseconds }
    }

    var environment: StoreEnvironment {
        StoreEnvironment(
            now: { [self] in Timestamp(milliseconds: milliseconds.withLock { $0 }) },
            randomBytes: StoreEnvironment.system.randomBytes)
    }
}
