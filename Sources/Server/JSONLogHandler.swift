package import Foundation
package import Logging

/// Log lines as JSON, one object a line: `time`, `level`, `message`, and what the caller adds.
package struct JSONLogHandler: LogHandler {
    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]
    private let write: @Sendable (String) -> Void
    private let now: @Sendable () -> Date

    /// - Parameter write: takes a whole line, its end included; called from any thread.
    package init(
        level: Logger.Level, now: @escaping @Sendable () -> Date = { Date() },
        write: @escaping @Sendable (String) -> Void
    ) {
        logLevel = level
        self.now = now
        self.write = write
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var members: [(String, JSONValue)] = [
            ("time", .string(WireDate.text(now()))), ("level", .string(event.level.rawValue)),
            ("message", .string(event.message.description)),
        ]
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        members += all.map { ($0, Self.json($1)) }
        guard let data = try? JSONBody.data(of: JSONValue.object(members)) else { return }
        write(String(decoding: data, as: UTF8.self))
    }

    /// Numbers stay numbers, so that a log can be added up.
    private static func json(_ value: Logger.MetadataValue) -> JSONValue {
        switch value {
        case .string(let text): .string(text)
        case .stringConvertible(let number as Int): .integer(number)
        case .stringConvertible(let number as Double): .number(number)
        case .stringConvertible(let other): .string(other.description)
        case .array(let values): .array(values.map(json))
        case .dictionary(let values): .object(values.map { ($0, json($1)) })
        }
    }
}
