import Foundation
import GRDB
import Store
import Synchronization
import Testing

@Suite struct `Readers never wait` {
    @Test func `a read in the middle of another connection's transaction returns the state before it`() throws
    {
        let workspace = try TestWorkspace()
        try workspace.put("a", "one")
        let other = try DatabaseQueue(path: workspace.path + "/workspace.sqlite")
        try other.inTransaction(.immediate) { database in
            try database.execute(sql: "UPDATE chunk SET text = 'changed'")
            let visible = try workspace.visible()
            #expect(visible == ["a": "one"])
            return .rollback
        }
    }

    @Test func `a reader beside a writer sees one version or the other, never a mixture`() throws {
        let workspace = try TestWorkspace()
        let texts = ["a\nb\nc", "d\ne\nf\ng\nh"]
        try workspace.put("a", texts[0])
        let reader = try WorkspaceStore(opening: workspace.path, environment: workspace.environment)
        let space = workspace.space.id
        let isWriting = Mutex(true)
        let mixtures = Mutex<[String]>([])
        let done = DispatchGroup()
        DispatchQueue.global().async(group: done) {
            do {
                while isWriting.withLock({ $0 }) {
                    let statistics = try reader.statistics()
                    let rows = try reader.rows(in: space, bornIn: .zero...statistics.sequence, limit: 10_000)
                        .rows
                    let live = rows.filter { ($0.died ?? statistics.sequence) >= statistics.sequence }
                    let asOf = live.filter { $0.died != statistics.sequence }.count
                    if ![3, 5].contains(statistics.chunkCount) || asOf != statistics.chunkCount {
                        mixtures.withLock { $0.append("\(statistics), \(asOf) rows") }
                    }
                }
            } catch {
                mixtures.withLock { $0.append("\(error)") }
            }
        }
        for round in 1...40 {
            try workspace.put("a", texts[round % 2])
        }
        isWriting.withLock { $0 = false }
        done.wait()
        #expect(mixtures.withLock { $0 } == [])
    }
}

struct SettledLogTests {
    private func logBytes(_ workspace: TestWorkspace) throws -> Int? {
        let path = workspace.path + "/workspace.sqlite-wal"
        return try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
    }

    @Test func `a database is opened with nothing in its log that was never synced`() throws {
        let workspace = try TestWorkspace()
        try workspace.put("a", "one")
        try workspace.reopen()
        #expect(try logBytes(workspace) == 0)
        // Beside another that has it open, what that one has written stays where it is.
        try workspace.put("b", "two")
        let second = try WorkspaceStore(opening: workspace.path, environment: workspace.environment)
        #expect(try workspace.visible(in: second) == ["a": "one", "b": "two"])
        try second.close()
    }
}
