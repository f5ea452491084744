package import Documents

/// Who makes renditions of documents that are no text.
package protocol Renderer: Sendable {
    /// - Throws: `DocumentError` where the document is at fault; `EngineError.rendererStopped` where reading it had to
    ///   be broken off.
    func render(_ bytes: [UInt8], as mediaType: MediaType) async throws -> Rendition
}

/// Renders in this very process, on the thread that asks: what goes wrong in a parser takes the process
/// along. For tests and tools that read their own documents.
package struct InProcessRenderer: Renderer {
    package init() {}

    package func render(_ bytes: [UInt8], as mediaType: MediaType) async throws -> Rendition {
        try DocumentRenderer.render(bytes, as: mediaType)
    }
}

/// Why the reading of a document was broken off.
package enum RendererStop: Sendable, Hashable {
    case timeout(seconds: Int)
    case memory(mebibytes: Int)

    /// By a signal, or with an exit code.
    case crash(signal: Int32?)

    /// Its answer was cut off or garbled.
    case garbled

    /// It could not be begun.
    case notStarted(code: Int32)
}

extension Renderer {
    /// The text of a document that is none; nil where the bytes themselves are read.
    func rendition(of content: DocumentContent) async throws -> Rendition? {
        guard DocumentRenderer.isNeeded(for: content.bytes, as: content.mediaType) else { return nil }
        return try await render(content.bytes, as: content.mediaType)
    }
}
