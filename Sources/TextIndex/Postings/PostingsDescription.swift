import Foundation

/// What a manifest records about one sealed segment: enough to know its file again.
package struct PostingsDescription: Sendable, Hashable, Codable {
    /// Allocated by the owner of the manifest before the first byte was written; never reused.
    package let number: Int64
    package let rowCount: Int

    /// Commits covered: all rows of these that were alive are in the segment, or in an earlier one. An index
    /// that is opened from segments needs the log's rows only from after the last sequence that they cover.
    package let sequences: ClosedRange<Int64>

    /// Length of the file.
    package let byteCount: Int64

    /// Checksum over the file's header, which seals the directory's, which seals every block's: 16 hex
    /// digits.
    package let digest: String

    package init(
        number: Int64, rowCount: Int, sequences: ClosedRange<Int64>, byteCount: Int64, digest: String
    ) {
        self.number = number
        self.rowCount = rowCount
        self.sequences = sequences
        self.byteCount = byteCount
        self.digest = digest
    }

    /// The file's name inside the directory of segments, for example `17.postings`.
    package var fileName: String {
        Self.fileName(number: number)
    }

    /// The name of the file of segment `number`.
    package static func fileName(number: Int64) -> String {
        "\(number).postings"
    }

    func path(in directory: URL) -> String {
        directory.appending(path: fileName, directoryHint: .notDirectory).path(percentEncoded: false)
    }
}
