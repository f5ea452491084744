import Foundation
import Synchronization

/// A fixed number of threads that take work from one queue, first come, first served.
///
/// Dispatch's threads are shared by everybody, so a niceness given to one of them would stay with it when it
/// does somebody else's work. These belong to one lane for good.
// SAFETY: `waiting`, `first`, `idleCount`, `startedCount` and `isFinished` are read and written only while
// `condition` is locked; all else is immutable.
final class WorkerThreads: @unchecked Sendable {
    private let name: String
    private let count: Int
    private let niceness: Int
    private let condition = NSCondition()
    private var waiting: [@Sendable () -> Void] = []
    private var first = 0
    private var idleCount = 0
    private var startedCount = 0
    private var isFinished = false

    /// Pieces of work added so far: what a thread that watches sees change.
    private let addedCount = Atomic(0)

    /// Whether an idle thread watches for work instead of sleeping; one at a time.
    private let isWatched = Atomic(false)

    /// How long it does. A question goes to a thread and back several times, and to wake one takes as long as some of
    /// what is done there.
    private static let watchNanoseconds: UInt64 = 50_000

    /// On one core watching would only keep others from bringing work.
    private static let hasCores = ProcessInfo.processInfo.activeProcessorCount > 1

    /// BLAS keeps large blocks on its caller's stack; the system's own default for a main thread is as large.
    private static let stackBytes = 8 * 1024 * 1024

    init(name: String, count: Int, niceness: Int) {
        self.name = name
        self.count = count
        self.niceness = niceness
    }

    /// Queues `work`. A thread is started only where too few are idle.
    func add(_ work: @escaping @Sendable () -> Void) {
        condition.lock()
        waiting.append(work)
        if waiting.count - first > idleCount, startedCount < count {
            startedCount += 1
            start(number: startedCount)
        }
        addedCount.add(1, ordering: .releasing)
        let mustWake = idleCount > 0 && !isWatched.load(ordering: .acquiring)
        // A thread that is woken under the lock would only wait for that.
        condition.unlock()
        if mustWake { condition.signal() }
    }

    /// Ends the threads once the queue is empty. Nothing may be added afterwards.
    func finish() {
        condition.lock()
        isFinished = true
        condition.broadcast()
        condition.unlock()
    }

    private func start(number: Int) {
        let thread = Thread { self.work() }
        thread.name = "\(name).\(number)"
        thread.stackSize = Self.stackBytes
        thread.start()
    }

    private func work() {
        if niceness > 0 { ThreadPriority.lower(to: niceness) }
        while let next = take() { next() }
    }

    /// The next piece of work; nil at the end.
    private func take() -> (@Sendable () -> Void)? {
        condition.lock()
        defer { condition.unlock() }
        if first == waiting.count, !isFinished { watch() }
        while first == waiting.count {
            if isFinished { return nil }
            idleCount += 1
            condition.wait()
            idleCount -= 1
        }
        // Whoever watches takes one piece; those that came with it are others' to take.
        if waiting.count - first > 1, idleCount > 0 { condition.signal() }
        let next = waiting[first]
        first += 1
        if first == waiting.count {
            waiting.removeAll(keepingCapacity: true)
            first = 0
        } else if first == Self.compactionCount {
            waiting.removeFirst(first)
            first = 0
        }
        return next
    }

    /// Looks for a moment whether work comes, without the lock, which is held before and after. Whoever adds some
    /// meanwhile wakes nobody; the queue is looked at again after this in any case.
    private func watch() {
        guard Self.hasCores,
            isWatched.compareExchange(expected: false, desired: true, ordering: .acquiringAndReleasing)
                .exchanged
        else { return }
        let seen = addedCount.load(ordering: .acquiring)
        idleCount += 1
        condition.unlock()
        let end = DispatchTime.now().uptimeNanoseconds + Self.watchNanoseconds
        while addedCount.load(ordering: .acquiring) == seen, DispatchTime.now().uptimeNanoseconds < end {}
        condition.lock()
        idleCount -= 1
        isWatched.store(false, ordering: .releasing)
    }

    /// Work done is dropped from the front of the queue a good many at a time.
    private static let compactionCount = 1024
}

/// The calling thread's place among the system's threads.
enum ThreadPriority {
    /// - Parameter niceness: 1 to 19. A system that refuses leaves the thread as it was: the work is done all
    ///   the same, only not more politely.
    static func lower(to niceness: Int) {
        // On Linux, 0 is the calling thread, not its process: `man 2 setpriority`, "C library/kernel differences".
        _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, Int32(niceness))
    }

    /// The calling thread's niceness.
    static var current: Int { Int(getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0)) }
}
