/// What a segment holds; also its file's extension.
package enum SegmentKind: String, Sendable {
    case vectors, postings, quantizer
}

package enum SegmentState: String, Sendable {
    /// Its file may be being written.
    case allocated
    case live
    /// Replaced or damaged; its file goes after the horizon.
    case retired
}

/// A sealed file as its writer describes it.
package struct SegmentEntry: Sendable, Equatable {
    package let number: SegmentNumber
    package let rowCount: Int
    /// The segment holds the rows born in this range, and may leave out dead ones. A quantizer holds no rows: zero.
    package let sequences: ClosedRange<SequenceNumber>
    /// Of rows that had died by then it holds none; zero if that is not known. Versions whose rows no segment holds can
    /// be forgotten.
    package let purgedThrough: SequenceNumber
    package let byteCount: Int
    /// Of the whole file, by whatever function its owner uses.
    package let digest: [UInt8]

    package init(
        number: SegmentNumber, rowCount: Int, sequences: ClosedRange<SequenceNumber>,
        purgedThrough: SequenceNumber = .zero, byteCount: Int, digest: [UInt8]
    ) {
        self.number = number
        self.rowCount = rowCount
        self.sequences = sequences
        self.purgedThrough = purgedThrough
        self.byteCount = byteCount
        self.digest = digest
    }
}

/// A segment's row in the manifest. Until it is published its entry is empty.
package struct SegmentRecord: Sendable, Equatable {
    package let space: SpaceID
    package let kind: SegmentKind
    package let state: SegmentState
    /// `<number>.<kind>`, in the workspace's segment directory.
    package let fileName: String
    package let entry: SegmentEntry

    package var number: SegmentNumber {
        entry.number
    }
}

/// The live segments of vectors and the quantizers of a space, or those of postings, and where the log stood when
/// they were read.
package struct SegmentManifest: Sendable, Equatable {
    package let sequence: SequenceNumber
    /// By number.
    package let segments: [SegmentRecord]
}

extension WorkspaceStore {
    /// Where segment files lie; its owner makes it.
    package var segmentDirectoryPath: String {
        directoryPath + "/segments"
    }

    /// Takes a number for a file that does not exist yet. The number is durable and never given again.
    package func allocateSegment(
        in space: SpaceID, kind: SegmentKind
    ) throws(StoreError) -> SegmentRecord {
        let now = environment.now()
        let record = try database.write { connection in
            guard try connection.space(space) != nil else { throw StoreError.spaceNotFound(space) }
            let number = try connection.insert(
                WorkspaceStatement.insertSegment, space.rawValue, kind.rawValue, now.milliseconds)
            try connection.run(WorkspaceStatement.nameSegment, "\(number).\(kind.rawValue)", number)
            return try connection.segment(SegmentNumber(rawValue: number))
        }
        environment.reached(.segmentAllocated)
        return record
    }

    /// Makes a written and synced segment live and retires those it replaces, in one transaction.
    ///
    /// - Parameter quantizer: the one that the segment's lists were made with; without it the file is of no use.
    /// - Throws: `.segmentStateMismatch` unless it is allocated, and those to retire and the quantizer are live;
    /// `.segmentOverlaps` if another live segment of its space and kind holds rows born in the same range,
    ///   because another process sealed them first; nothing happened then.
    package func publishSegment(
        _ entry: SegmentEntry, retiring: [SegmentNumber] = [], needing quantizer: SegmentNumber? = nil
    ) throws(StoreError) {
        let now = environment.now()
        try database.write { connection in
            if let quantizer, try connection.segment(quantizer).state != .live {
                throw try connection.mismatch(quantizer, expected: .live)
            }
            let changed = try connection.run(
                WorkspaceStatement.publishSegment, now.milliseconds, entry.rowCount,
                entry.sequences.lowerBound.rawValue, entry.sequences.upperBound.rawValue,
                entry.purgedThrough.rawValue, entry.byteCount, entry.digest.data, entry.number.rawValue)
            guard changed == 1 else {
                throw try connection.mismatch(entry.number, expected: .allocated)
            }
            for number in retiring {
                try connection.retire(number, now: now)
            }
            try connection.checkApart(entry)
            environment.reached(.segmentRecording)
        }
        environment.reached(.segmentRecorded)
    }

    /// Retires a live segment without a successor: its file is damaged or gone, and will be rebuilt from the
    /// rows.
    package func withdrawSegment(_ number: SegmentNumber) throws(StoreError) {
        let now = environment.now()
        try database.write { try $0.retire(number, now: now) }
    }

    package func liveSegments(in space: SpaceID) throws(StoreError) -> SegmentManifest {
        try database.read { connection in
            let numbers = try connection.rows(WorkspaceStatement.liveSegments, space.rawValue) {
                try $0.integer()
            }
            return SegmentManifest(
                sequence: try connection.currentSequence(),
                segments: try numbers.map { try connection.segment(SegmentNumber(rawValue: $0)) })
        }
    }

    /// The live segments of postings, which are of no space.
    package func livePostings() throws(StoreError) -> SegmentManifest {
        try database.read { connection in
            let numbers = try connection.rows(WorkspaceStatement.livePostings) { try $0.integer() }
            return SegmentManifest(
                sequence: try connection.currentSequence(),
                segments: try numbers.map { try connection.segment(SegmentNumber(rawValue: $0)) })
        }
    }

    /// The newest number among the live segments of postings.
    package func newestLivePostings() throws(StoreError) -> SegmentNumber? {
        try database.read { connection in
            try connection.row(WorkspaceStatement.newestLivePostings) {
                SegmentNumber(rawValue: try $0.integer())
            }
        }
    }

    /// The newest number among a space's live segments: it grows with every change of the manifest that adds one.
    package func newestLiveSegment(in space: SpaceID) throws(StoreError) -> SegmentNumber? {
        try database.read { connection in
            try connection.row(WorkspaceStatement.newestLiveSegment, space.rawValue) {
                SegmentNumber(rawValue: try $0.integer())
            }
        }
    }

    /// Segments whose files are to be unlinked: retired before the horizon, or allocated before it and never
    /// published, for their writer is dead. Unlink, then `forgetSegments`.
    package func segmentsToUnlink(
        before horizon: Timestamp, limit: Int
    ) throws(StoreError) -> [SegmentRecord] {
        try database.read { connection in
            var records: [SegmentRecord] = []
            for state in [SegmentState.retired, .allocated] {
                let numbers = try connection.rows(
                    WorkspaceStatement.segmentsBefore, state.rawValue, horizon.milliseconds,
                    limit - records.count
                ) { try $0.integer() }
                records += try numbers.map { try connection.segment(SegmentNumber(rawValue: $0)) }
            }
            return records
        }
    }

    /// Forgets segments whose files are gone; live ones stay.
    package func forgetSegments(_ numbers: [SegmentNumber]) throws(StoreError) {
        try database.write { connection in
            for number in numbers {
                try connection.run(WorkspaceStatement.forgetSegment, number.rawValue)
            }
        }
    }
}

extension Connection {
    func segment(_ number: SegmentNumber) throws -> SegmentRecord {
        let record = try row(WorkspaceStatement.segmentByNumber, number.rawValue) { try SegmentRecord(&$0) }
        guard let record else { throw StoreError.segmentNotFound(number) }
        return record
    }

    fileprivate func retire(_ number: SegmentNumber, now: Timestamp) throws {
        let changed = try run(WorkspaceStatement.retireSegment, now.milliseconds, number.rawValue)
        guard changed == 1 else { throw try mismatch(number, expected: .live) }
    }

    /// Two live segments of one kind never hold rows of the same commit: a search would meet them twice.
    fileprivate func checkApart(_ entry: SegmentEntry) throws {
        let own = try segment(entry.number)
        guard own.kind != .quantizer else { return }
        let numbers =
            if own.kind == .postings {
                try rows(WorkspaceStatement.livePostings) { try $0.integer() }
            } else {
                try rows(WorkspaceStatement.liveSegments, own.space.rawValue) { try $0.integer() }
            }
        for number in numbers where number != entry.number.rawValue {
            let other = try segment(SegmentNumber(rawValue: number))
            guard other.kind == own.kind, other.entry.sequences.overlaps(entry.sequences) else { continue }
            throw StoreError.segmentOverlaps(entry.number, with: other.number)
        }
    }

    fileprivate func mismatch(_ number: SegmentNumber, expected: SegmentState) throws -> StoreError {
        .segmentStateMismatch(number, expected: expected, found: try segment(number).state)
    }
}

extension SegmentRecord {
    fileprivate init(_ reader: inout ColumnReader) throws {
        let number = SegmentNumber(rawValue: try reader.integer())
        space = SpaceID(rawValue: try reader.integer())
        kind = try reader.choice()
        state = try reader.choice()
        fileName = try reader.text()
        let rowCount = try reader.count()
        let sequences = try reader.range()
        entry = SegmentEntry(
            number: number, rowCount: rowCount,
            sequences: SequenceNumber(
                rawValue: Int64(sequences.lowerBound))...SequenceNumber(
                    rawValue: Int64(sequences.upperBound)),
            purgedThrough: try reader.sequence(), byteCount: try reader.count(), digest: try reader.bytes())
    }
}
