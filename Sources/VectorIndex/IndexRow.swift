/// A row's number in the log of whoever owns the index. Given out once, never reused, not even after a
/// deletion.
public struct RowID: RawRepresentable, Hashable, Comparable, Sendable, Codable {
    public let rawValue: Int64

    public init(rawValue: Int64) {
        self.rawValue = rawValue
    }

    public static func < (left: RowID, right: RowID) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// One vector and what it belongs to.
public struct IndexRow: Sendable, Hashable {
    public var row: RowID

    /// Ordinal of the document the row belongs to. The index carries it and filters by it; it means nothing
    /// here.
    public var document: Int64

    /// Sequence at which the row was committed: `0...` the sequence of the change that inserts it.
    public var bornSequence: Int64

    /// `dimension` components, finite, of squared length at most 2¹²⁶. Unit length makes similarity the
    /// cosine.
    public var vector: [Float]

    public init(row: RowID, document: Int64, bornSequence: Int64, vector: [Float]) {
        self.row = row
        self.document = document
        self.bornSequence = bornSequence
        self.vector = vector
    }
}

/// What one commit does to the index: applied as a whole or not at all.
public struct IndexChange: Sendable {
    /// Greater than the sequence of every change before it.
    public var sequence: Int64

    /// Rows the index has never held.
    public var insertions: [IndexRow]

    /// Rows that are dead from this sequence on, taken after the insertions. A row that the index does not
    /// hold is remembered as dead, so that a segment published later cannot bring it back.
    public var deletions: [RowID]

    public init(sequence: Int64, insertions: [IndexRow] = [], deletions: [RowID] = []) {
        self.sequence = sequence
        self.insertions = insertions
        self.deletions = deletions
    }
}

/// One row found by a search.
public struct Neighbor: Sendable, Hashable {
    public let row: RowID
    public let document: Int64

    /// Dot product of the query and the row's vector in Float32; the cosine if both have unit length.
    public let similarity: Float

    public init(row: RowID, document: Int64, similarity: Float) {
        self.row = row
        self.document = document
        self.similarity = similarity
    }
}
