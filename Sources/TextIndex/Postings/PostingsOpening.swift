import Columnar

/// What is read of a segment's file when it is opened, before any of it is believed.
struct PostingsOpening {
    let number: Int64
    let file: ColumnFile

    private func bytes(_ id: ColumnID) throws(TextIndexError) -> [UInt8] {
        try PostingsSegment.damaged(number) { () throws(ColumnFileError) in
            try file.withColumn(id, rows: 0..<rows(id), as: UInt8.self) { span in
                span.indices.map { span[$0] }
            }
        }
    }

    private func integers(_ id: ColumnID, _ range: Range<Int>? = nil) throws(TextIndexError) -> [Int64] {
        try PostingsSegment.damaged(number) { () throws(ColumnFileError) in
            try file.withColumn(id, rows: range ?? 0..<rows(id), as: Int64.self) { span in
                span.indices.map { span[$0] }
            }
        }
    }

    private func rows(_ id: ColumnID) -> Int {
        file.columns.first { $0.id == id }?.shape.rowCount ?? 0
    }

    func compareSettings(with settings: String) throws(TextIndexError) {
        let found = try bytes(PostingsFormat.settings)
        guard found == Array(settings.utf8) else {
            throw .segmentMismatch(
                number: number, field: .settings, expected: settings,
                found: String(decoding: found, as: UTF8.self))
        }
    }

    /// The sum of the lengths, and the counts that the columns' shapes are compared with.
    func totals() throws(TextIndexError) -> (lengthSum: Int, counts: PostingsFormat.Counts) {
        let totals = try integers(PostingsFormat.totals)
        let rowCount = file.identity.rowCount
        let lengthMax = Int64(LengthCode.lengths[255]) * Int64(rowCount)
        guard totals.count == 2, totals[0] >= 0, totals[0] <= lengthMax, totals[1] >= 0, totals[1] < 1 << 31,
            rowCount < 1 << 31
        else { throw damage(PostingsFormat.totals, "lengths to \(lengthMax), terms below 2³¹", "\(totals)") }
        var counts = PostingsFormat.Counts()
        counts.rows = rowCount
        counts.languages = rows(PostingsFormat.languageRows)
        counts.languageBytes = rows(PostingsFormat.languages)
        counts.settingsBytes = rows(PostingsFormat.settings)
        counts.terms = Int(totals[1])
        counts.dictionaryBytes = rows(PostingsFormat.dictionary)
        counts.blocks = rows(PostingsFormat.block)
        counts.postingBytes = rows(PostingsFormat.posting)
        counts.occurrenceBytes = rows(PostingsFormat.occurrence)
        return (Int(totals[0]), counts)
    }

    func languages() throws(TextIndexError) -> [(language: Language, rowCount: Int)] {
        let counts = try integers(PostingsFormat.languageRows)
        let names = try bytes(PostingsFormat.languages)
        var languages: [(language: Language, rowCount: Int)] = []
        var offset = 0
        for count in counts {
            guard offset < names.count, offset + Int(names[offset]) < names.count, count >= 0,
                count <= file.identity.rowCount, languages.count < PostingsFormat.languagesMax
            else { throw damage(PostingsFormat.languages, "\(counts.count) names", "\(languages.count)") }
            let end = offset + 1 + Int(names[offset])
            let name = String(decoding: names[(offset + 1)..<end], as: UTF8.self)
            languages.append((Language(rawValue: name), Int(count)))
            offset = end
        }
        return languages
    }

    func bounds(rowCount: Int) throws(TextIndexError) -> ClosedRange<Int64>? {
        guard rowCount > 0 else { return nil }
        let first = try integers(PostingsFormat.row, 0..<1)[0]
        let last = try integers(PostingsFormat.row, (rowCount - 1)..<rowCount)[0]
        return min(first, last)...max(first, last)
    }

    private func damage(_ column: ColumnID, _ expected: String, _ found: String) -> TextIndexError {
        .segmentDamaged(
            number: number,
            underlying: PostingsDamage(column: column.rawValue, expected: expected, found: found))
    }
}
