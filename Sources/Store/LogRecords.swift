/// Consecutive rows.
package struct RowRange: Hashable, Sendable {
    package let lowerBound: RowNumber
    package let count: Int

    package init(lowerBound: RowNumber, count: Int) {
        precondition(count >= 0, "count must not be negative, found \(count)")
        self.lowerBound = lowerBound
        self.count = count
    }

    package var upperBound: RowNumber {
        RowNumber(rawValue: lowerBound.rawValue + Int64(count))
    }

    /// In ascending order.
    package var rows: [RowNumber] {
        (lowerBound.rawValue..<upperBound.rawValue).map(RowNumber.init(rawValue:))
    }

    package func contains(_ row: RowNumber) -> Bool {
        lowerBound <= row && row < upperBound
    }
}

package enum CommitKind: String, Sendable {
    /// A document's version became live, and the one before it, if any, retired.
    case put
    case delete
}

/// One entry of the log.
package struct CommitRecord: Sendable, Equatable {
    package let sequence: SequenceNumber
    package let kind: CommitKind
    package let documentOrdinal: Int64
    /// The version that became live; nil for a deletion.
    package let version: VersionID?
    package let retiredVersion: VersionID?
    /// The document's revision after the commit.
    package let revision: Int64
    /// Never before the commit before it, whatever the clock did.
    package let committedAt: Timestamp
}

/// One entry of the log with what an index must do about it, all at once.
package struct Commit: Sendable, Equatable {
    package let record: CommitRecord

    /// In ascending order of rows; without those that have no vector in the follower's space, and empty if the
    /// version was collected since.
    package let born: [IndexedRow]

    /// Rows that died; a follower may meet the death of rows it never saw.
    package let died: RowRange?
}

/// A chunk as an index keeps it.
package struct IndexedRow: Sendable, Equatable {
    package let row: RowNumber
    package let documentOrdinal: Int64
    package let born: SequenceNumber
    /// Nil while the row is live.
    package let died: SequenceNumber?
    package let vector: [Float]
}

/// A page of rows, and where the next begins; nil after the last.
package struct RowPage: Sendable, Equatable {
    package let rows: [IndexedRow]
    package let next: RowCursor?
}

/// A chunk as an index of words keeps it.
package struct IndexedText: Sendable, Equatable {
    package let row: RowNumber
    package let documentOrdinal: Int64
    package let born: SequenceNumber
    /// Nil while the row is live.
    package let died: SequenceNumber?
    package let title: String?
    /// What its words are stemmed by; nil where nobody said.
    package let language: String?
    package let headingPath: [String]
    package let text: String
}

/// One entry of the log, as an index of words must follow it.
package struct TextCommit: Sendable, Equatable {
    package let sequence: SequenceNumber

    /// In ascending order of rows; empty if the version was collected since.
    package let born: [IndexedText]

    /// Rows that died; a follower may meet the death of rows it never saw.
    package let died: RowRange?
}

/// A page of texts, and where the next begins; nil after the last.
package struct TextPage: Sendable, Equatable {
    package let texts: [IndexedText]
    package let next: RowCursor?
}

/// Where a reading of rows goes on.
package struct RowCursor: Sendable, Equatable {
    let lower: Int64
    let upper: Int64
}

/// Rows that died together.
package struct DeadRows: Sendable, Equatable {
    package let rows: RowRange
    package let born: SequenceNumber
    package let died: SequenceNumber
}
