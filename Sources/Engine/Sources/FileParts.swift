import Dispatch
package import Foundation

/// The bytes of a file, a pipe or a terminal, part by part.
///
/// Reading may wait for whoever writes into a pipe, for hours: it has a thread of its own, and holds up none of the
/// pool.
package final class FileParts: ByteParts {
    private static let partBytes = 262_144

    private let file: FileHandle
    private let queue = DispatchQueue(label: "carrel.read")

    package init(_ file: FileHandle) {
        self.file = file
    }

    package func next() async throws -> [UInt8]? {
        try await withCheckedThrowingContinuation { continuation in
            queue.async {
                continuation.resume(
                    with: Result {
                        guard let data = try self.file.read(upToCount: Self.partBytes), !data.isEmpty else {
                            return nil
                        }
                        return [UInt8](data)
                    })
            }
        }
    }
}

extension Library {
    /// A file for what a request sends, before it is known to be good. It is on the disk that the workspaces are on,
    /// and in no listing of it.
    package func makeUpload() throws(POSIXError) -> UnnamedFile {
        try UnnamedFile(in: uploadsDirectory.path)
    }
}
