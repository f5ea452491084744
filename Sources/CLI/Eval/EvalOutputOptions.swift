import ArgumentParser
import Evaluation
import Foundation
import Store

/// What is made of the figures, and how sure they are. Flags of every `carrel eval`.
struct EvalOutputOptions: ParsableArguments {
    @Flag(help: "Print a report as JSON, for machines and for keeping.")
    var json = false

    @Option(help: "Draw the figures into this file.", completion: .file(extensions: ["svg"]))
    var svg: String?

    @Option(
        help: "Write the values of every query into this file, parted by tabs.",
        completion: .file(extensions: ["tsv"]))
    var perQuery: String?

    @Option(help: "Resamples of the queries that the intervals rest on.")
    var resamples = Bootstrap.resampleCountStandard

    @Option(help: "The seed of the resamples: the same seed, the same digits.")
    var seed: UInt64 = 1

    func validate() throws {
        let bounds = Bootstrap.resampleCountBounds
        guard bounds.contains(resamples) else {
            throw ValidationError(
                "--resamples must be \(bounds.lowerBound) to \(bounds.upperBound), found \(resamples)")
        }
    }

    var bootstrap: Bootstrap { Bootstrap(resampleCount: resamples) }

    /// Whether files can be written where they are wanted, before minutes are spent.
    func checkWritable(and more: [String?] = []) throws {
        for path in ([svg, perQuery] + more).compactMap(\.self) {
            let file = EvalFile.url(path)
            let folder = file.deletingLastPathComponent().path
            let kind =
                try? FileManager.default.attributesOfItem(atPath: file.path)[.type] as? FileAttributeType
            guard kind != .typeDirectory,
                FileManager.default.isWritableFile(atPath: kind == nil ? folder : file.path)
            else { throw CommandError.fileNotWritable(path: path) }
        }
    }

    /// Prints the figures, and writes what else was asked for.
    func show(
        text: @autoclosure () -> String, json report: @autoclosure () throws -> String,
        plot: @autoclosure () -> MeasurePlot, perQuery lines: @autoclosure () -> [[String]]
    ) throws {
        if let svg { try EvalFile.write(plot().svg(), to: svg) }
        if let perQuery { try EvalFile.write(EvalFile.tabbed(lines()), to: perQuery) }
        Terminal.print(json ? try report() : text())
    }

    /// - Parameters:
    ///   - machine: as it was when the run began.
    ///   - files: those of the dataset, by their paths in the folder.
    func origin(
        machine: BenchmarkReport.Machine, model: EvaluationOrigin.Model?, folder: URL, files: [String],
        documents: Int, queries: Int
    ) throws -> EvaluationOrigin {
        var digests: [String: String] = [:]
        for file in files { digests[file] = try ContentDigest(ofFile: folder.appending(path: file)).hex }
        var machine = machine
        machine.loadAtEnd = ProcessFigures.load
        return EvaluationOrigin(
            command: BenchMachine.command, commit: BenchMachine.commit, date: Date.now.formatted(.iso8601),
            machine: machine, model: model,
            dataset: .init(
                name: folder.lastPathComponent, documents: documents, queries: queries, files: digests),
            seed: seed, resamples: resamples)
    }

    /// What the intervals are, below a table.
    var note: String { "95 % intervals of \(resamples) bootstrap resamples of the queries, seed \(seed)" }
}

/// Files that a person names.
enum EvalFile {
    static func url(_ path: String) -> URL { URL(filePath: NSString(string: path).expandingTildeInPath) }

    static func write(_ text: String, to path: String) throws {
        try Data(text.utf8).write(to: url(path), options: .atomic)
    }

    /// Lines of fields parted by tabs. An id that holds a tab or a line's end is shown with a blank in its place.
    static func tabbed(_ lines: [[String]]) -> String {
        lines.map { fields in
            fields.map { $0.replacing(/[\t\r\n]/, with: " ") }.joined(separator: "\t") + "\n"
        }
        .joined()
    }

    /// The file of one run of several: its mode before its ending.
    static func path(_ path: String, of mode: EvalMode, among count: Int) -> String {
        guard count > 1 else { return path }
        let file = NSString(string: path)
        let ending = file.pathExtension
        let name = "\(file.deletingPathExtension).\(mode.rawValue)"
        return ending.isEmpty ? name : "\(name).\(ending)"
    }
}
