import Evaluation
import Foundation
import Kernels

/// Where a report is kept.
enum BenchOutput {
    static func write(_ report: BenchmarkReport, to folder: URL) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let dataset = report.dataset
        let plot = RecallPlot(
            title: "\(dataset.name): \(dataset.rows) × \(dataset.dimension)", subtitle: subtitle(report),
            series: PlotSeries.all(of: report))
        let files = [
            ("bench.json", try report.json() + "\n"), ("bench.md", ReportTable.markdown(report)),
            ("bench.svg", plot.svg()),
        ]
        for (name, text) in files {
            try Data(text.utf8).write(to: folder.appending(path: name), options: .atomic)
        }
    }

    static func subtitle(_ report: BenchmarkReport) -> String {
        let clients = report.points.first?.threads ?? 1
        return "k = \(report.points.first?.k ?? 10), \(clients) \(clients == 1 ? "client" : "clients"), "
            + "\(report.machine.processor); bars are the least and the greatest of the rounds"
    }
}

/// What the figures are of.
enum BenchMachine {
    static var libraries: [String: String] {
        ["simd": InstructionSet.best.rawValue, "blas": BLASLibrary.coreName ?? "unknown"]
    }

    /// As it was typed, without the program's folder.
    static var command: String {
        let words = CommandLine.arguments
        let program = words.first.map { URL(filePath: $0).lastPathComponent } ?? "carrel"
        return ([program] + words.dropFirst()).joined(separator: " ")
    }

    /// The commit that is checked out where this program was built, with "-dirty" behind it if files differ;
    /// nil if it was installed elsewhere, or without git.
    static var commit: String? {
        guard let folder = Bundle.main.executableURL?.deletingLastPathComponent() else { return nil }
        let git = Process()
        let output = Pipe()
        git.executableURL = URL(filePath: "/usr/bin/env")
        git.arguments = [
            "git", "-C", folder.path, "describe", "--always", "--dirty", "--abbrev=12", "--exclude", "*",
        ]
        git.standardOutput = output
        git.standardError = FileHandle.nullDevice
        guard (try? git.run()) != nil else { return nil }
        git.waitUntilExit()
        guard git.terminationStatus == 0 else { return nil }
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        return line.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
