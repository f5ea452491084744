import Store

/// Where an ingest sets aside what its documents may add to their workspace.
struct QuotaDesk: Sendable {
    let catalog: Catalog
    let workspace: Workspace

    /// Sets aside what a document would add: its bytes beyond those it has, and itself if it is new. Blocks.
    ///
    /// - Returns: what to settle when the document's work has ended; nil where nothing is bounded or nothing grows.
    /// - Throws: `StoreError.quotaExceeded`.
    func reserve(
        _ item: IngestItem, byteCount: Int, over live: DocumentRecord?, of job: JobRun
    ) throws -> String? {
        guard try catalog.quota(of: workspace.id) != nil else { return nil }
        let growth = max(byteCount - (live?.version.byteCount ?? 0), 0)
        guard growth > 0 || live == nil else { return nil }
        let id = "\(job.id.rawValue) \(ContentDigest(of: item.path).hex)"
        let reservation = QuotaReservation(
            id: id, workspace: workspace.id, documentCount: live == nil ? 1 : 0, byteCount: growth)
        try catalog.reserve(reservation) {
            let held = try workspace.store.statistics()
            return (held.documentCount, held.byteCount)
        }
        return id
    }

    /// Blocks.
    func settle(_ reservation: String) throws {
        try catalog.settle(reservation: reservation)
    }
}

extension Library {
    /// How much the workspace may hold; nil where that is not bounded.
    package func quota(in scope: WorkspaceScope) throws -> QuotaSummary? {
        try catalog.quota(of: scope.workspaceID).map {
            QuotaSummary(documentCountMax: $0.documentCountMax, byteCountMax: $0.byteCountMax)
        }
    }

    /// What is there already stays, also where it is more.
    ///
    /// - Parameter quota: nil, or one without bounds, takes the bounds away.
    package func setQuota(_ quota: QuotaSummary?, in scope: WorkspaceScope) throws {
        let isBound = quota?.documentCountMax != nil || quota?.byteCountMax != nil
        let wanted = isBound ? quota : nil
        try requireActive(scope)
        try catalog.setQuota(
            wanted.map {
                WorkspaceQuota(documentCountMax: $0.documentCountMax, byteCountMax: $0.byteCountMax)
            }, of: scope.workspaceID)
    }
}

/// How much a workspace may hold. Nil is no bound.
package struct QuotaSummary: Sendable, Hashable {
    package var documentCountMax: Int?

    /// Of the originals of live documents.
    package var byteCountMax: Int?

    package init(documentCountMax: Int? = nil, byteCountMax: Int? = nil) {
        self.documentCountMax = documentCountMax
        self.byteCountMax = byteCountMax
    }
}
