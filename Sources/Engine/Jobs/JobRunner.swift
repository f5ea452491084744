import Store

/// Does the jobs that wait in workspaces: one at a time in each, and a few workspaces at once.
///
/// Which workspaces have any is kept in the catalog; a process that begins takes up what others left.
actor JobRunner {
    /// What came of a workspace's turn.
    enum Turn: Sendable {
        case done

        /// Another process has it, or something was in the way: later.
        case later
    }

    private let perform: @Sendable (WorkspaceID) async -> Turn
    private let waitingWorkspaces: @Sendable () async -> [WorkspaceID]
    private let lookInterval: Duration
    private var waiting: [WorkspaceID] = []
    private var running: [WorkspaceID: Task<Void, Never>] = [:]
    private var looking: Task<Void, Never>?
    private var isStopped = false

    /// Workspaces at once: more would only share the same processors.
    private static let runningMax = 2

    /// - Parameter lookInterval: how often the catalog is looked at for what other processes have left.
    init(
        waitingWorkspaces: @escaping @Sendable () async -> [WorkspaceID],
        lookInterval: Duration,
        perform: @escaping @Sendable (WorkspaceID) async -> Turn
    ) {
        self.waitingWorkspaces = waitingWorkspaces
        self.lookInterval = lookInterval
        self.perform = perform
    }

    /// Takes up what waits, now and from time to time.
    func start() {
        guard looking == nil, !isStopped else { return }
        looking = Task { [weak self] in
            while !Task.isCancelled {
                await self?.look()
                guard let interval = self?.lookInterval, (try? await Task.sleep(for: interval)) != nil
                else { return }
            }
        }
    }

    private func look() async {
        for workspace in await waitingWorkspaces() { wake(workspace) }
    }

    /// There is a job in the workspace.
    func wake(_ workspace: WorkspaceID) {
        guard !isStopped else { return }
        if !waiting.contains(workspace) { waiting.append(workspace) }
        fill()
    }

    /// Nothing new is begun; what is being done stops after the documents in hand, and goes on in the next process.
    func stop() async {
        isStopped = true
        waiting = []
        looking?.cancel()
        for task in running.values { task.cancel() }
        for task in running.values { await task.value }
        await looking?.value
    }

    private func fill() {
        while running.count < Self.runningMax,
            let index = waiting.firstIndex(where: { running[$0] == nil })
        {
            let workspace = waiting.remove(at: index)
            running[workspace] = Task {
                let turn = await perform(workspace)
                end(workspace, turn)
            }
        }
    }

    /// Who has to come again does so in a moment; should this process end before, the catalog knows.
    private func end(_ workspace: WorkspaceID, _ turn: Turn) {
        running[workspace] = nil
        guard !isStopped else { return }
        if turn == .later {
            Task { [weak self] in
                try? await Task.sleep(for: Self.laterInterval)
                await self?.wake(workspace)
            }
        }
        fill()
    }

    /// A disk that is full, or another process that is at it, is not asked more often than this.
    private static let laterInterval = Duration.seconds(1)
}
