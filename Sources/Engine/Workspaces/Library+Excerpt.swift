import Documents

/// Which part of a text is wanted. What is beyond the text's end is not there, and no error.
package enum ExcerptRange: Sendable, Hashable {
    /// From 1.
    case lines(ClosedRange<Int>)
    case bytes(Range<Int>)
}

/// A part of the text that citations of a document are ranges of.
package struct DocumentExcerpt: Sendable {
    package var document: DocumentSummary
    package var text: String

    /// Of the text, in the whole. It begins and ends with a character; one that was cut short ends with a line where a
    /// line ended within the bound.
    package var byteRange: Range<Int>

    /// Nil where no byte is in the range.
    package var lineRange: ClosedRange<Int>?

    /// Of the whole.
    package var byteCount: Int
    package var lineCount: Int

    /// Whether more was wanted, and is there, than the bound has room for.
    package var isCut: Bool

    init(_ wanted: ExcerptRange, of bytes: [UInt8], in document: DocumentSummary, upTo byteCountMax: Int) {
        let lines = LineTable(bytes)
        let range = Self.range(wanted, of: bytes, lines)
        let end = Self.end(of: range, in: bytes, lines, upTo: byteCountMax)
        self.document = document
        byteRange = range.lowerBound..<end
        // Bytes that are no UTF-8 are read as passages have them.
        text = String(decoding: bytes[byteRange], as: UTF8.self)
        lineRange = byteRange.isEmpty ? nil : lines.lines(of: byteRange)
        (byteCount, lineCount) = (bytes.count, lines.count)
        isCut = end < range.upperBound
    }

    private static func range(_ wanted: ExcerptRange, of bytes: [UInt8], _ lines: LineTable) -> Range<Int> {
        switch wanted {
        case .lines(let wanted):
            guard wanted.lowerBound >= 1, wanted.lowerBound <= lines.count else {
                return bytes.count..<bytes.count
            }
            return lines.range(ofLines: wanted.lowerBound...min(wanted.upperBound, lines.count))
        case .bytes(let wanted):
            let found = wanted.clamped(to: 0..<bytes.count)
            let start = character(at: found.lowerBound, in: bytes)
            return start..<max(start, character(at: found.upperBound, in: bytes))
        }
    }

    /// Where the range is cut: behind the last line that fits, or where not even one does, behind a character.
    private static func end(
        of range: Range<Int>, in bytes: [UInt8], _ lines: LineTable, upTo byteCountMax: Int
    ) -> Int {
        guard range.count > byteCountMax else { return range.upperBound }
        let most = range.lowerBound + byteCountMax
        let line = lines.range(ofLine: lines.line(at: most)).lowerBound
        return line > range.lowerBound ? line : character(at: most, in: bytes)
    }

    /// Where the character begins whose byte is at `offset`: at most three bytes before.
    private static func character(at offset: Int, in bytes: [UInt8]) -> Int {
        let start = (max(offset - 3, 0)...offset).last { $0 >= bytes.count || bytes[$0] & 0xc0 != 0x80 }
        return start ?? offset
    }
}

extension Library {
    /// A part of a document's text: of its rendition, or where it has none, of the original.
    ///
    /// - Parameter byteCountMax: at which it is cut; at least 4, the longest character.
    /// - Throws: `EngineError.documentNotFound`; `StoreError.blobDamaged`.
    package func excerpt(
        _ range: ExcerptRange, of reference: DocumentReference, upTo byteCountMax: Int,
        in scope: WorkspaceScope
    ) throws -> DocumentExcerpt {
        precondition(
            byteCountMax >= 4, "an excerpt of \(byteCountMax) bytes may have no room for a character")
        let (document, bytes, _) = try rendition(of: reference, in: scope)
        return DocumentExcerpt(range, of: bytes, in: document, upTo: byteCountMax)
    }
}
