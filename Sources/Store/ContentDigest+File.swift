import Crypto
package import Foundation

extension ContentDigest {
    /// Bytes that are read at a time.
    private static let pieceBytes = 4 << 20

    /// Of a file's bytes, of any number.
    ///
    /// - Throws: what Foundation does if the file cannot be opened or read.
    package init(ofFile url: URL) throws {
        let file = try FileHandle(forReadingFrom: url)
        defer { try? file.close() }
        var hasher = SHA256()
        while let piece = try file.read(upToCount: Self.pieceBytes), !piece.isEmpty {
            hasher.update(data: piece)
        }
        self.init(hash: hasher.finalize())
    }
}
