/// One thing that is not as it must be.
package struct VerificationFinding: Sendable, Equatable {
    /// What the rule is about: a table's invariant, or a file.
    package enum Rule: String, Sendable, CaseIterable {
        case integrity, foreignKeys, documentHasItsLiveVersion, liveVersionIsCurrent, versionHasItsChunks,
            chunkLiesInItsVersion, chunkHasItsVector, spacesAreInOrder, vectorHasItsDimension,
            unreferencedIsNoted, referencedIsNotNoted, birthIsInTheLog, deathIsInTheLog, logIsWithoutGaps,
            rowRangesAreApart,
            rowsAreTaken, countsAreRight, chargeIsOfACommit, segmentIsDescribed,
            attributesAreListed, listedIsAnAttribute
        case blobIsThere, blobHashesToItsName, blobHasItsLength, citationVerifies
    }

    package let rule: Rule
    package let subject: String
    package let found: String
    package let expected: String
}

extension WorkspaceStore {
    /// Checks everything: the file's structure, the invariants between its tables, each blob against its
    /// name, each citation against its blob. Reads all data once; writers go on meanwhile.
    ///
    /// - Returns: nothing, if all is well.
    package func verify() throws(StoreError) -> [VerificationFinding] {
        try verifyTables() + verifyBlobs()
    }

    private func verifyTables() throws(StoreError) -> [VerificationFinding] {
        try database.read { connection in
            try VerificationStatement.allCases.flatMap { statement in
                try connection.rows(statement) { reader in
                    VerificationFinding(
                        rule: statement.rule, subject: try reader.text(), found: try reader.text(),
                        expected: try reader.text())
                }
            }
        }
    }

    private func verifyBlobs() throws(StoreError) -> [VerificationFinding] {
        try verifyBlobs(.contentsAfter, .versionsOfContent)
            + verifyBlobs(.renditionsAfter, .versionsOfRendition)
    }

    /// One blob in memory at a time, in the order of their digests.
    ///
    /// - Parameter versions: those whose chunks are ranges of the blob.
    private func verifyBlobs(
        _ next: BlobVerificationStatement, _ versions: BlobVerificationStatement
    ) throws(StoreError) -> [VerificationFinding] {
        var findings: [VerificationFinding] = []
        var after: [UInt8] = []
        while let content = try database.read({ try $0.content(next, after: after) }) {
            let sources = try database.read { try $0.sources(versions, of: content.digest) }
            findings += try verify(content, sources)
            after = content.digest.bytes
        }
        return findings
    }

    private func verify(
        _ content: StoredContent, _ sources: [ChunkSource]
    ) throws(StoreError) -> [VerificationFinding] {
        let subject = "blob \(content.digest)"
        let path = blobs.filePath(of: content.digest)
        guard let bytes = try perform({ try SystemCalls.readFile(path) }) else {
            return [
                VerificationFinding(rule: .blobIsThere, subject: subject, found: "no file", expected: path)
            ]
        }
        let found = ContentDigest(of: bytes)
        guard found == content.digest else {
            return [
                VerificationFinding(
                    rule: .blobHashesToItsName, subject: subject, found: found.hex,
                    expected: content.digest.hex)
            ]
        }
        var findings: [VerificationFinding] = []
        if bytes.count != content.byteCount {
            findings.append(
                VerificationFinding(
                    rule: .blobHasItsLength, subject: subject, found: "\(bytes.count) bytes",
                    expected: "\(content.byteCount) bytes"))
        }
        return findings + sources.compactMap { $0.finding(in: bytes) }
    }
}

private struct StoredContent {
    let digest: ContentDigest
    let byteCount: Int
}

private struct ChunkSource {
    let row: Int64
    let byteRange: Range<Int>
    let digest: ContentDigest

    /// Nil if the bytes at the range hash to the digest.
    func finding(in bytes: [UInt8]) -> VerificationFinding? {
        let isInside = byteRange.lowerBound >= 0 && byteRange.upperBound <= bytes.count
        let found = isInside ? ContentDigest(of: bytes[byteRange]) : nil
        guard found != digest else { return nil }
        return VerificationFinding(
            rule: .citationVerifies, subject: "chunk row \(row), bytes \(byteRange)",
            found: found?.hex ?? "\(bytes.count) bytes", expected: digest.hex)
    }
}

extension Connection {
    fileprivate func content(
        _ statement: BlobVerificationStatement, after digest: [UInt8]
    ) throws -> StoredContent? {
        try row(statement, digest.data) {
            StoredContent(digest: try $0.digest(), byteCount: try $0.count())
        }
    }

    fileprivate func sources(
        _ statement: BlobVerificationStatement, of content: ContentDigest
    ) throws -> [ChunkSource] {
        try rows(statement, content.data) { try $0.rowRange() }
            .flatMap { range in
                try rows(
                    BlobVerificationStatement.sourcesOfRows, range.lowerBound.rawValue,
                    range.upperBound.rawValue
                ) {
                    ChunkSource(row: try $0.integer(), byteRange: try $0.range(), digest: try $0.digest())
                }
            }
    }
}
