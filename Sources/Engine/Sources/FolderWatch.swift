import Foundation
package import Kernels

/// Follows a folder: tells which paths of it are to be looked at again, once it is quiet.
///
/// Folders that are made or moved to there are watched from then on; what was put into one before that is not missed,
/// because its whole folder is looked at.
package final class FolderWatch: Sendable {
    /// What is to be looked at again.
    package enum Changes: Sendable, Equatable {
        /// These paths within the source, and all below them.
        case paths([String])

        /// Everything.
        case all
    }

    private enum Signal: Sendable {
        case happened(FolderEvent)
        case woke
    }

    /// An editor that saves writes several files within a tenth of a second; a build never stops.
    package static let quiet = Duration.milliseconds(500)
    package static let patience = Duration.seconds(10)

    private let source: FileSource
    private let folders: FolderEvents
    private let pool: ComputePool

    /// Watches from now on.
    ///
    /// - Throws: `POSIXError`; ENOSPC where the user may watch no more folders (`fs.inotify.max_user_watches`).
    package static func begin(_ source: FileSource, on pool: ComputePool) async throws -> FolderWatch {
        let folders = try FolderEvents()
        try await pool.run(in: .background) { try watch("", of: source, folders) }
        return FolderWatch(source, folders, pool)
    }

    private init(_ source: FileSource, _ folders: FolderEvents, _ pool: ComputePool) {
        self.source = source
        self.folders = folders
        self.pool = pool
    }

    /// Ends `follow`.
    package func stop() {
        folders.stop()
    }

    /// Calls `body` with what is to be looked at again, until `stop` or cancellation. What happens meanwhile is
    /// gathered.
    ///
    /// - Throws: what `body` throws; `POSIXError` where a new folder cannot be watched.
    package func follow(
        clock: some Clock<Duration> = ContinuousClock(), quiet: Duration = quiet,
        patience: Duration = patience, _ body: (Changes) async throws -> Void
    ) async throws {
        let start = clock.now
        let (signals, continuation) = AsyncStream.makeStream(of: Signal.self)
        let forwarding = Task { await Self.forward(folders.events, to: continuation) }
        defer { forwarding.cancel() }
        var round = Round(gathering: ChangeGathering(quiet: quiet, patience: patience))
        for await signal in signals {
            if case .happened(let event) = signal { try await watchIfNew(event) }
            round.note(signal, at: start.duration(to: clock.now))
            if let changes = round.gathering.take(at: start.duration(to: clock.now)) {
                try await body(changes)
            }
            if let due = round.fallAsleep() {
                Self.wake(at: start.advanced(by: due), by: clock, continuation)
            }
        }
    }

    private static func forward(
        _ events: AsyncStream<FolderEvent>, to continuation: AsyncStream<Signal>.Continuation
    ) async {
        for await event in events { continuation.yield(.happened(event)) }
        continuation.finish()
    }

    /// Sleeps for `patience` at most; nobody has to wait for it.
    private static func wake<Wall: Clock<Duration>>(
        at moment: Wall.Instant, by clock: Wall, _ continuation: AsyncStream<Signal>.Continuation
    ) {
        Task {
            try? await clock.sleep(until: moment, tolerance: nil)
            continuation.yield(.woke)
        }
    }

    /// What was gathered, and whether somebody will wake to hand it out.
    private struct Round {
        var gathering: ChangeGathering
        private var isAsleep = false

        init(gathering: ChangeGathering) {
            self.gathering = gathering
        }

        mutating func note(_ signal: Signal, at now: Duration) {
            switch signal {
            case .woke: isAsleep = false
            case .happened(let event): gathering.add(event, at: now)
            }
        }

        /// When to wake; nil if there is nothing to wake for, or somebody sleeps already.
        mutating func fallAsleep() -> Duration? {
            guard !isAsleep, let due = gathering.due else { return nil }
            isAsleep = true
            return due
        }
    }

    private func watchIfNew(_ event: FolderEvent) async throws {
        switch event {
        case .changed(let path, isFolder: true, appeared: true):
            try await pool.run(in: .background) { try Self.watch(path, of: self.source, self.folders) }
        case .overflow:
            // A folder may have been made that nobody told of.
            try await pool.run(in: .background) { try Self.watch("", of: self.source, self.folders) }
        case .changed: break
        }
    }

    /// Watches a folder and all within it that are wanted. What cannot be looked into is told by the ingest.
    private static func watch(_ path: String, of source: FileSource, _ folders: FolderEvents) throws {
        var walk = source.makeWalk()
        try watch(path, of: source, folders, &walk)
    }

    private static func watch(
        _ path: String, of source: FileSource, _ folders: FolderEvents, _ walk: inout FolderWalk
    ) throws {
        // Watched first: what is made in it from here on is told, and what was before is seen.
        guard try folders.watch(path.isEmpty ? source.root : source.root + "/" + path, as: path) else {
            return
        }
        for inner in walk.folders(in: path) { try watch(inner, of: source, folders, &walk) }
    }
}
