import Foundation
import GRDB
import Store
import Testing

/// Steps of a query plan that read more than they answer with.
private func wastefulSteps(of sql: String, in database: Database) throws -> [String] {
    let statement = try database.makeStatement(sql: "EXPLAIN QUERY PLAN " + sql)
    statement.setUncheckedArguments(StatementArguments())
    return try Row.fetchAll(statement).map { row in row["detail"] as String }
        .filter { step in
            (step.hasPrefix("SCAN") && step != "SCAN CONSTANT ROW") || step.contains("TEMP B-TREE")
        }
}

private func withWorkspaceDatabase<Result>(_ body: (Database) throws -> Result) throws -> Result {
    let workspace = try TestWorkspace()
    try workspace.put("a", "one\ntwo")
    return try DatabaseQueue(path: workspace.path + "/workspace.sqlite").read(body)
}

private func withCatalogDatabase<Result>(_ body: (Database) throws -> Result) throws -> Result {
    let directory = try TemporaryDirectory()
    let catalog = try Catalog(dataPath: directory.path, environment: .system)
    _ = try catalog.createWorkspace(named: "a")
    return try DatabaseQueue(path: directory.path + "/catalog.sqlite").read(body)
}

@Suite struct `Query plans` {
    @Test func `every statement over a workspace goes through an index and sorts nothing`() throws {
        try withWorkspaceDatabase { database in
            let statements =
                WorkspaceStatement.allCases.map { ("\($0)", $0.rawValue) }
                + JobStatement.allCases.map { ("\($0)", $0.rawValue) }
                + AttributeStatement.allCases.map { ("\($0)", $0.rawValue) }
                + BlobVerificationStatement.allCases.map { ("\($0)", $0.rawValue) }
            for (name, sql) in statements {
                let steps = try wastefulSteps(of: sql, in: database)
                #expect(steps.isEmpty, "\(name): \(steps)")
            }
        }
    }

    @Test func `every statement over the catalog goes through an index and sorts nothing`() throws {
        try withCatalogDatabase { database in
            for statement in CatalogStatement.allCases {
                let steps = try wastefulSteps(of: statement.rawValue, in: database)
                #expect(steps.isEmpty, "\(statement): \(steps)")
            }
        }
    }

    @Test(arguments: [
        "SELECT ordinal FROM document WHERE title = ?",
        "SELECT count(*) FROM chunk",
        "DELETE FROM version WHERE token_count = ?",
        "SELECT id FROM version WHERE document = ? ORDER BY byte_count",
    ])
    func `a statement without an index is caught`(sql: String) throws {
        try withWorkspaceDatabase { database in
            let steps = try wastefulSteps(of: sql, in: database)
            #expect(!steps.isEmpty)
        }
    }

    /// Whole-table reading is the purpose of verification, and of nothing else.
    @Test func `no statement is written outside the lists`() throws {
        let sources = URL(filePath: #filePath).appending(path: "../../../Sources/Store").standardized
        let lists = [
            "CatalogSchema.swift", "Schema.swift", "VerificationStatement.swift", "WorkspaceSchema.swift",
        ]
        let names = try FileManager.default.contentsOfDirectory(atPath: sources.path)
            .filter { $0.hasSuffix(".swift") && !lists.contains($0) && !$0.hasSuffix("Statement.swift") }
        #expect(names.contains("Catalog.swift"))
        for name in names {
            let text = try String(contentsOf: sources.appending(path: name), encoding: .utf8)
            #expect(!text.contains(/SELECT |INSERT INTO|DELETE FROM|UPDATE [a-z_]+ SET/), "\(name)")
        }
    }
}
