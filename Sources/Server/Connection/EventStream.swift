import Foundation
import Hummingbird
import NIOCore
import Synchronization

/// Server-sent events (WHATWG HTML, section 9.2), as text.
enum EventText {
    /// - Parameter id: what a client that was cut off sends as `Last-Event-ID`.
    static func event(_ name: String, id: Int64, _ value: some Encodable) throws -> ByteBuffer {
        // JSON has no line end but the one that our writer puts behind it.
        let data = String(decoding: try JSONBody.data(of: value), as: UTF8.self)
            .trimmingCharacters(in: .newlines)
        return ByteBuffer(string: "id: \(id)\nevent: \(name)\ndata: \(data)\n\n")
    }

    /// A comment: keeps proxies from taking a quiet connection for a dead one.
    static let heartbeat = ByteBuffer(string: ": still here\n\n")

    /// How long a client waits before it comes back, in milliseconds.
    static let retry = ByteBuffer(string: "retry: 1000\n\n")
}

/// Counts the streams that are open, which hold a connection and not a place among the requests.
final class StreamGate: Sendable {
    /// A place; given back when nobody holds it any more.
    final class Place: Sendable {
        private let gate: StreamGate

        fileprivate init(_ gate: StreamGate) {
            self.gate = gate
        }

        deinit {
            gate.count.withLock { $0 -= 1 }
        }
    }

    private let countMax: Int
    private let count = Mutex(0)

    init(countMax: Int) {
        self.countMax = countMax
    }

    /// - Throws: `ServerError.overloaded`.
    func enter() throws(ServerError) -> Place {
        let isAdmitted = count.withLock { count in
            guard count < countMax else { return false }
            count += 1
            return true
        }
        guard isAdmitted else { throw .overloaded(countMax: countMax) }
        return Place(self)
    }
}
