import Store

/// What became of a document whose sender waited for it.
package struct PutOutcome: Sendable {
    package enum Word: Sendable, Equatable {
        case created, replaced, unchanged
    }

    package var word: Word

    /// The job that it was; nil where nothing was written.
    package var job: String?

    /// Sizes of the version that was committed; nil where none was, and where the request was done before.
    package var version: IngestedVersion?

    init(_ outcome: DocumentOutcome, job: String?) {
        self.job = job
        switch outcome {
        case .ingested(let ingested):
            word = ingested.isReplacement ? .replaced : .created
            version = ingested
        case .unchanged, .failed:
            word = .unchanged
        }
    }

    /// What became of the same request before; nil if it was never sent, or came to nothing.
    ///
    /// - Throws: `EngineError.requestInProgress`; `StoreError.requestKeyReused`.
    init?(of key: RequestKey, in store: WorkspaceStore) throws {
        guard let record = try store.job(of: key) else { return nil }
        guard record.state.isEnded else { throw EngineError.requestInProgress }
        guard record.state == .succeeded, let put = record.checkpoint.flatMap(PutRecord.init(text:)) else {
            // It failed: sent again, it is tried again.
            try store.releaseRequest(of: record.id)
            return nil
        }
        job = record.id.rawValue
        word =
            switch put.outcome {
            case .created: .created
            case .replaced: .replaced
            case .unchanged: .unchanged
            }
    }
}

extension JobRun {
    /// Ends the job of one document that was put.
    func finish(_ outcome: DocumentOutcome) throws {
        guard isCreated else { return }
        if case .unchanged = outcome { try markUnchanged() }
        try finish()
    }
}
