import Foundation
import Kernels

/// What the figures were measured on.
struct Machine: Encodable {
    let cpu: String
    let cores: Int
    let instructionSet: String
    let blasCore: String

    static var current: Machine {
        let cpuinfo = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let model = cpuinfo.split(separator: "\n").first { $0.hasPrefix("model name") }?.split(
            separator: ": "
        ).last
        return Machine(
            cpu: model.map(String.init) ?? "unknown", cores: ProcessInfo.processInfo.activeProcessorCount,
            instructionSet: InstructionSet.best.rawValue, blasCore: BLASLibrary.coreName ?? "unknown")
    }

    /// The commit that is checked out here, if this is a clone and git is at hand.
    static var commit: String? {
        let git = Process()
        let output = Pipe()
        git.executableURL = URL(filePath: "/usr/bin/env")
        git.arguments = ["git", "rev-parse", "--short=12", "HEAD"]
        git.standardOutput = output
        git.standardError = FileHandle.nullDevice
        guard (try? git.run()) != nil else { return nil }
        git.waitUntilExit()
        guard git.terminationStatus == 0 else { return nil }
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        return line.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}

/// The report, as it is printed: single-thread figures.
struct Report {
    let machine: Machine
    let command: String
    let commit: String?
    let seed: UInt64?
    let rows: Int
    let dimension: Int
    let queries: Int
    let k: Int
    let measured: ScanMeasurement
    let recallSingle: Double
    let recallBatch: Double
    let truth: String

    private struct Lines: Encodable {
        let machine: Machine
        let command: String
        let commit: String?
        let seed: UInt64?
        let rows, dimension, queries, k: Int
        let index_bytes: Int64
        let seal_s, open_ms, first_search_ms, scan_gb_per_s, p50_ms, p99_ms, qps, batch_qps: Double
        let recall, batch_recall: Double
        let truth: String
    }

    func json() throws -> String {
        let p50 = measured.percentileMilliseconds(50)
        let times = measured.searchMilliseconds
        let lines = Lines(
            machine: machine, command: command, commit: commit, seed: seed, rows: rows, dimension: dimension,
            queries: queries, k: k, index_bytes: measured.segmentBytes, seal_s: measured.sealSeconds,
            open_ms: measured.openMilliseconds, first_search_ms: measured.firstSearchMilliseconds,
            scan_gb_per_s: Double(rows * dimension * 4) / (p50 * 1e6), p50_ms: p50,
            p99_ms: measured.percentileMilliseconds(99),
            qps: Double(times.count) / times.reduce(0, +) * 1000,
            batch_qps: Double(queries) / measured.batchSeconds, recall: recallSingle,
            batch_recall: recallBatch, truth: truth)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(lines), as: UTF8.self)
    }
}
