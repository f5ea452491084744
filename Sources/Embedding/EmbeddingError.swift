/// Why a model could not be loaded or a text not be embedded.
///
/// Fix your request: `tooManyTexts`, `textTooLong`. Install the model, or install it again: `fileMissing`,
/// `fileUnreadable`, `byteCountMismatch`. Data is damaged, or is a model this program does not know: all
/// others.
package enum EmbeddingError: EmbedderFailure, Sendable {
    /// No such file in the model's directory.
    case fileMissing(name: String)

    /// The system would not open or map the file; `code` is its `errno`.
    case fileUnreadable(name: String, code: Int32)

    /// The file's size is not the one `model.json` states.
    case byteCountMismatch(file: String, found: Int, expected: Int)

    /// A JSON file, or the JSON header of a weights file, does not have the form it must have.
    case malformedJSON(file: String, cause: any Error)

    /// Bytes at `byteOffset` state a length or an end, `found`, that is more than `expectedMax`.
    case malformedHeader(file: String, byteOffset: Int, found: UInt64, expectedMax: UInt64)

    /// The bytes at `byteOffset` say what they cannot.
    case malformedField(file: String, byteOffset: Int, found: String, expected: String)

    case tensorMissing(name: String)
    case tensorTypeMismatch(name: String, found: String, expected: String)
    case tensorShapeMismatch(name: String, found: [Int], expected: [Int])

    /// A tensor's stated bytes are not inside the file's data, or not as many as its shape needs.
    case tensorBytesMismatch(name: String, found: [Int], expectedCount: Int, within: Int)

    /// The model is of a kind this program does not compute: `field` of `file` says `found`.
    case unsupportedModel(file: String, field: String, found: String, expected: String)

    /// The vocabulary does not number its pieces 0 to `expected` - 1, once each; `found` of them are right.
    case vocabularyMismatch(found: Int, expected: Int)

    case tooManyTexts(found: Int, max: Int)

    /// The text at `index` of the call has `found` bytes of UTF-8.
    case textTooLong(index: Int, found: Int, max: Int)

    /// The model is what it is.
    package var isRetriable: Bool { false }
}
