import Foundation
import Store
import TextIndex
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
    /// Checks everything and changes nothing: database, originals, citations, every block of every segment of every
    /// space, and that the segments together hold what the log says.
    package func verify(in scope: WorkspaceScope) throws -> VerificationReport {
        let store = try workspace(in: scope).store
        let statistics = try store.statistics()
        var findings = try store.verify().map {
            "\($0.rule.rawValue): \($0.subject): found \($0.found), expected \($0.expected)"
        }
        var segmentCount = 0
        for space in try store.spaces() where space.state != .dropped {
            let manifest = try store.liveSegments(in: space.id)
            segmentCount += manifest.vectors.count
            let found = SegmentInspection(store: store, space: space).findings(in: manifest)
            findings += space.state == .live ? found : found.map { "\(space.state.rawValue) space: \($0)" }
        }
        let postings = try store.livePostings().segments
        segmentCount += postings.count
        findings += PostingsInspection(store: store).findings(in: postings)
        return VerificationReport(
            documentCount: statistics.documentCount, citationCount: statistics.chunkCount,
            segmentCount: segmentCount, findings: findings)
    }

    /// Writes the workspace's segments anew from its database, and trains what they need anew. Nothing is parsed
    /// or embedded.
    package func rebuild(in scope: WorkspaceScope) throws -> RebuildReport {
        let workspace = try workspace(in: scope)
        let rebuilt = try workspace.withLiveIndex { keeper in
            let rowCount = try keeper.rebuild()
            try workspace.reopenIndex(of: keeper.space)
            return rowCount
        }
        if rebuilt != nil {
            try workspace.rebuildTexts()
        }
        try workspace.settle(sealingAtLeast: .max)
        let segmentCount = try workspace.withLiveIndex { $0.index.snapshot.segments.count }
        return RebuildReport(rowCount: rebuilt ?? 0, segmentCount: segmentCount ?? 0)
    }
}

/// Looks at segments and quantizers one by one, without mending anything.
struct SegmentInspection {
    let store: WorkspaceStore
    let space: SpaceRecord

    func findings(in manifest: SegmentManifest) -> [String] {
        let quantizers = manifest.quantizers.map { (record: $0, finding: finding(inQuantizer: $0)) }
        let sound = quantizers.filter { $0.finding == nil }
            .map { QuantizerDescription($0.record, dimension: space.key.dimension) }
        return quantizers.compactMap(\.finding) + manifest.vectors.compactMap { finding(in: $0, sound) }
            + overlaps(manifest.vectors)
    }

    private var directory: URL { URL(filePath: store.segmentDirectoryPath) }

    private func makeIndex() -> VectorIndex {
        VectorIndex(configuration: VectorIndexConfiguration(dimension: space.key.dimension))
    }

    private func finding(inQuantizer record: SegmentRecord) -> String? {
        let index = makeIndex()
        let description = QuantizerDescription(record, dimension: space.key.dimension)
        do {
            try index.open([], quantizers: [description], in: directory)
            try index.snapshot.verify(quantizer: description.number)
            return nil
        } catch {
            return "quantizer \(record.fileName): \(error)"
        }
    }

    private func finding(in record: SegmentRecord, _ quantizers: [QuantizerDescription]) -> String? {
        let index = makeIndex()
        let description = SegmentDescription(record, dimension: space.key.dimension)
        do {
            try index.open([description], quantizers: quantizers, in: directory)
            try index.snapshot.verify(segment: record.number.rawValue)
            return nil
        } catch {
            return "segment \(record.fileName): \(error)"
        }
    }

    private func overlaps(_ segments: [SegmentRecord]) -> [String] { SegmentRecord.overlaps(segments) }
}

/// Looks at segments of postings one by one, without mending anything.
struct PostingsInspection {
    let store: WorkspaceStore

    func findings(in segments: [SegmentRecord]) -> [String] {
        segments.compactMap(finding) + SegmentRecord.overlaps(segments)
    }

    private func finding(in record: SegmentRecord) -> String? {
        let index = TextIndex(configuration: .standard(tailRowsMax: 1))
        let directory = URL(filePath: store.segmentDirectoryPath)
        do {
            try index.open([PostingsDescription(record)], in: directory)
            try index.snapshot.verify(segment: record.number.rawValue)
            return nil
        } catch {
            return "segment \(record.fileName): \(error)"
        }
    }
}

extension SegmentRecord {
    /// Segments of one kind that cover the same commits, in words.
    static func overlaps(_ segments: [SegmentRecord]) -> [String] {
        let ordered = segments.sorted { $0.entry.sequences.lowerBound < $1.entry.sequences.lowerBound }
        return zip(ordered, ordered.dropFirst()).compactMap { first, second in
            guard first.entry.sequences.upperBound >= second.entry.sequences.lowerBound else { return nil }
            return "segments \(first.fileName) and \(second.fileName) cover the same commits"
        }
    }
}
