import Foundation

/// Where words for people and for machines go.
enum Terminal {
    static func print(_ text: String) {
        write(text + "\n", to: .standardOutput)
    }

    static func printError(_ text: String) {
        write(text + "\n", to: .standardError)
    }

    /// Writes without a line's end, on standard error.
    static func redraw(_ text: String) {
        write("\r\u{1b}[2K\(text)", to: .standardError)
    }

    /// Output that cannot be written (a full disk) ends the command: nobody would read the rest.
    private static func write(_ text: String, to file: FileHandle) {
        do {
            try file.write(contentsOf: Data(text.utf8))
        } catch {
            exit(2)
        }
    }

    /// Whether somebody is looking at what `redraw` draws.
    static var errorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }
    static var outputIsTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Bold on a terminal, plain elsewhere and where `NO_COLOR` is set.
    static func bold(_ text: String) -> String { styled(text, code: "1") }
    static func dim(_ text: String) -> String { styled(text, code: "2") }

    private static func styled(_ text: String, code: String) -> String {
        let plain = !outputIsTerminal || ProcessInfo.processInfo.environment["NO_COLOR"] != nil
        return plain ? text : "\u{1b}[\(code)m\(text)\u{1b}[0m"
    }

    /// Text from a document with control characters made harmless: a document cannot steer a terminal.
    static func harmless(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    let isControl = scalar.properties.generalCategory == .control && scalar != "\n"
                    return scalar == "\t" ? " " : isControl ? "\u{fffd}" : scalar
                }))
    }

    static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}

/// Figures as people read them.
enum Figure {
    static func bytes(_ count: Int) -> String {
        let units = ["B", "KiB", "MiB", "GiB", "TiB"]
        var value = Double(count)
        var unit = 0
        while value >= 1024, unit < units.count - 1 {
            value /= 1024
            unit += 1
        }
        return unit == 0 ? "\(count) B" : String(format: "%.1f %@", value, units[unit])
    }

    static func count(_ count: Int, _ one: String, _ many: String? = nil) -> String {
        "\(grouped(count)) \(count == 1 ? one : many ?? one + "s")"
    }

    static func seconds(_ duration: Duration) -> String {
        String(format: "%.1f s", duration / .seconds(1))
    }

    static func milliseconds(_ duration: Duration) -> Double {
        ((duration / .microseconds(1)).rounded()) / 1000
    }

    private static func grouped(_ count: Int) -> String {
        var digits = Substring(String(count))
        var groups: [Substring] = []
        while digits.count > 3 {
            groups.insert(digits.suffix(3), at: 0)
            digits = digits.dropLast(3)
        }
        return ([digits] + groups).joined(separator: ",")
    }
}
