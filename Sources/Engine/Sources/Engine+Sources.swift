import Kernels
import Store

extension Engine {
    /// Takes in all that a source has, as `ingest` of a list does, with memory for a few documents whatever their
    /// number.
    ///
    /// Where the source cannot be read to its end, what came before stays, and the progress says why
    /// (`interruption`).
    ///
    /// - Parameters:
    ///   - survey: what to expect, for the report.
    ///   - name: what the source is called, for the list of jobs.
    ///   - report: called with every step, from any thread, one call at a time.
    /// - Throws: `EngineError.spaceMismatch`, `.workspaceNotFound`, `StoreError`.
    package func ingest(
        from source: any IngestSource, expecting survey: SourceSurvey = SourceSurvey(),
        named name: String = "", in scope: WorkspaceScope,
        report: @escaping @Sendable (IngestEvent) -> Void = { _ in }
    ) async throws -> IngestProgress {
        let progress = ProgressLog(report: report)
        try await withSession(in: scope) { pipeline in
            let job = JobRun(kind: .local, source: name, in: pipeline.workspace)
            active.add(job)
            defer { active.remove(job) }
            try await pool.run(in: .background) {
                try job.announce(documentCount: survey.documentCount, byteCount: survey.byteCount)
            }
            progress.record(
                .started(
                    documentCount: survey.documentCount, byteCount: survey.byteCount, skippedPaths: []))
            await pipeline.run(source, of: job) { progress.record($0) }
            // Whoever calls it off leaves it to be ended as interrupted.
            if !Task.isCancelled { try await pool.run(in: .background) { try job.finish() } }
        }
        try Task.checkCancellation()
        return progress.value
    }
}

extension Engine {
    /// Watches a folder from now on; see `FolderWatch.follow`.
    package func watch(_ source: FileSource) async throws -> FolderWatch {
        try await FolderWatch.begin(source, on: pool)
    }
}
