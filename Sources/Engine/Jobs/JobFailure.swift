import Documents
import Embedding
import Store

/// Why a document of a job failed: a code for programs, words for people, and whether it may pass.
struct JobFailure {
    let failure: ItemFailure

    /// Whether trying again in a moment may help, with nothing done by anybody.
    let isTransient: Bool

    /// - Parameter words: puts an error into words.
    init(_ error: any Error, words: (any Error) -> String) {
        let translated = EngineError(translating: error)
        isTransient =
            switch translated {
            case .embedderFailed(let isRetriable): isRetriable
            case .storeBusy, .documentContended: true
            default: false
            }
        let isRetriable =
            switch translated {
            case .embedderFailed, .storeBusy, .documentContended, .diskFull, .storageFailed, .cancelled,
                .spaceMismatch, .quotaExceeded, .unexpected:
                true
            default: false
            }
        failure = ItemFailure(code: translated.code, reason: words(error), isRetriable: isRetriable)
    }

    /// Of the documents of a job that was called off.
    static let cancelled = ItemFailure(
        code: "cancelled", reason: "the job was cancelled", isRetriable: true)

    /// Of the documents of a job whose process died, and nobody else has their bytes.
    static let interrupted = ItemFailure(
        code: "interrupted", reason: "the process that read it ended; run the ingest again", isRetriable: true
    )
}

extension EngineError {
    /// The case's name as programs know it: `documentTooLarge` is `document_too_large`.
    package var code: String {
        let name = Mirror(reflecting: self).children.first?.label ?? "\(self)"
        return name.reduce(into: "") { code, character in
            if character.isUppercase { code += "_" }
            code += character.lowercased()
        }
    }
}
