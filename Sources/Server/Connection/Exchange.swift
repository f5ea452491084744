import Hummingbird
import Logging
import NIOCore
import Synchronization

/// One request and its answer, as the log and the connection need to know them. What is learnt on the way in is
/// read on the way out.
final class Exchange: Sendable {
    struct Facts: Sendable {
        var route: String?
        var workspace: String?
        var key: String?

        /// What was asked of a route that serves several things; never a client's own words.
        var operation: String?

        /// What was told in a good answer because it did not go well.
        var refusal: Refusal?

        /// True once the body was read to its end.
        var bodyIsRead = false
    }

    let requestID: String
    private let state = Mutex(Facts())

    init(requestID: String) {
        self.requestID = requestID
    }

    var facts: Facts { state.withLock { $0 } }

    func note(_ change: (inout Facts) -> Void) {
        state.withLock { change(&$0) }
    }
}

/// What Hummingbird carries along with a request.
struct ServerContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel
    var exchange: Exchange

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
        exchange = Exchange(requestID: RequestName.make())
    }
}

/// Names of requests.
enum RequestName {
    /// Characters of a name that somebody else gave.
    static let characterCountMax = 128

    static func make() -> String {
        "req_" + String(UInt64.random(in: .min ... .max), radix: 36)
            + String(UInt64.random(in: .min ... .max), radix: 36)
    }

    /// A name from before us, if it cannot do harm in a log: letters, digits, `-`, `_`, `.`.
    static func accepted(_ text: String?) -> String? {
        guard let text, (1...characterCountMax).contains(text.utf8.count),
            text.utf8.allSatisfy({ byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
            })
        else { return nil }
        return text
    }
}
