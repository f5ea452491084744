package import Foundation

/// A date as HTTP writes it (RFC 9110, 5.6.7), in its three forms.
package enum HTTPDate {
    private static let months = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]

    /// `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT`, `Sun Nov  6 08:49:37 1994`; nil for
    /// anything else.
    package static func date(_ text: String) -> Date? {
        let words = text.lowercased().split { " ,-".contains($0) }.map(String.init)
        guard words.count == 5 || words.count == 6, words.count == 5 || words[5] == "gmt" else { return nil }
        // Only the last form begins with the month and ends with the year.
        let isPlain = words.count == 5
        let (day, month, year, clock) =
            isPlain ? (words[2], words[1], words[4], words[3]) : (words[1], words[2], words[3], words[4])
        guard let month = months.firstIndex(of: month), let day = Int(day), let year = fullYear(year),
            let seconds = seconds(clock), (1...31).contains(day)
        else { return nil }
        return Date(timeIntervalSince1970: Double(days(year, month + 1, day) * 86_400 + seconds))
    }

    /// Two digits are the year next to 2000 that they can be.
    private static func fullYear(_ text: String) -> Int? {
        guard let year = Int(text), (0...9_999).contains(year) else { return nil }
        return text.count > 2 ? year : year + (year < 70 ? 2_000 : 1_900)
    }

    private static func seconds(_ text: String) -> Int? {
        let parts = text.split(separator: ":").map { Int($0) ?? -1 }
        guard parts.count == 3, (0..<24).contains(parts[0]), (0..<60).contains(parts[1]),
            (0...60).contains(parts[2])
        else { return nil }
        return parts[0] * 3_600 + parts[1] * 60 + parts[2]
    }

    /// Days since 1970-01-01 in the Gregorian calendar. The year is taken to begin in March, so that the leap day
    /// is its last (H. Hinnant, chrono-Compatible Low-Level Date Algorithms, 2013: `days_from_civil`).
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}
