import Foundation

/// Moments as the wire has them: RFC 3339, UTC, milliseconds.
enum WireDate {
    static func text(_ date: Date) -> String {
        date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}
