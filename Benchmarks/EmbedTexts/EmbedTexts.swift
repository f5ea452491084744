import ArgumentParser
import Embedding
import Foundation
import Kernels

/// Embeds the lines of a text file with the local model, so that benchmarks run on vectors that Carrel makes.
@main struct EmbedTexts: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "EmbedTexts",
        abstract: "Embeds each line of a file with the local model and writes the vectors as .fbin.",
        discussion: """
            Example: EmbedTexts corpus.txt corpus.fbin
            Row i of the output is line i of the input; an empty line is a text too. Progress goes to standard \
            error. With --calibrate the output is not vectors but a model's calibration.json: what rounding to \
            bytes is fitted to.
            """)

    /// Texts of one call: enough that sorting them by length leaves no batch with much padding, few enough
    /// that progress is seen every half minute.
    private static let callTextsMax = 8_192

    @Argument(help: "Texts, UTF-8, one a line.") var texts: String
    @Argument(help: "The .fbin file to write.") var output: String
    @Option(help: "Folder of the model.") var model = "Models/all-minilm-l6-v2"
    @Option(help: "Threads.") var threads = ProcessInfo.processInfo.activeProcessorCount
    @Option(help: "float32 or int8.") var precision = Precision.float32
    @Option(help: "Write a calibration of this version in place of vectors.") var calibrate: Int?
    @Flag(help: "Embed as questions: some models tell them from passages.") var queries = false

    func validate() throws {
        guard (1...256).contains(threads) else { throw ValidationError("threads must be 1 to 256") }
    }

    func run() async throws {
        let lines = try TextLines.read(path: texts)
        let embedder = try LocalEmbedder(
            modelDirectory: URL(filePath: model), pool: ComputePool(threadCount: threads),
            precision: precision)
        if let calibrate {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            let calibration = embedder.calibration(on: lines, version: calibrate).rounded
            return try encoder.encode(calibration).write(to: URL(filePath: output))
        }
        let file = try VectorWriter(
            path: output, rowCount: lines.count, dimension: embedder.space.dimension)
        let start = ContinuousClock.now
        for first in stride(from: 0, to: lines.count, by: Self.callTextsMax) {
            let call = Array(lines[first..<min(first + Self.callTextsMax, lines.count)])
            try file.append(try await embedder.embed(call, as: queries ? .query : .passage).values)
            report(done: first + call.count, of: lines.count, since: start)
        }
        try file.finish()
    }

    private func report(done: Int, of count: Int, since start: ContinuousClock.Instant) {
        let seconds = Double((ContinuousClock.now - start).components.seconds)
        let line = "\(done) of \(count) texts, \(Int(Double(done) / max(seconds, 1))) a second\n"
        FileHandle.standardError.write(Data(line.utf8))
    }
}

enum TextLines {
    /// The lines without their line feeds; a last line need not end with one.
    static func read(path: String) throws -> [String] {
        let bytes = try Data(contentsOf: URL(filePath: path))
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines.map { String(decoding: $0, as: UTF8.self) }
    }
}

extension Precision: ExpressibleByArgument {}

extension Calibration {
    /// Three digits are enough to balance by, and a file that people can look at.
    fileprivate var rounded: Calibration {
        func round(_ maxima: [Float]) -> [Float] { maxima.map { ($0 * 1_000).rounded() / 1_000 } }
        return Calibration(
            version: version,
            layers: layers.map { Layer(attention: round($0.attention), expansion: round($0.expansion)) })
    }
}
