import Columnar
import Foundation

/// Writes sources as one segment.
///
/// The sizes of all columns have to be known first, so the terms are encoded; what comes out is kept if it is at most
/// 16 MiB, else only counted, and encoded a second time into the file. Memory: that, and what the merge takes.
struct PostingsWriter {
    let number: Int64
    let sequences: ClosedRange<Int64>
    let settings: String
    let directory: URL

    /// The name of the file, where it is not the segment's.
    var fileName: String?

    /// A tail's segment fits many times over.
    static let keptBytesMax = 16 << 20

    /// So many terms between two looks at whether to go on: some milliseconds.
    private static let termsBetweenLooks = 1_024

    /// - Throws: `.compactionStopped`, `.segmentExists`, `.segmentNotWritten`, `.segmentDamaged` for a source.
    func write(
        _ merge: PostingsMerge, isCancelled: () -> Bool = { false }
    ) throws(TextIndexError) -> PostingsDescription {
        let (counted, kept) = try count(merge, isCancelled)
        let names = merge.traits.names
        var counts = counted
        counts.rows = merge.rowCount
        counts.languages = names.count
        let nameBytes = names.flatMap { name in
            let bytes = Array(name.rawValue.utf8.prefix(255))
            return [UInt8(bytes.count)] + bytes
        }
        counts.languageBytes = nameBytes.count
        counts.settingsBytes = settings.utf8.count
        let writer = try makeWriter(counts)
        try writeRows(merge, nameBytes, counts, writer)
        if let kept {
            try append(kept, writer)
        } else {
            try encode(merge, isCancelled) { output throws(TextIndexError) in try append(output, writer) }
        }
        do {
            let (byteCount, digest) = try writer.finish()
            return PostingsDescription(
                number: number, rowCount: counts.rows, sequences: sequences, byteCount: Int64(byteCount),
                digest: PostingsFormat.hexadecimal(digest))
        } catch {
            throw .segmentNotWritten(number: number, underlying: error)
        }
    }

    /// The sizes of the columns, and the columns if they are small.
    private func count(
        _ merge: PostingsMerge, _ isCancelled: () -> Bool
    ) throws(TextIndexError) -> (PostingsFormat.Counts, TermEncoder.Output?) {
        var encoder = TermEncoder(lengthCodes: merge.traits.lengthCodes)
        var isKept = true
        var terms = 0
        try merge.forEachTerm { term, postings throws(TextIndexError) in
            encoder.append(term, postings)
            terms += 1
            try look(terms, isCancelled)
            if isKept, encoder.output.byteCount > Self.keptBytesMax { isKept = false }
            if !isKept { _ = encoder.drain() }
        }
        return (encoder.counts, isKept ? encoder.drain() : nil)
    }

    private func encode(
        _ merge: PostingsMerge, _ isCancelled: () -> Bool,
        _ body: (TermEncoder.Output) throws(TextIndexError) -> Void
    ) throws(TextIndexError) {
        var encoder = TermEncoder(lengthCodes: merge.traits.lengthCodes)
        var terms = 0
        try merge.forEachTerm { term, postings throws(TextIndexError) in
            encoder.append(term, postings)
            terms += 1
            try look(terms, isCancelled)
            if encoder.output.byteCount > 1 << 20 { try body(encoder.drain()) }
        }
        try body(encoder.drain())
    }

    private func look(_ terms: Int, _ isCancelled: () -> Bool) throws(TextIndexError) {
        if terms.isMultiple(of: Self.termsBetweenLooks), isCancelled() { throw .compactionStopped }
    }

    private func makeWriter(_ counts: PostingsFormat.Counts) throws(TextIndexError) -> ColumnFileWriter {
        let identity = ColumnFileIdentity(
            kind: PostingsFormat.kind, kindVersion: PostingsFormat.kindVersion, number: number,
            rowCount: counts.rows, dimension: 0, sequences: sequences)
        let path = directory.appending(
            path: fileName ?? PostingsDescription.fileName(number: number), directoryHint: .notDirectory)
        do {
            return try ColumnFileWriter(
                creating: path.path(percentEncoded: false), identity: identity,
                columns: PostingsFormat.columns(counts))
        } catch .exists {
            throw .segmentExists(number: number)
        } catch {
            throw .segmentNotWritten(number: number, underlying: error)
        }
    }

    private func writeRows(
        _ merge: PostingsMerge, _ nameBytes: [UInt8], _ counts: PostingsFormat.Counts,
        _ writer: ColumnFileWriter
    ) throws(TextIndexError) {
        let traits = merge.traits
        let languageRows = traits.languageRowCounts.map { Int64($0) }
        try append(try merge.column(.row), to: PostingsFormat.row, writer)
        try append(try merge.column(.document), to: PostingsFormat.document, writer)
        try append(try merge.column(.bornSequence), to: PostingsFormat.bornSequence, writer)
        try append(traits.lengthCodes, to: PostingsFormat.length, writer)
        try append(traits.languages, to: PostingsFormat.language, writer)
        try append(nameBytes, to: PostingsFormat.languages, writer)
        try append(languageRows, to: PostingsFormat.languageRows, writer)
        try append(Array(settings.utf8), to: PostingsFormat.settings, writer)
        try append([Int64(traits.lengthSum), Int64(counts.terms)], to: PostingsFormat.totals, writer)
    }

    private func append(_ output: TermEncoder.Output, _ writer: ColumnFileWriter) throws(TextIndexError) {
        try append(output.dictionaryStarts, to: PostingsFormat.dictionaryStart, writer)
        try append(output.dictionary, to: PostingsFormat.dictionary, writer)
        try append(output.terms, to: PostingsFormat.term, writer)
        try append(output.blocks, to: PostingsFormat.block, writer)
        try append(output.postings, to: PostingsFormat.posting, writer)
        try append(output.occurrences, to: PostingsFormat.occurrence, writer)
    }

    private func append<Element: ColumnElement>(
        _ elements: [Element], to column: ColumnID, _ writer: ColumnFileWriter
    ) throws(TextIndexError) {
        do {
            try writer.append(elements.span, to: column)
        } catch {
            throw .segmentNotWritten(number: number, underlying: error)
        }
    }
}
