import Columnar
package import Foundation

/// Writes one segment from rows that arrive in portions: a rebuild from the log.
///
/// Rows go into runs of 16,384, each a file of its own in the directory (`<number>-<run>.run`) whose name is taken
/// away as soon as it is open, so that nothing is left behind; the runs are merged in the end. Memory: a run's rows as
/// postings (about twelve bytes for each of their tokens), then what a merge takes (`TextIndex.writeCompacted`). Not
/// for use by several threads at once.
package final class PostingsBuilder {
    private static let runRows = 16 * TextTail.blockRowsMax

    /// Runs are merged by tens in a workspace of a million rows.
    private static let runsRead = 16

    private let number: Int64
    private let sequences: ClosedRange<Int64>
    private let configuration: TextIndexConfiguration
    private let directory: URL
    private var blocks: [InvertedRows] = []
    private var pending: [TextRow] = []
    private var runs: [SealedPostings] = []
    private var last: Int64?

    /// - Parameters:
    ///   - number: never used before, at least 0.
    ///   - sequences: commits covered; every row is born at one of them. To replace segments, cover what they covered
    ///     together, from the first to the last.
    ///   - directory: must exist.
    package init(
        number: Int64, sequences: ClosedRange<Int64>, configuration: TextIndexConfiguration, in directory: URL
    ) {
        self.number = number
        self.sequences = sequences
        self.configuration = configuration
        self.directory = directory
    }

    /// Adds rows, ascending within and across calls. After an error the builder is of no more use.
    ///
    /// - Throws: `.rowsNotAscending`, `.bornOutside`, `.tooManyLanguages`, `.segmentNotWritten`.
    package func append(_ rows: [TextRow]) throws(TextIndexError) {
        for row in rows {
            if let last, row.row <= last { throw .rowsNotAscending(previous: last, found: row.row) }
            guard sequences.contains(row.bornSequence) else {
                throw .bornOutside(row: row.row, bornSequence: row.bornSequence, sequences: sequences)
            }
            last = row.row
            pending.append(row)
            if pending.count == TextTail.blockRowsMax { try invertPending() }
        }
    }

    /// Seals the segment; when this returns it is on the disk, under its name.
    ///
    /// - Throws: `.segmentExists`, `.segmentNotWritten`, `.compactionStopped`.
    package func finish(
        isCancelled: () -> Bool = { false }
    ) throws(TextIndexError) -> PostingsDescription {
        if !pending.isEmpty { try invertPending() }
        let rest: [any PostingsSource] = blocks.map { InvertedRowsSource(block: $0) { _ in false } }
        let merge = try PostingsMerge(runs + rest)
        return try writer().write(merge, isCancelled: isCancelled)
    }

    private func invertPending() throws(TextIndexError) {
        blocks.append(try RowInverter.invert(pending, weights: configuration.weights))
        pending.removeAll(keepingCapacity: true)
        if blocks.count * TextTail.blockRowsMax >= Self.runRows { try writeRun() }
    }

    private func writeRun() throws(TextIndexError) {
        var writer = writer()
        let name = "\(number)-\(runs.count).run"
        let place = directory.appending(path: name, directoryHint: .notDirectory)
        // One that a dead process left.
        try? FileManager.default.removeItem(at: place)
        writer.fileName = name
        let sources: [any PostingsSource] = blocks.map { InvertedRowsSource(block: $0) { _ in false } }
        let description = try writer.write(try PostingsMerge(sources))
        blocks.removeAll()
        let run = try PostingsSegment(
            opening: description, in: directory, settings: configuration.settings, fileName: name,
            residentBytesMax: PageShare.bytes(files: Self.runsRead))
        try? FileManager.default.removeItem(at: place)
        runs.append(SealedPostings(run))
    }

    private func writer() -> PostingsWriter {
        PostingsWriter(
            number: number, sequences: sequences, settings: configuration.settings, directory: directory)
    }
}
