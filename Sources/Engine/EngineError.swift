/// What the product refuses or cannot do.
///
/// *Fix your request*: the cases of workspaces, queries and paths. *Try again later*: `ingestRunning`. Errors
/// of the layers below (`StoreError`, `DocumentError`, `EmbeddingError`, `CloudError`) pass through as they
/// are.
package enum EngineError: Error, Sendable, Equatable {
    case workspaceNotFound(String)

    /// The workspace's vectors live in another space than the embedder's: the two must never be compared.
    case spaceMismatch(expected: String, found: String)

    case emptyQuery
    case queryTooLong(byteCount: Int, byteCountMax: Int)

    /// The query does not fit the model's window; what is beyond would be lost in silence.
    case queryTokensOutOfRange(found: Int, max: Int)
    case limitOutOfRange(found: Int, allowed: ClosedRange<Int>)

    case pathNotFound(String)
    case unsupportedType(path: String, allowed: [String])
    case tooManyFiles(path: String, countMax: Int)

    /// The document would fall into more passages than one document may have.
    case tooManyChunks(found: Int, max: Int)

    /// Another process is ingesting into the workspace.
    case ingestRunning(workspace: String)

    /// The embedder answered with a matrix of another shape than it was asked for. Our bug, or the
    /// embedder's.
    case embeddingShape(expected: [Int], found: [Int])
}
