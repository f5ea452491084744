package import Kernels
import Synchronization

/// Bytes that come in parts: standard input, a file, what was uploaded.
package protocol ByteParts: Sendable {
    /// The next part, or nil at the end. One call at a time.
    func next() async throws -> [UInt8]?
}

/// Documents of an NDJSON stream, one a line. A bad line fails alone and by its number.
package final class RecordSource: IngestSource {
    private struct State: Sendable {
        var splitter: LineSplitter
        var lines: ArraySlice<LineSplitter.Line> = []
        var isAtEnd = false
    }

    private let parts: any ByteParts
    private let name: String
    private let prefix: String
    private let state: Mutex<State>

    /// - Parameters:
    ///   - name: what the stream is called where a line of it fails.
    ///   - prefix: what every path begins with; a source's name and a slash, or nothing.
    package init(
        _ parts: any ByteParts, named name: String, prefix: String = "",
        lineBytesMax: Int = DocumentRecordLine.byteCountMax
    ) {
        self.parts = parts
        self.name = name
        self.prefix = prefix
        state = Mutex(State(splitter: LineSplitter(byteCountMax: lineBytesMax)))
        self.lineBytesMax = lineBytesMax
    }

    private let lineBytesMax: Int

    package func next(on pool: ComputePool) async throws -> SourceStep? {
        while true {
            if let line = state.withLock({ $0.lines.popFirst() }) {
                return try await pool.run(in: .background) { self.step(line) }
            }
            if state.withLock({ $0.isAtEnd }) { return nil }
            let part = try await parts.next()
            state.withLock { state in
                if let part {
                    state.lines = state.splitter.lines(in: part)[...]
                } else {
                    state.isAtEnd = true
                    state.lines = [state.splitter.lastLine()].compactMap(\.self)[...]
                }
            }
        }
    }

    private func step(_ line: LineSplitter.Line) -> SourceStep {
        switch line {
        case .tooLong(let number):
            return failure(number, .lineTooLong(byteCountMax: lineBytesMax), byteCount: 0)
        case .whole(let number, let bytes):
            do {
                var item = try DocumentRecordLine(bytes).item
                item.path = try DocumentPath(prefix + item.path).text
                return .item(item)
            } catch let fault as RecordFault {
                return failure(number, fault, byteCount: bytes.count)
            } catch {
                return .failed(path: "\(name), line \(number)", byteCount: bytes.count, error)
            }
        }
    }

    private func failure(_ number: Int, _ fault: RecordFault, byteCount: Int) -> SourceStep {
        .failed(
            path: "\(name), line \(number)", byteCount: byteCount,
            EngineError.source(.record(line: number, fault)))
    }
}
