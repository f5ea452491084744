/// Moments as attributes have them: `2026-01-31`, which is its first moment in UTC, or RFC 3339 with an offset.
///
/// Days are counted as in H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", 2014: years begin in March, eras
/// have 400 of them. No calendar of the system is asked, so that every machine reads the same.
package enum AttributeDate {
    private static let dayMilliseconds: Int64 = 86_400_000

    /// Years 0000 to 9999; digits of a second beyond the third are left out.
    package static let bounds: ClosedRange<Int64> = -62_167_219_200_000...253_402_300_799_999

    /// Nil for every other text.
    package static func milliseconds(of text: String) -> Int64? {
        var reader = DateReader(text)
        guard (10...40).contains(text.utf8.count), let year = reader.number(4), reader.takes("-"),
            let month = reader.number(2), reader.takes("-"), let day = reader.number(2),
            (1...12).contains(month), (1...daysOf(month: month, year: year)).contains(day)
        else { return nil }
        let midnight = Int64(days(year: year, month: month, day: day)) * dayMilliseconds
        if reader.isAtEnd { return midnight }
        guard let time = reader.time(), reader.isAtEnd, bounds.contains(midnight + time) else { return nil }
        return midnight + time
    }

    /// `2026-01-31T00:00:00Z`, with three digits of the second where it is no whole one.
    package static func text(milliseconds: Int64) -> String {
        let moment = min(max(milliseconds, bounds.lowerBound), bounds.upperBound)
        var rest = moment % dayMilliseconds
        if rest < 0 { rest += dayMilliseconds }
        let (year, month, day) = civil(days: Int((moment - rest) / dayMilliseconds))
        let seconds = Int(rest / 1_000)
        let fraction = rest % 1_000 == 0 ? "" : "." + padded(Int(rest % 1_000), 3)
        let time = [seconds / 3_600, seconds / 60 % 60, seconds % 60].map { padded($0, 2) }
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T"
            + time.joined(separator: ":") + fraction + "Z"
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(width - digits.count, 0)) + digits
    }

    private static func daysOf(month: Int, year: Int) -> Int {
        switch month {
        case 2: year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400)) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private static func days(year: Int, month: Int, day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func civil(days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth + (shiftedMonth < 10 ? 3 : -9)
        return (
            yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month,
            dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        )
    }
}

/// Reads a date from left to right.
private struct DateReader {
    private var rest: Substring.UTF8View

    init(_ text: String) {
        rest = text[...].utf8
    }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func takes(_ allowed: Character...) -> Bool {
        guard let first = rest.first, allowed.contains(where: { $0.asciiValue == first }) else {
            return false
        }
        rest.removeFirst()
        return true
    }

    /// Exactly so many digits.
    mutating func number(_ digitCount: Int) -> Int? {
        guard rest.count >= digitCount, rest.prefix(digitCount).allSatisfy(Self.isDigit) else { return nil }
        defer { rest.removeFirst(digitCount) }
        return rest.prefix(digitCount).reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    /// `T09:30:00.5+02:00`, in milliseconds since midnight in UTC.
    mutating func time() -> Int64? {
        guard takes("T", "t"), let hour = number(2), takes(":"), let minute = number(2), takes(":"),
            let second = number(2), hour < 24, minute < 60, second < 60
        else { return nil }
        var milliseconds = 0
        if takes(".") {
            let digits = rest.prefix(while: Self.isDigit)
            guard !digits.isEmpty else { return nil }
            for place in 0..<3 {
                let digit = digits.dropFirst(place).first.map { Int($0 - 0x30) } ?? 0
                milliseconds = milliseconds * 10 + digit
            }
            rest.removeFirst(digits.count)
        }
        guard let offset = offsetMinutes() else { return nil }
        let seconds = (hour * 60 + minute - offset) * 60 + second
        return Int64(seconds * 1_000 + milliseconds)
    }

    private mutating func offsetMinutes() -> Int? {
        if takes("Z", "z") { return 0 }
        let isWest = rest.first == 0x2D
        guard takes("+", "-"), let hours = number(2), takes(":"), let minutes = number(2), hours < 24,
            minutes < 60
        else { return nil }
        return (hours * 60 + minutes) * (isWest ? -1 : 1)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
