import Foundation

/// What a manifest records about one quantizer: enough to know its file again.
public struct QuantizerDescription: Sendable, Hashable, Codable {
    /// Allocated like a segment's and never reused; segments name it as their quantizer version.
    public let number: Int64

    /// Inverted lists: `nlist`.
    public let listCount: Int
    public let dimension: Int

    /// Length of the file.
    public let byteCount: Int64

    /// Checksum over the file's header: 16 hex digits.
    public let digest: String

    public init(number: Int64, listCount: Int, dimension: Int, byteCount: Int64, digest: String) {
        self.number = number
        self.listCount = listCount
        self.dimension = dimension
        self.byteCount = byteCount
        self.digest = digest
    }

    /// The file's name inside the directory of segments, for example `18.quantizer`.
    public var fileName: String {
        Self.fileName(number: number)
    }

    /// The name of the file of quantizer `number`.
    public static func fileName(number: Int64) -> String {
        "\(number).quantizer"
    }

    func path(in directory: URL) -> String {
        directory.appending(path: fileName, directoryHint: .notDirectory).path(percentEncoded: false)
    }
}
