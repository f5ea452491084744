/// How much a workspace may hold. Nil is no bound.
package struct WorkspaceQuota: Sendable, Equatable {
    package var documentCountMax: Int?
    /// Of the originals of live documents.
    package var byteCountMax: Int?

    package init(documentCountMax: Int? = nil, byteCountMax: Int? = nil) {
        self.documentCountMax = documentCountMax
        self.byteCountMax = byteCountMax
    }
}

/// What a piece of work may come to add to a workspace, set aside before it begins.
package struct QuotaReservation: Sendable, Equatable {
    /// Chosen by whoever reserves: reserved again, it is the same one, with what it is about now.
    package let id: String
    package let workspace: WorkspaceID
    package let documentCount: Int
    package let byteCount: Int

    package init(id: String, workspace: WorkspaceID, documentCount: Int, byteCount: Int) {
        self.id = id
        self.workspace = workspace
        self.documentCount = documentCount
        self.byteCount = byteCount
    }
}

extension Catalog {
    /// How long a reservation counts whose work neither ends nor is reserved again: it died.
    package static let reservationMilliseconds: Int64 = 15 * 60_000

    /// Nil if the workspace may hold whatever it likes.
    package func quota(of id: WorkspaceID) throws(StoreError) -> WorkspaceQuota? {
        try database.read { try $0.quota(of: id) }
    }

    /// - Parameter quota: nil takes it away.
    package func setQuota(_ quota: WorkspaceQuota?, of id: WorkspaceID) throws(StoreError) {
        try database.write { connection in
            guard let quota else {
                try connection.run(CatalogStatement.deleteQuota, id.rawValue)
                return
            }
            try connection.run(
                CatalogStatement.setQuota, id.rawValue, quota.documentCountMax, quota.byteCountMax)
        }
    }

    /// Sets aside what a piece of work may add: one transaction in which nobody else reserves. Reservations whose time
    /// is up are swept on the way.
    ///
    /// What is reserved counts until it is settled, which is after the work's own commit: for a moment it may count
    /// twice, and never not at all.
    ///
    /// - Parameter usage: what the workspace holds now, asked for within the transaction.
    /// - Throws: `.quotaExceeded`, nothing being reserved then.
    package func reserve(
        _ reservation: QuotaReservation, usage: () throws -> (documentCount: Int, byteCount: Int)
    ) throws(StoreError) {
        let now = environment.now().milliseconds
        try database.write { connection in
            try connection.run(CatalogStatement.sweepReservations, now)
            guard let quota = try connection.quota(of: reservation.workspace) else { return }
            try connection.run(
                CatalogStatement.reserve, reservation.id, reservation.workspace.rawValue,
                reservation.documentCount, reservation.byteCount, now + Self.reservationMilliseconds)
            let reserved = try connection.row(
                CatalogStatement.reserved, reservation.workspace.rawValue
            ) { (documents: try $0.count(), bytes: try $0.count()) }
            let used = try usage()
            let documents = used.documentCount + (reserved?.documents ?? 0)
            let bytes = used.byteCount + (reserved?.bytes ?? 0)
            if let most = quota.documentCountMax, documents > most, reservation.documentCount > 0 {
                throw StoreError.quotaExceeded(.documents, found: documents, max: most)
            }
            if let most = quota.byteCountMax, bytes > most, reservation.byteCount > 0 {
                throw StoreError.quotaExceeded(.bytes, found: bytes, max: most)
            }
        }
    }

    /// The work has ended, well or not. Saying it again changes nothing.
    package func settle(reservation id: String) throws(StoreError) {
        try database.write { _ = try $0.run(CatalogStatement.settleReservation, id) }
    }
}

extension Connection {
    fileprivate func quota(of id: WorkspaceID) throws -> WorkspaceQuota? {
        try row(CatalogStatement.quotaOf, id.rawValue) { reader in
            WorkspaceQuota(
                documentCountMax: try reader.optionalInteger().map { Int($0) },
                byteCountMax: try reader.optionalInteger().map { Int($0) })
        }
    }
}
