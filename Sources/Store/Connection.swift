import Foundation
import GRDB

/// A query or change that is written down in one of the statement lists, and nowhere else.
package protocol NamedStatement: RawRepresentable, CaseIterable, Sendable where RawValue == String {}

/// A database within one transaction. It runs listed statements only, each prepared once per connection.
struct Connection {
    private let database: Database

    init(database: Database) {
        self.database = database
    }

    /// Runs a change and returns the number of rows it changed.
    @discardableResult
    func run(_ statement: some NamedStatement, _ arguments: (any DatabaseValueConvertible)?...) throws -> Int
    {
        let prepared = try prepare(statement, arguments)
        try prepared.execute()
        return database.changesCount
    }

    /// Runs a plain insertion and returns the new row's integer key.
    func insert(
        _ statement: some NamedStatement, _ arguments: (any DatabaseValueConvertible)?...
    ) throws -> Int64 {
        try prepare(statement, arguments).execute()
        return database.lastInsertedRowID
    }

    /// Runs an insertion that leaves the table alone on a conflict, and then returns nil.
    func insertIfAbsent(
        _ statement: some NamedStatement, _ arguments: (any DatabaseValueConvertible)?...
    ) throws -> Int64? {
        try prepare(statement, arguments).execute()
        return database.changesCount == 0 ? nil : database.lastInsertedRowID
    }

    func rows<Element>(
        _ statement: some NamedStatement, _ arguments: (any DatabaseValueConvertible)?...,
        decode: (inout ColumnReader) throws -> Element
    ) throws -> [Element] {
        let cursor = try Row.fetchCursor(prepare(statement, arguments))
        var elements: [Element] = []
        while let row = try cursor.next() {
            var reader = ColumnReader(row: row)
            elements.append(try decode(&reader))
        }
        return elements
    }

    func row<Element>(
        _ statement: some NamedStatement, _ arguments: (any DatabaseValueConvertible)?...,
        decode: (inout ColumnReader) throws -> Element
    ) throws -> Element? {
        let cursor = try Row.fetchCursor(prepare(statement, arguments))
        guard let row = try cursor.next() else { return nil }
        var reader = ColumnReader(row: row)
        return try decode(&reader)
    }

    private func prepare(
        _ statement: some NamedStatement, _ arguments: [(any DatabaseValueConvertible)?]
    ) throws -> Statement {
        for case let text as String in arguments {
            guard let end = text.utf8.firstIndex(of: 0) else { continue }
            throw StoreError.textHoldsNUL(found: String(text[..<end]))
        }
        let prepared = try database.cachedStatement(sql: statement.rawValue)
        try prepared.setArguments(StatementArguments(arguments))
        return prepared
    }
}

/// Reads the columns of one row from left to right, in the order its statement lists them.
struct ColumnReader {
    private let row: Row
    private var index = 0

    init(row: Row) {
        self.row = row
    }

    mutating func integer() throws -> Int64 {
        try row.decode(Int64.self, atIndex: advance())
    }

    mutating func count() throws -> Int {
        try row.decode(Int.self, atIndex: advance())
    }

    mutating func optionalInteger() throws -> Int64? {
        try row.decode(Int64?.self, atIndex: advance())
    }

    mutating func text() throws -> String {
        try row.decode(String.self, atIndex: advance())
    }

    mutating func optionalText() throws -> String? {
        try row.decode(String?.self, atIndex: advance())
    }

    mutating func timestamp() throws -> Timestamp {
        Timestamp(milliseconds: try integer())
    }

    mutating func optionalTimestamp() throws -> Timestamp? {
        try optionalInteger().map(Timestamp.init(milliseconds:))
    }

    mutating func sequence() throws -> SequenceNumber {
        SequenceNumber(rawValue: try integer())
    }

    mutating func optionalSequence() throws -> SequenceNumber? {
        try optionalInteger().map(SequenceNumber.init(rawValue:))
    }

    mutating func optionalDigest() throws -> ContentDigest? {
        guard let bytes = try row.decode(Data?.self, atIndex: advance()) else { return nil }
        guard let digest = ContentDigest(bytes: [UInt8](bytes)) else {
            throw Self.damaged("a digest of \(bytes.count) bytes")
        }
        return digest
    }

    /// The first row's number, then how many.
    mutating func rowRange() throws -> RowRange {
        let low = try integer()
        let count = try count()
        guard count >= 0 else { throw Self.damaged("\(count) rows") }
        return RowRange(lowerBound: RowNumber(rawValue: low), count: count)
    }

    /// Two columns: first, and one past the last.
    mutating func range() throws -> Range<Int> {
        let low = try count()
        let high = try count()
        guard low <= high else { throw Self.damaged("a range from \(low) to \(high)") }
        return low..<high
    }

    mutating func bytes() throws -> [UInt8] {
        Array(try row.decode(Data.self, atIndex: advance()))
    }

    mutating func digest() throws -> ContentDigest {
        let bytes = try bytes()
        guard let digest = ContentDigest(bytes: bytes) else {
            throw Self.damaged("a digest of \(bytes.count) bytes")
        }
        return digest
    }

    /// The statement's choice among the cases of a text enumeration.
    mutating func choice<Choice: RawRepresentable>(_: Choice.Type = Choice.self) throws -> Choice
    where Choice.RawValue == String {
        let text = try text()
        guard let choice = Choice(rawValue: text) else { throw Self.damaged("\(Choice.self) '\(text)'") }
        return choice
    }

    mutating func json<Value: Decodable>(_: Value.Type = Value.self) throws -> Value {
        try JSONColumn.value(of: text())
    }

    mutating func vector() throws -> [Float] {
        guard let vector = try optionalVector() else { throw Self.damaged("a vector that is NULL") }
        return vector
    }

    /// A vector, read from SQLite's own page without a copy in between; nil for NULL.
    mutating func optionalVector() throws -> [Float]? {
        try row.withUnsafeData(atIndex: advance()) { data in
            guard let data else { return nil }
            guard let vector = VectorBlob.vector(of: data) else {
                throw Self.damaged("a vector of \(data.count) bytes")
            }
            return vector
        }
    }

    private mutating func advance() -> Int {
        defer { index += 1 }
        return index
    }

    static func damaged(_ what: String) -> StoreError {
        .databaseDamaged(.database(extendedCode: ResultCode.SQLITE_CORRUPT.rawValue, message: what, sql: nil))
    }
}

extension ContentDigest {
    var data: Data {
        bytes.data
    }
}

extension [UInt8] {
    var data: Data {
        Data(self)
    }
}

/// Vectors as SQLite keeps them: Float32, little endian, no padding.
enum VectorBlob {
    static func data(of vector: [Float]) -> Data {
        var data = Data(count: vector.count * 4)
        var bytes = data.mutableSpan
        for index in vector.indices {
            let bits = vector[index].bitPattern
            bytes[4 * index] = UInt8(truncatingIfNeeded: bits)
            bytes[4 * index + 1] = UInt8(truncatingIfNeeded: bits >> 8)
            bytes[4 * index + 2] = UInt8(truncatingIfNeeded: bits >> 16)
            bytes[4 * index + 3] = UInt8(truncatingIfNeeded: bits >> 24)
        }
        return data
    }

    /// Nil if the length is no multiple of four.
    static func vector(of data: Data) -> [Float]? {
        guard data.count.isMultiple(of: 4) else { return nil }
        let bytes = data.span
        return [Float](capacity: bytes.count / 4) { vector in
            for offset in stride(from: 0, to: bytes.count, by: 4) {
                let low = UInt32(bytes[offset]) | UInt32(bytes[offset + 1]) << 8
                let high = UInt32(bytes[offset + 2]) | UInt32(bytes[offset + 3]) << 8
                vector.append(Float(bitPattern: low | high << 16))
            }
        }
    }
}

/// Small maps and lists in a text column, keys sorted so that equal values are equal texts.
enum JSONColumn {
    static func text(of value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    static func value<Value: Decodable>(of text: String) throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(text.utf8))
    }
}
