import Columnar
import Foundation
import Testing

@Suite struct PageBudgetTests {
    private static let rowCount = 200_000

    private let directory: TemporaryDirectory
    private let path: String

    /// Four megabytes, most of them vectors.
    init() throws {
        directory = try TemporaryDirectory()
        path = directory.path("file")
        try Sample.write(to: path, rowCount: Self.rowCount, portion: 50_000)
    }

    /// What the kernel counts of the file's pages as this process's.
    private func residentBytes() throws -> Int {
        let file = try #require(FileHandle(forReadingAtPath: "/proc/self/smaps"))
        let lines = String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self).split(separator: "\n")
        var (isOurs, kilobytes) = (false, 0)
        for line in lines {
            let words = line.split(separator: " ")
            // A mapping's first line begins with its addresses, the others with a name.
            if let first = words.first, !first.hasSuffix(":") { isOurs = line.hasSuffix(path) }
            if isOurs, words.first == "Rss:" { kilobytes += Int(words[1]) ?? 0 }
        }
        return kilobytes * 1_024
    }

    private func readAll(_ file: ColumnFile) throws {
        var sum: Float = 0
        for start in stride(from: 0, to: Self.rowCount, by: 100) {
            try file.withColumn(Sample.vectors, rows: start..<(start + 100), as: Float.self) { sum += $0[0] }
        }
        #expect(sum > 0)
    }

    @Test func `a file that is read once through holds no more pages than it may`() throws {
        let whole = try ColumnFile(opening: path)
        try readAll(whole)
        #expect(try residentBytes() > 2 << 20)

        try withExtendedLifetime(whole) {
            let before = try residentBytes()
            let passing = try ColumnFile(opening: path, residentBytesMax: 512 << 10)
            try readAll(passing)
            // The windows at the ends of what is read, directory and header come to it.
            #expect(try residentBytes() - before < 1 << 20)
            withExtendedLifetime(passing) {}
        }
    }

    @Test func `what is read after pages were given back is the same`() throws {
        let file = try ColumnFile(opening: path, residentBytesMax: 1)
        let expected = Sample.vectors(Self.rowCount)
        for start in [0, 150_000, 3, 199_990, 70_000, 0] {
            let rows = start..<(start + 10)
            let found = try file.elements(Sample.vectors, rows, as: Float.self)
            #expect(found == Array(expected[(start * 3)..<((start + 10) * 3)]))
        }
        // A column lent whole is more than the budget, and is lent all the same.
        #expect(try file.elements(Sample.vectors, 0..<Self.rowCount, as: Float.self) == expected)
        try file.verify()
    }

    @Test func `many threads may read it`() async throws {
        let file = try ColumnFile(opening: path, residentBytesMax: 128 << 10)
        let expected = Sample.numbers(Self.rowCount)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for thread in 0..<4 {
                group.addTask {
                    for step in 0..<500 {
                        let row = (step * 7_919 + thread * 31) % (Self.rowCount - 8)
                        let found = try file.elements(Sample.numbers, row..<(row + 8), as: Int64.self)
                        #expect(found == Array(expected[row..<(row + 8)]))
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
