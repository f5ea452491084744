import Store
import Testing

struct ReservationTests {
    @Test func `a reservation counts until it is settled, or its time is up`() throws {
        let folder = try TemporaryDirectory()
        let clock = TestClock()
        let environment = StoreEnvironment(
            now: { clock.now }, randomBytes: StoreEnvironment.system.randomBytes)
        let catalog = try Catalog(dataPath: folder.path, environment: environment)
        let workspace = try catalog.createWorkspace(named: "notes").id
        try catalog.setQuota(WorkspaceQuota(documentCountMax: 2), of: workspace)
        func reserve(_ id: String) throws {
            try catalog.reserve(
                QuotaReservation(id: id, workspace: workspace, documentCount: 1, byteCount: 1)
            ) { (0, 0) }
        }
        try reserve("a")
        try reserve("a")
        try reserve("b")
        #expect(throws: StoreError.quotaExceeded(.documents, found: 3, max: 2)) { try reserve("c") }
        try catalog.settle(reservation: "a")
        try catalog.settle(reservation: "a")
        try reserve("c")
        clock.advance(milliseconds: Catalog.reservationMilliseconds)
        try reserve("d")
        try reserve("e")
        #expect(throws: StoreError.quotaExceeded(.documents, found: 3, max: 2)) { try reserve("f") }
        try catalog.close()
    }
}
