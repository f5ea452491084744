extension WorkspaceStore {
    /// The log after `after`, for an index of words that follows it: as `commits(after:in:limit:rowsMax:)`, and every
    /// row has its text, whatever spaces there are.
    ///
    /// - Throws: `.logTruncated` if deaths the follower has not seen were forgotten: it opens anew.
    package func textCommits(
        after: SequenceNumber, limit: Int, rowsMax: Int = 16_384
    ) throws(StoreError) -> [TextCommit] {
        try database.read { connection in
            let records = try connection.records(after: after, limit: limit)
            var decoder = TextDecoder()
            var commits: [TextCommit] = []
            var rowCount = 0
            for record in records where commits.isEmpty || rowCount < rowsMax {
                let born = try record.version.map { version in
                    try connection.rows(WorkspaceStatement.bornTexts, version.rawValue) {
                        try decoder.text(&$0)
                    }
                }
                let commit = TextCommit(
                    sequence: record.sequence, born: born ?? [], died: try connection.deaths(by: record))
                rowCount += commit.born.count
                commits.append(commit)
            }
            return commits
        }
    }

    /// Texts of committed versions born in `bornIn`, live or retained, in ascending order of rows: what a segment of
    /// postings is built of. Pass the last page's `next` until it is nil.
    package func texts(
        bornIn sequences: ClosedRange<SequenceNumber>, from cursor: RowCursor? = nil, limit: Int
    ) throws(StoreError) -> TextPage {
        let (low, high) = (sequences.lowerBound.rawValue, sequences.upperBound.rawValue)
        return try database.read { connection in
            let cursor = try cursor ?? connection.rowBounds(low, high)
            var decoder = TextDecoder()
            let texts = try connection.rows(
                WorkspaceStatement.textsBornBetween, cursor.lower, cursor.upper, low, high, limit
            ) { try decoder.text(&$0) }
            guard texts.count == limit, let last = texts.last else {
                return TextPage(texts: texts, next: nil)
            }
            return TextPage(
                texts: texts, next: RowCursor(lower: last.row.rawValue + 1, upper: cursor.upper))
        }
    }
}

extension WorkspaceStore {
    /// The texts of rows of retained versions, whatever their state.
    package func indexedTexts(_ rows: Range<Int64>) throws(StoreError) -> [IndexedText] {
        try database.read { connection in
            var decoder = TextDecoder()
            return try connection.rows(
                WorkspaceStatement.textsBornBetween, rows.lowerBound, rows.upperBound, 0, Int64.max,
                rows.count
            ) { try decoder.text(&$0) }
        }
    }
}

/// Neighbors mostly stand under the same headings: those of the last row are not decoded again.
private struct TextDecoder {
    private var last: (text: String, path: [String])?

    mutating func text(_ reader: inout ColumnReader) throws -> IndexedText {
        let row = RowNumber(rawValue: try reader.integer())
        let documentOrdinal = try reader.integer()
        let born = try reader.sequence()
        let died = try reader.optionalSequence()
        let title = try reader.optionalText()
        let language = try reader.optionalText()
        let path = try headings(reader.text())
        return IndexedText(
            row: row, documentOrdinal: documentOrdinal, born: born, died: died, title: title,
            language: language, headingPath: path, text: try reader.text())
    }

    private mutating func headings(_ text: String) throws -> [String] {
        if let last, last.text == text { return last.path }
        let path: [String] = try JSONColumn.value(of: text)
        last = (text, path)
        return path
    }
}
