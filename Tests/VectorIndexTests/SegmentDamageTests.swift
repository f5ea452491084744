import Foundation
import TestSupport
import Testing
import VectorIndex

@Suite struct SegmentDamageTests {
    private let directory: TemporaryDirectory
    private let place: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        place = try TemporaryDirectory()
    }

    /// A sealed segment of rows with documents, and what a search of it answers.
    private func sealed(
        rowCount: Int, dimension: Int
    ) throws -> (SegmentDescription, query: [Float], answer: [Neighbor]) {
        var random = SplitMix64(seed: 4)
        let index = VectorIndex(configuration: .init(dimension: dimension))
        let rows = (0..<rowCount).map {
            IndexRow(Int64($0), document: Int64($0 / 2), random.vector(dimension))
        }
        try index.apply(IndexChange(sequence: 1, insertions: rows))
        let description = try index.writeSegment(number: 1, in: directory.url)
        let query = random.vector(dimension)
        return (description, query, try index.snapshot.search(query, k: 10))
    }

    /// Opens a file with these bytes in the segment's place: either some step throws, or the answer is right.
    private func check(
        _ bytes: [UInt8], _ description: SegmentDescription, _ query: [Float], _ answer: [Neighbor]
    ) throws {
        let file = place.url.appending(path: description.fileName)
        try Data(bytes).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let index = VectorIndex(configuration: .init(dimension: description.dimension))
        #expect(throws: VectorIndexError.self) {
            try index.open([description], in: place.url)
            let found = try index.snapshot.search(query, k: 10)
            #expect(found == answer)
            try index.snapshot.verify(segment: description.number)
        }
    }

    @Test func `checked before believed: a flipped byte of a segment is an error, never a wrong answer`()
        throws
    {
        let (description, query, answer) = try sealed(rowCount: 12, dimension: 3)
        let whole = try directory.bytes(of: description)
        for offset in whole.indices {
            var bytes = whole
            bytes[offset] ^= 0x10
            try check(bytes, description, query, answer)
        }
    }

    @Test func `200 random flips in a larger segment are errors, and never a wrong answer`() throws {
        let (description, query, answer) = try sealed(rowCount: 4000, dimension: 24)
        let whole = try directory.bytes(of: description)
        var random = SplitMix64(seed: 20)
        for _ in 0..<200 {
            var bytes = whole
            bytes[Int.random(in: 0..<whole.count, using: &random)] ^=
                1 << UInt8.random(in: 0..<8, using: &random)
            try check(bytes, description, query, answer)
        }
    }

    @Test func `every truncation of a small segment is an error`() throws {
        let (description, query, answer) = try sealed(rowCount: 3, dimension: 2)
        let whole = try directory.bytes(of: description)
        for length in whole.indices {
            try check(Array(whole[..<length]), description, query, answer)
        }
    }

    @Test func `a missing file is an error that names the segment`() throws {
        let (description, _, _) = try sealed(rowCount: 3, dimension: 2)
        let index = VectorIndex(configuration: .init(dimension: 2))
        let empty = try TemporaryDirectory()
        let error = #expect(throws: VectorIndexError.self) { try index.open([description], in: empty.url) }
        guard case .segmentDamaged(number: 1, _)? = error else {
            Issue.record("found \(String(describing: error))")
            return
        }
    }

    @Test func `a file that cannot be read is not called damaged`() throws {
        let (description, _, _) = try sealed(rowCount: 3, dimension: 2)
        let index = VectorIndex(configuration: .init(dimension: 2))
        // A link to itself: opening it fails for everybody, with ELOOP.
        let path = place.url.appending(path: description.fileName)
        try FileManager.default.createSymbolicLink(at: path, withDestinationURL: path)
        let error = #expect(throws: VectorIndexError.self) { try index.open([description], in: place.url) }
        guard case .segmentUnreadable(number: 1, _)? = error else {
            Issue.record("found \(String(describing: error))")
            return
        }
    }

    @Test func `damage found by a search names the segment and gives no partial result`() throws {
        let (description, query, _) = try sealed(rowCount: 4000, dimension: 24)
        var bytes = try directory.bytes(of: description)
        bytes[bytes.count / 2] ^= 1
        try Data(bytes).write(to: place.url.appending(path: description.fileName))
        let index = VectorIndex(configuration: .init(dimension: 24))
        try index.open([description], in: place.url)
        for search in [
            { _ = try index.snapshot.search(query, k: 1) },
            { _ = try index.snapshot.search(batch: [query], k: 1) },
        ] {
            let error = #expect(throws: VectorIndexError.self) { try search() }
            guard case .segmentDamaged(number: 1, let cause)? = error else {
                Issue.record("found \(String(describing: error))")
                return
            }
            #expect("\(cause)".contains("1.vectors"))
        }
        try index.withdraw(segment: 1)
        #expect(try index.snapshot.search(query, k: 1) == [])
    }
}
