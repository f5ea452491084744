import Foundation
import Store
import VectorIndex

/// What a check of a workspace found.
package struct VerificationReport: Sendable {
    package var documentCount: Int
    package var citationCount: Int
    package var segmentCount: Int

    /// What is wrong, each in a sentence; empty if all is well.
    package var findings: [String]
}

extension Library {
    /// Checks everything and changes nothing: database, originals, citations, every block of every segment,
    /// and that the segments together hold what the log says.
    package func verify(in scope: WorkspaceScope) throws -> VerificationReport {
        let store = try workspace(in: scope).store
        let statistics = try store.statistics()
        var findings = try store.verify().map {
            "\($0.rule.rawValue): \($0.subject): found \($0.found), expected \($0.expected)"
        }
        var segmentCount = 0
        if let space = try store.space(.live) {
            let segments = try store.liveSegments(in: space.id).segments.filter { $0.kind == .vectors }
            segmentCount = segments.count
            findings += SegmentInspection(store: store, space: space).findings(in: segments)
        }
        return VerificationReport(
            documentCount: statistics.documentCount, citationCount: statistics.chunkCount,
            segmentCount: segmentCount, findings: findings)
    }

    /// Writes the workspace's segments anew from its database. Nothing is parsed or embedded.
    package func rebuild(in scope: WorkspaceScope) throws -> RebuildReport {
        let workspace = try workspace(in: scope)
        guard let space = try workspace.store.space(.live) else {
            return RebuildReport(rowCount: 0, segmentCount: 0)
        }
        return try workspace.withIndex(of: space) { try $0.rebuild() }
    }
}

/// Looks at segments one by one, without mending anything.
struct SegmentInspection {
    let store: WorkspaceStore
    let space: SpaceRecord

    func findings(in segments: [SegmentRecord]) -> [String] {
        segments.compactMap(finding) + overlaps(segments)
    }

    private func finding(in record: SegmentRecord) -> String? {
        let index = VectorIndex(configuration: VectorIndexConfiguration(dimension: space.key.dimension))
        let description = SegmentDescription(record, dimension: space.key.dimension)
        do {
            try index.open([description], in: URL(filePath: store.segmentDirectoryPath))
            try index.snapshot.verify(segment: record.number.rawValue)
            return nil
        } catch {
            return "segment \(record.fileName): \(error)"
        }
    }

    private func overlaps(_ segments: [SegmentRecord]) -> [String] {
        let ordered = segments.sorted { $0.entry.sequences.lowerBound < $1.entry.sequences.lowerBound }
        return zip(ordered, ordered.dropFirst()).compactMap { first, second in
            guard first.entry.sequences.upperBound >= second.entry.sequences.lowerBound else { return nil }
            return "segments \(first.fileName) and \(second.fileName) cover the same commits"
        }
    }
}
