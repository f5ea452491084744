/// A moment between two changes of which documents match which filter.
package struct FilterMoment: Sendable, Hashable {
    /// The last commit's.
    package let sequence: SequenceNumber

    /// Grows with every attribute that is set and every document that is moved.
    package let revision: Int64

    package init(sequence: SequenceNumber, revision: Int64) {
        self.sequence = sequence
        self.revision = revision
    }
}

/// The documents that match each of several conditions, all as of one moment.
package struct ConditionMatches: Sendable {
    package let moment: FilterMoment

    /// In the order of the conditions.
    package let matches: [OrdinalSet]

    /// All documents that are there; nil if nobody asked for them.
    package let all: OrdinalSet?
}

extension WorkspaceStore {
    /// Rows of indexes that are read for one filter: about a second. Twice the documents of the largest workspace.
    package static let filterRowsMax = 4_000_000

    /// Reads which documents match.
    ///
    /// - Parameters:
    ///   - wantsAll: whether all documents are needed too, for the complement of a set.
    ///   - rowsMax: rows of indexes that are read for all conditions together.
    /// - Throws: `.filterTooBroad`.
    package func documents(
        matching conditions: [DocumentCondition], wantsAll: Bool, rowsMax: Int = filterRowsMax
    ) throws(StoreError) -> ConditionMatches {
        try database.read { connection in
            var reader = ConditionReader(connection: connection, rowsMax: rowsMax)
            return ConditionMatches(
                moment: FilterMoment(
                    sequence: try connection.currentSequence(),
                    revision: try connection.workspaceState().filterRevision),
                matches: try conditions.map { try reader.documents($0) },
                all: wantsAll ? try reader.all() : nil)
        }
    }
}

/// Answers conditions within one transaction, up to a number of rows.
private struct ConditionReader {
    let connection: Connection
    let rowsMax: Int
    private var rowsLeft: Int

    init(connection: Connection, rowsMax: Int) {
        self.connection = connection
        self.rowsMax = rowsMax
        rowsLeft = rowsMax
    }

    mutating func documents(_ condition: DocumentCondition) throws -> OrdinalSet {
        var found = OrdinalSet()
        switch condition {
        case .compare(let field, let comparison, let value):
            for range in ValueRange.ranges(comparison, value) { try add(field, range, to: &found) }
        case .isAny(let field, let values):
            for range in values.flatMap({ ValueRange.ranges(.equal, $0) }) {
                try add(field, range, to: &found)
            }
        case .contains(let field, let text): try add(field, containing: text, to: &found)
        case .exists(let field): try addExisting(field, to: &found)
        case .folder(let folder, let isRecursive): try add(folder: folder, isRecursive, to: &found)
        case .documents(let ids):
            for id in ids {
                try count(1)
                let ordinal = try connection.row(AttributeStatement.documentByID, id.rawValue) {
                    try $0.integer()
                }
                if let ordinal { found.insert(ordinal) }
            }
        }
        return found
    }

    mutating func all() throws -> OrdinalSet {
        var found = OrdinalSet()
        try count(
            connection.rows(AttributeStatement.allDocuments, rowsLeft + 1) {
                found.insert(try $0.integer())
            }.count)
        return found
    }

    private mutating func add(
        _ field: DocumentField, _ range: ValueRange, to found: inout OrdinalSet
    ) throws {
        let (low, high) = (range.lower.argument, range.upper.argument)
        if case .attribute(let name) = field {
            try count(
                connection.rows(
                    AttributeStatement.attributeRange, name, range.kind.rawValue, low, high, rowsLeft + 1
                ) { found.insert(try $0.integer()) }.count)
            return
        }
        guard let statement = field.rangeStatement, range.kind == field.kind else { return }
        try count(
            connection.rows(statement, low, high, rowsLeft + 1) { found.insert(try $0.integer()) }.count)
    }

    private mutating func add(
        _ field: DocumentField, containing text: String, to found: inout OrdinalSet
    ) throws {
        func note(_ reader: inout ColumnReader) throws {
            let ordinal = try reader.integer()
            if try reader.integer() != 0 { found.insert(ordinal) }
        }
        guard case .attribute(let name) = field else {
            guard let statement = field.textsStatement else { return }
            return try count(connection.rows(statement, text, rowsLeft + 1, decode: note).count)
        }
        let range = ValueRange.strings(.equal, text)
        try count(
            connection.rows(
                AttributeStatement.attributeRange, name, AttributeKind.member.rawValue, range.lower.argument,
                range.upper.argument, rowsLeft + 1
            ) { found.insert(try $0.integer()) }.count)
        try count(
            connection.rows(
                AttributeStatement.attributeTexts, name, AttributeKind.string.rawValue, text, rowsLeft + 1,
                decode: note
            ).count)
    }

    private mutating func addExisting(_ field: DocumentField, to found: inout OrdinalSet) throws {
        switch field {
        case .attribute(let name):
            try count(
                connection.rows(AttributeStatement.attributeExists, name, rowsLeft + 1) {
                    found.insert(try $0.integer())
                }.count)
        case .title: try add(field, ValueRange.strings(.greaterOrEqual, ""), to: &found)
        case .path, .mediaType, .created, .updated: found = try all()
        }
    }

    private mutating func add(folder: String, _ isRecursive: Bool, to found: inout OrdinalSet) throws {
        if folder.isEmpty, isRecursive {
            found = try all()
            return
        }
        var ranges = [ValueRange.strings(.equal, folder)]
        if isRecursive { ranges.append(ValueRange.strings(.prefix, folder + "/")) }
        for range in ranges {
            try count(
                connection.rows(
                    AttributeStatement.folderRange, range.lower.argument, range.upper.argument, rowsLeft + 1
                ) { found.insert(try $0.integer()) }.count)
        }
    }

    private mutating func count(_ rows: Int) throws {
        rowsLeft -= rows
        guard rowsLeft >= 0 else { throw StoreError.filterTooBroad(rowsMax: rowsMax) }
    }
}

extension DocumentField {
    fileprivate var kind: AttributeKind {
        switch self {
        case .attribute, .path, .title, .mediaType: .string
        case .created, .updated: .date
        }
    }

    fileprivate var rangeStatement: AttributeStatement? {
        switch self {
        case .attribute: nil
        case .path: .pathRange
        case .title: .titleRange
        case .mediaType: .mediaTypeRange
        case .created: .createdRange
        case .updated: .updatedRange
        }
    }

    fileprivate var textsStatement: AttributeStatement? {
        switch self {
        case .attribute, .created, .updated: nil
        case .path: .pathTexts
        case .title: .titleTexts
        case .mediaType: .mediaTypeTexts
        }
    }
}
