import Evaluation
import Foundation
import Synchronization
import VectorIndex

/// Carrel's index in files: one sealed segment, in inverted lists where that pays.
struct VectorIndexFiles: StoredIndex {
    /// Rows handed to the builder at once.
    private static let portionRows = 1024

    let directory: URL
    let segment: SegmentDescription
    let quantizer: QuantizerDescription?

    /// Builds an index of rows of a table, which get the ids from 0 on, as the engine does: a flat segment
    /// first, then, if there are rows enough, a quantizer and a segment in its lists.
    static func build(
        from table: VectorTable, rows: Range<Int>, in directory: URL
    ) throws -> VectorIndexFiles {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let builder = try SegmentBuilder(
            number: 1, dimension: table.dimension, rowCount: rows.count, sequences: 1...1, in: directory)
        for start in stride(from: rows.lowerBound, to: rows.upperBound, by: portionRows) {
            let vectors = try table.vectors(start..<min(start + portionRows, rows.upperBound))
            try builder.append(
                VectorIndexEngine.rows(vectors, firstID: Int64(start - rows.lowerBound), sequence: 1))
        }
        let flat = VectorIndexFiles(directory: directory, segment: try builder.finish(), quantizer: nil)
        return rows.count < VectorIndex.trainingRowsMin ? flat : try flat.listed()
    }

    private func listed() throws -> VectorIndexFiles {
        let index = VectorIndex(configuration: .init(dimension: segment.dimension))
        try index.open([segment], in: directory, sequence: segment.sequences.upperBound)
        let quantizer = try index.trainQuantizer(number: 2, in: directory)
        try index.publish(quantizer, in: directory)
        let listed = try index.compact([segment.number], into: 3, in: directory)
        try FileManager.default.removeItem(at: directory.appending(path: segment.fileName))
        return VectorIndexFiles(directory: directory, segment: listed, quantizer: quantizer)
    }

    var files: [String] {
        ([segment.fileName] + [quantizer?.fileName].compactMap { $0 }).map {
            directory.appending(path: $0).path(percentEncoded: false)
        }
    }

    func open() throws -> any SearchEngine {
        try VectorIndexEngine(opening: self)
    }
}

/// Carrel's index as an engine that is judged. Rows and document ordinals are row numbers of the base file.
final class VectorIndexEngine: FilteringEngine, InsertingEngine {
    let name = "carrel"

    /// What is measured if nothing else is asked for.
    let points: [OperatingPoint]

    /// Recall targets that are measured if nothing else is asked for.
    static let recallTargets = [0.8, 0.9, 0.95, 0.98, 0.99, 1]

    /// Where everything but the sweep is measured.
    static let usualPoint = OperatingPoint(["recall_target": SearchOptions.recallTargetDefault])

    private let index: VectorIndex

    /// Seals and merges what was inserted.
    let maintenance: IndexMaintenance

    /// Of the last insertion.
    private let sequence: Mutex<Int64>

    /// What recall costs for the sample's kind of queries; nil if there was no sample.
    private let curve: RecallCurve?

    /// - Parameters:
    ///   - sample: queries by which calibrated points are calibrated.
    ///   - k: neighbors that will be asked for.
    init(opening files: VectorIndexFiles, sample: [[Float]] = [], k: Int = 10) throws {
        index = VectorIndex(configuration: .init(dimension: files.segment.dimension))
        maintenance = IndexMaintenance(of: index, in: files.directory, after: files.segment.number)
        sequence = Mutex(files.segment.sequences.upperBound)
        try index.open(
            [files.segment], quantizers: [files.quantizer].compactMap { $0 }, in: files.directory,
            sequence: files.segment.sequences.upperBound)
        curve = sample.isEmpty ? nil : try index.snapshot.measureRecall(sample, k: k)
        points = Self.points(recallTargets: Self.recallTargets, probes: [], isCalibrated: curve != nil)
    }

    /// - Parameter isCalibrated: whether each target that is not exact gets a second point, at which searches
    ///   go by the sample's curve.
    static func points(recallTargets: [Double], probes: [Int], isCalibrated: Bool) -> [OperatingPoint] {
        recallTargets.flatMap { target in
            let point = OperatingPoint(["recall_target": target])
            guard isCalibrated, target < 1 else { return [point] }
            let calibrated = OperatingPoint(
                name: "\(point.name) calibrated", parameters: ["recall_target": target, "calibrated": 1])
            return [point, calibrated]
        } + probes.map { OperatingPoint(["nprobe": Double($0)]) }
    }

    func search(_ query: [Float], k: Int, at point: OperatingPoint) throws -> EngineAnswer {
        Self.answer(try index.snapshot.search(query, k: k, options: options(point)))
    }

    func search(batch queries: [[Float]], k: Int, at point: OperatingPoint) throws -> [EngineAnswer] {
        try Self.search(batch: queries, k: k, options: options(point), in: index.snapshot)
    }

    private func options(_ point: OperatingPoint) -> SearchOptions {
        var options = Self.options(point)
        if point.parameters["calibrated"] == 1 { options.curve = curve }
        return options
    }

    func restricted(to subset: RowSubset) throws -> any SearchEngine {
        let snapshot = index.snapshot
        let filter = RowFilter.documents(subset.ids)
        return FilteredVectorIndex(
            name: name, points: points, snapshot: snapshot, filter: filter,
            admitted: try snapshot.admittedRows(filter))
    }

    /// Sealing goes on beside it; only where rows come faster than they can be sealed it waits for that.
    func insert(_ vectors: [[Float]], firstID: Int64) throws {
        if index.tailState.isFull { try maintenance.wait() }
        try sequence.withLock { sequence in
            sequence += 1
            try index.apply(
                IndexChange(
                    sequence: sequence,
                    insertions: Self.rows(vectors, firstID: firstID, sequence: sequence)))
        }
        try maintenance.sealIfNeeded()
    }

    static func rows(_ vectors: [[Float]], firstID: Int64, sequence: Int64) -> [IndexRow] {
        zip(firstID..., vectors).map { id, vector in
            IndexRow(row: RowID(rawValue: id), document: id, bornSequence: sequence, vector: vector)
        }
    }

    fileprivate static func options(_ point: OperatingPoint) -> SearchOptions {
        SearchOptions(
            recallTarget: point.parameters["recall_target"] ?? SearchOptions.recallTargetDefault,
            nprobe: point.parameters["nprobe"].map { Int($0) })
    }

    fileprivate static func answer(_ result: SearchResult) -> EngineAnswer {
        EngineAnswer(ids: result.neighbors.map(\.row.rawValue), expectedRecall: result.expectedRecall)
    }

    fileprivate static func search(
        batch queries: [[Float]], k: Int, options: SearchOptions, in snapshot: IndexSnapshot
    ) throws -> [EngineAnswer] {
        try snapshot.search(batch: queries, k: k, options: options).map(answer)
    }
}

/// One snapshot behind a filter that was made once.
private struct FilteredVectorIndex: SearchEngine {
    let name: String
    let points: [OperatingPoint]
    let snapshot: IndexSnapshot
    let filter: RowFilter
    let admitted: AdmittedRows

    func search(_ query: [Float], k: Int, at point: OperatingPoint) throws -> EngineAnswer {
        VectorIndexEngine.answer(try snapshot.search(query, k: k, options: options(point)))
    }

    func search(batch queries: [[Float]], k: Int, at point: OperatingPoint) throws -> [EngineAnswer] {
        try VectorIndexEngine.search(batch: queries, k: k, options: options(point), in: snapshot)
    }

    private func options(_ point: OperatingPoint) -> SearchOptions {
        var options = VectorIndexEngine.options(point)
        (options.filter, options.admitted) = (filter, admitted)
        return options
    }
}
