import Engine
import HTTPTypes
import Hummingbird
import NIOCore

/// Jobs: listing, looking at, following, calling off, trying again.
enum JobRoutes {
    private static let states = JobItemSummary.State.allCases.map(\.rawValue)

    static let routes: [Route] = [
        Route(
            method: .get, path: "/v1/workspaces/{workspace}/jobs", operation: "listJobs",
            summary: "The workspace's jobs, newest first. Jobs that ended are kept for a week.",
            query: PageParameters.fields,
            answers: [(.ok, "A page of jobs.", .json(Page<JobObject>.schema(of: JobObject.self)))],
            problems: [.cursorInvalid], door: .workspace(.read, list)),
        Route(
            method: .get, path: "/v1/workspaces/{workspace}/jobs/{job}", operation: "getJob",
            summary: "A job and how far it has come.",
            answers: [(.ok, "The job.", .json(.reference(JobObject.self)))],
            problems: [.jobNotFound], door: .workspace(.read, get)),
        Route(
            method: .get, path: "/v1/workspaces/{workspace}/jobs/{job}/documents",
            operation: "listJobDocuments",
            summary: "A job's documents in one state; those that failed are its dead letters.",
            query: PageParameters.fields + [
                Field("state", .choice("`failed` if absent.", states), isRequired: false)
            ],
            answers: [(.ok, "A page.", .json(Page<JobItemObject>.schema(of: JobItemObject.self)))],
            problems: [.jobNotFound, .cursorInvalid], door: .workspace(.read, documents)),
        Route(
            method: .get, path: "/v1/workspaces/{workspace}/jobs/{job}/events", operation: "followJob",
            summary:
                "A job's changes as server-sent events, until it has ended: `document` with a document of the job "
                + "as it is now, `job` with the job; `Last-Event-ID` goes on where a stream was cut off.",
            headers: [lastEventID],
            answers: [(.ok, "The events.", .bytes(mediaTypes: ["text/event-stream"]))],
            problems: [.jobNotFound], door: .workspace(.read, events)),
        Route(
            method: .post, path: "/v1/workspaces/{workspace}/jobs/{job}/cancel", operation: "cancelJob",
            summary:
                "Calls a job off. Documents in hand may still come to be; a job that has ended is left as it is.",
            answers: [(.ok, "The job.", .json(.reference(JobObject.self)))],
            problems: [.jobNotFound], door: .workspace(.write, cancel)),
        Route(
            method: .post, path: "/v1/workspaces/{workspace}/jobs/{job}/retry", operation: "retryJob",
            summary: "Queues an upload's failed documents again.",
            answers: [(.accepted, "The job.", .json(.reference(JobObject.self)))],
            problems: [.jobNotFound, .jobNotResumable, .jobNotEnded], door: .workspace(.write, retry)),
    ]

    private static let lastEventID = Field(
        "Last-Event-ID", .string("The `id` of the last event that was received."), isRequired: false)

    @Sendable private static func list(_ call: Call, _ scope: WorkspaceScope) async throws -> Answer {
        let listName = "jobs of \(scope.id)"
        let (limit, after) = try call.page(of: listName)
        guard let before = after.map(Int64.init) ?? .max else { throw ServerError.cursorInvalid }
        let found = try await call.engine.withLibrary {
            try $0.jobs(in: scope, before: before, limit: limit + 1)
        }
        return try .json(
            Page(found, limit: limit, element: JobObject.init) {
                PageCursor(list: listName, after: String($0.ordinal))
            })
    }

    @Sendable private static func get(_ call: Call, _ scope: WorkspaceScope) async throws -> Answer {
        let id = call.parameter("job")
        return try .json(JobObject(try await call.engine.withLibrary { try $0.job(id, in: scope) }))
    }

    @Sendable private static func documents(_ call: Call, _ scope: WorkspaceScope) async throws -> Answer {
        let id = call.parameter("job")
        let state = try call.choice("state", of: JobItemSummary.State.self) ?? .failed
        let listName = "\(state.rawValue) documents of \(id)"
        let (limit, after) = try call.page(of: listName)
        guard let ordinal = Int64(after ?? "0") else { throw ServerError.cursorInvalid }
        let found = try await call.engine.jobItems(
            of: id, in: state, after: ordinal, limit: limit + 1, scope: scope)
        return try .json(
            Page(found, limit: limit, element: JobItemObject.init) {
                PageCursor(list: listName, after: String($0.ordinal))
            })
    }

    @Sendable private static func cancel(_ call: Call, _ scope: WorkspaceScope) async throws -> Answer {
        let id = call.parameter("job")
        return try .json(JobObject(try await call.engine.withLibrary { try $0.cancelJob(id, in: scope) }))
    }

    @Sendable private static func retry(_ call: Call, _ scope: WorkspaceScope) async throws -> Answer {
        let job = try await call.engine.retryJob(call.parameter("job"), in: scope)
        return try .json(JobObject(job), status: .accepted)
    }

    // MARK: Events

    /// Events of one look at the Store.
    private static let eventsAtOnce = 256

    @Sendable private static func events(_ call: Call, _ scope: WorkspaceScope) async throws -> Answer {
        let id = call.parameter("job")
        let after = try call.lastEventID()
        let (engine, times, isStopping) = (call.engine, call.streamTimes, call.isStopping)
        // A job that is not there is refused as any other, not in a stream.
        _ = try await engine.withLibrary { try $0.job(id, in: scope) }
        let place = try call.streams.enter()
        return Answer(
            status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"]
        ) { writer in
            defer { withExtendedLifetime(place) {} }
            try await writer.write(EventText.retry)
            var last = after
            var lastWrite = ContinuousClock.now
            var told: JobObject.Told?
            while !isStopping.isSet {
                let (items, job) = try await engine.jobChanges(
                    of: id, after: last, limit: eventsAtOnce, scope: scope)
                for item in items {
                    try await writer.write(
                        EventText.event("document", id: item.event, JobItemObject(item)))
                    last = item.event
                }
                let now = JobObject.Told(job)
                if items.count < eventsAtOnce, told != now {
                    last = max(last, job.event)
                    try await writer.write(EventText.event("job", id: last, JobObject(job)))
                    told = now
                    lastWrite = .now
                }
                if items.count == eventsAtOnce { continue }
                if job.state.isEnded { break }
                if ContinuousClock.now - lastWrite >= times.heartbeat {
                    try await writer.write(EventText.heartbeat)
                    lastWrite = .now
                }
                try await Task.sleep(for: times.look)
            }
            try await writer.finish(nil)
        }
    }
}

extension JobObject {
    /// What of a job is told again when it changes; its last sign of life is not.
    fileprivate struct Told: Equatable {
        let state: JobSummary.State
        let counts: [Int]

        init(_ job: JobSummary) {
            state = job.state
            counts = [
                job.documentCount, job.readyCount, job.unchangedCount, job.deletedCount, job.failedCount,
                job.chunkCount, job.embeddedCount,
            ]
        }
    }
}
