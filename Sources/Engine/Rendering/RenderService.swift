import Documents

/// The other end of `ChildProcessRenderer`: a process that reads documents for another one, and can do nothing else.
package enum RenderService {
    /// Answers what comes in over standard input until the other end is closed. Limits itself first: memory
    /// beyond what it has now, open files, files written, core dumps; and processor time anew for each
    /// document.
    package static func run() throws {
        try ProcessLimits.applyToRenderer(memoryBytesMax: DocumentLimits.renderMemoryBytesMax)
        let connection = FrameConnection(descriptor: 0)
        while let head = connection.receive(RenderFrame.requestHeadBytes, until: nil) {
            let (typeBytes, documentBytes) = RenderFrame.lengths(head)
            guard typeBytes <= RenderFrame.typeBytesMax, documentBytes <= DocumentLimits.byteCountMax,
                let name = connection.receive(typeBytes, until: nil),
                let type = MediaType(rawValue: String(decoding: name, as: UTF8.self)),
                let bytes = connection.receive(documentBytes, until: nil)
            else { return }
            ProcessLimits.allowProcessorTime(seconds: DocumentLimits.renderSecondsMax)
            let result: Result<Rendition, DocumentError>
            do {
                result = .success(try DocumentRenderer.render(bytes, as: type))
            } catch {
                result = .failure(error)
            }
            guard connection.send(try RenderFrame.answer(result), until: nil) else { return }
        }
    }
}
